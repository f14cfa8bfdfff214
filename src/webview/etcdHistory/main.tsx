import { render } from 'preact';
import { isToHistory } from '../../protocol/check.ts';
import { historyVersion, type FromHistory } from '../../protocol/etcdHistory.ts';
import { DiskView } from './diskView.tsx';
import { RevisionsView } from './revisionsView.tsx';
import { HistoryState } from './state.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromHistory): void };

const host = acquireVsCodeApi();
const state = new HistoryState((message) => host.postMessage(message));

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (isToHistory(data)) state.receive(data);
});

function App() {
  if (state.isStopped.value) return <p class="empty">{state.t('stopped')}</p>;
  if (!state.position.value) return <p class="empty">{state.t('loading')}</p>;
  return (
    <main>
      <RevisionsView state={state} position={state.position.value} />
      {state.disk.value && <DiskView state={state} disk={state.disk.value} />}
    </main>
  );
}

const root = document.getElementById('root');
if (root) render(<App />, root);
host.postMessage({ type: 'ready', version: historyVersion });
