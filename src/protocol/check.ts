import type { FromHistory, ToHistory } from './etcdHistory.ts';
import type { FromWebview, ToWebview } from './timeline.ts';

type Fields = Readonly<Record<string, 'number' | 'string' | 'object' | 'number?' | 'string?'>>;

const fromWebview: Readonly<Record<FromWebview['type'], Fields>> = {
  ready: { version: 'number' },
  select: { id: 'number' },
  cursor: { revision: 'number?' },
  openKey: { key: 'string', revision: 'number' },
  openDiff: { key: 'string', revision: 'number' },
  refresh: {},
};

const toWebview: Readonly<Record<ToWebview['type'], Fields>> = {
  strings: { version: 'number', strings: 'object' },
  model: { model: 'object', select: 'number?' },
  details: { details: 'object' },
  select: { id: 'number' },
  command: { command: 'string' },
  problem: { message: 'string' },
};

const fromHistory: Readonly<Record<FromHistory['type'], Fields>> = {
  ready: { version: 'number' },
  travel: { revision: 'number?' },
  openTrace: { event: 'number' },
  openDiff: { key: 'string', revision: 'number' },
};

const toHistory: Readonly<Record<ToHistory['type'], Fields>> = {
  strings: { version: 'number', strings: 'object' },
  position: { position: 'object' },
  disk: { disk: 'object' },
  stopped: {},
  focus: {},
};

function matches(message: unknown, shapes: Readonly<Record<string, Fields>>): boolean {
  if (message === null || typeof message !== 'object') return false;
  const { type } = message as { type?: unknown };
  const fields = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  return (
    fields !== undefined &&
    Object.entries(fields).every(([name, shape]) => {
      const value = (message as Record<string, unknown>)[name];
      if (shape.endsWith('?') && value === undefined) return true;
      return value !== null && typeof value === shape.replace('?', '');
    })
  );
}

/** Whether something that came from a webview is one of its messages. */
export const isFromWebview = (message: unknown): message is FromWebview =>
  matches(message, fromWebview);

/** Whether something that came from the host is one of its messages. */
export const isToWebview = (message: unknown): message is ToWebview => matches(message, toWebview);

/** The same for the view of etcd over time. */
export const isFromHistory = (message: unknown): message is FromHistory =>
  matches(message, fromHistory);

export const isToHistory = (message: unknown): message is ToHistory => matches(message, toHistory);
