import { useEffect } from 'preact/hooks';
import { DetailsView } from './detailsView.tsx';
import { LanesView } from './lanesView.tsx';
import type { TimelineState } from './state.ts';
import { Toolbar } from './toolbar.tsx';
import { TreeView } from './treeView.tsx';

export function App({ state }: { readonly state: TimelineState }) {
  usePlayback(state);
  useKeys(state);
  const model = state.model.value;
  if (state.problem.value !== undefined) return <p class="empty">{state.problem.value}</p>;
  if (!model) return <p class="empty">{state.t('loading')}</p>;
  return (
    <div class="timeline">
      <Toolbar state={state} />
      <div class="body">
        <div class={state.view.value === 'lanes' ? 'main' : 'main listed'}>
          {state.view.value === 'lanes' && <LanesView state={state} />}
          <TreeView state={state} />
        </div>
        <DetailsView state={state} />
      </div>
      <div class="visually-hidden" aria-live="polite">
        {announcement(state)}
      </div>
    </div>
  );
}

function announcement(state: TimelineState): string {
  const current = state.current.value;
  if (!current) return '';
  const count = state.layout.value?.placed.length ?? 0;
  return `${current.step + 1}/${count}. ${current.item.sentence}`;
}

function usePlayback(state: TimelineState): void {
  const isPlaying = state.playing.value;
  const pace = state.pace.value;
  useEffect(() => {
    if (!isPlaying) return undefined;
    const timer = setInterval(() => {
      if (!state.step(1)) state.playing.value = false;
    }, 1000 / pace);
    return () => clearInterval(timer);
  }, [isPlaying, pace, state]);
}

/** Keys work wherever the focus is in the webview, also before anything in it was clicked. */
function useKeys(state: TimelineState): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event, state);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [state]);
}

const keys: Readonly<Record<string, (state: TimelineState, event: KeyboardEvent) => void>> = {
  ArrowRight: (state, event) => (event.shiftKey ? state.stepInLane(1) : void state.step(1)),
  ArrowLeft: (state, event) => (event.shiftKey ? state.stepInLane(-1) : void state.step(-1)),
  ArrowUp: (state) => state.toCause(),
  ArrowDown: (state) => state.toEffect(),
  Home: (state) => state.toFirst(),
  End: (state) => state.toLast(),
  ' ': (state) => (state.playing.value = !state.playing.value),
  Enter: (state) => openOrToggle(state),
  '+': (state) => state.zoomBy(1.25),
  '=': (state) => state.zoomBy(1.25),
  '-': (state) => state.zoomBy(0.8),
  '0': (state) => (state.zoom.value = 1),
  t: (state) => (state.view.value = state.view.value === 'lanes' ? 'tree' : 'lanes'),
};

function openOrToggle(state: TimelineState): void {
  const id = state.selected.value;
  if (id === undefined) return;
  if (state.hasParts(id)) state.toggle(id);
  else state.openDiff();
}

function onKey(event: KeyboardEvent, state: TimelineState): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  const isField = target.closest('select, input') !== null;
  const isControl = isField || target.closest('button, a') !== null;
  const isTree = target.closest('[role=tree]') !== null;
  if (isField || (isControl && [' ', 'Enter'].includes(event.key))) return;
  if (isTree && event.key !== ' ' && event.key !== 't') return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action(state, event);
}
