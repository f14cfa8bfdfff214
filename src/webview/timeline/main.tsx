import { render } from 'preact';
import { isToWebview } from '../../protocol/check.ts';
import { protocolVersion, type FromWebview } from '../../protocol/timeline.ts';
import { App } from './app.tsx';
import { TimelineState, type SavedState } from './state.ts';

interface VsCodeApi {
  postMessage(message: FromWebview): void;
  setState(state: SavedState): void;
  getState(): SavedState | undefined;
}
declare function acquireVsCodeApi(): VsCodeApi;

const host = acquireVsCodeApi();
const state = new TimelineState(
  (message) => host.postMessage(message),
  (saved) => host.setState(saved),
);

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (!isToWebview(data)) return;
  switch (data.type) {
    case 'strings':
      state.strings.value = data.strings;
      break;
    case 'model':
      state.setModel(data.model, data.select ?? restored(data.model.story));
      break;
    case 'details':
      if (data.details.id === state.selected.value) state.details.value = data.details;
      break;
    case 'select':
      state.select(data.id);
      break;
    case 'command':
      run(data.command);
      break;
    case 'problem':
      state.problem.value = data.message;
      break;
  }
});

/** After a reload the same event is selected again. */
function restored(story: string): number | undefined {
  const saved = host.getState();
  return saved?.story === story && state.model.value === undefined ? saved.selected : undefined;
}

const commands: Readonly<Record<string, () => void>> = {
  forward: () => void state.step(1),
  back: () => void state.step(-1),
  playPause: () => (state.playing.value = !state.playing.value),
  first: () => state.toFirst(),
  last: () => state.toLast(),
  cause: () => state.toCause(),
  effect: () => state.toEffect(),
  fit: () => (state.zoom.value = 1),
};

function run(command: string): void {
  commands[command]?.();
}

const root = document.getElementById('root');
if (root) render(<App state={state} />, root);
host.postMessage({ type: 'ready', version: protocolVersion });
