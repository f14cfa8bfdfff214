import { decodeUtf8 } from '../../base/bytes.ts';
import type { KeyEntry, KeyPage, KeyRevision, KeyVersion } from '../../source/port.ts';
import { keyOfText, prefixEnd, textOfKey } from '../../sim/etcd/key.ts';
import type { KeyValue } from '../../sim/etcd/kv.ts';
import type { Store } from '../../sim/etcd/store.ts';
import type { EventId, TraceEvent } from '../../trace/event.ts';

/** Keys that one range reads while it looks for the entries of a level. */
const chunk = 500;

/** One level of the tree below a prefix: the store is asked for the first key of each sub-prefix, not for all its keys. */
export function childrenOf(
  store: Store,
  prefix: string,
  options: { after?: string; limit: number; revision?: number },
): KeyPage {
  const base = keyOfText(prefix);
  const end = prefixEnd(base);
  const at = options.revision === undefined ? {} : { revision: options.revision };
  const entries: KeyEntry[] = [];
  let from = options.after === undefined ? base || '\0' : afterEntry(options.after);
  while (entries.length < options.limit) {
    const { kvs } = store.rangeNow({ key: from, rangeEnd: end, limit: chunk, ...at });
    if (!kvs.length) return { revision: store.revision, entries, remaining: 0 };
    let next: string | undefined;
    for (const kv of kvs) {
      if (next !== undefined && kv.key < next) continue;
      if (entries.length >= options.limit) break;
      const slash = kv.key.indexOf('/', base.length + (kv.key[base.length] === '/' ? 1 : 0));
      if (slash < 0) {
        entries.push(keyEntry(kv, prefix));
        next = `${kv.key}\0`;
      } else {
        const sub = kv.key.slice(0, slash + 1);
        const count = store.rangeNow({
          key: sub,
          rangeEnd: prefixEnd(sub),
          countOnly: true,
          ...at,
        }).count;
        entries.push({
          type: 'prefix',
          prefix: textOfKey(sub),
          label: textOfKey(sub).slice(prefix.length),
          count,
        });
        next = prefixEnd(sub);
      }
    }
    from = next ?? '\0';
    if (next === undefined || (end !== '\0' && next >= end))
      return { revision: store.revision, entries, remaining: 0 };
  }
  const remaining = store.rangeNow({ key: from, rangeEnd: end, countOnly: true, ...at }).count;
  return { revision: store.revision, entries, remaining };
}

const afterEntry = (text: string): string =>
  text.endsWith('/') ? prefixEnd(keyOfText(text)) : `${keyOfText(text)}\0`;

const keyEntry = (kv: KeyValue, prefix: string): KeyEntry => {
  const key = textOfKey(kv.key);
  return {
    type: 'key',
    key,
    label: key.slice(prefix.length),
    modRevision: kv.modRevision,
    version: kv.version,
    lease: kv.lease === 0n ? '' : kv.lease.toString(16),
  };
};

export function readKey(
  store: Store,
  key: string,
  revision: number | undefined,
): KeyVersion | undefined {
  const { kvs } = store.rangeNow({
    key: keyOfText(key),
    ...(revision !== undefined && { revision }),
  });
  const [kv] = kvs;
  if (!kv) return undefined;
  const text = decodeUtf8(kv.value);
  return {
    key,
    text,
    isBinary: text.includes('\uFFFD'),
    createRevision: kv.createRevision,
    modRevision: kv.modRevision,
    version: kv.version,
    lease: kv.lease === 0n ? '' : kv.lease.toString(16),
    writtenBy: kv.writtenBy,
  };
}

export function historyOf(
  store: Store,
  key: string,
  limit: number,
  writer: (id: EventId) => string,
): KeyRevision[] {
  return store.history(keyOfText(key), limit).map(({ revision, kv }) => ({
    revision,
    type: kv ? ('put' as const) : ('delete' as const),
    version: kv?.version ?? 0,
    writtenBy: kv?.writtenBy ?? 0,
    writer: kv ? writer(kv.writtenBy) : '',
  }));
}

export function searchKeys(store: Store, text: string, limit: number): string[] {
  const found: string[] = [];
  const wanted = text.toLowerCase();
  for (let from = '\0'; found.length < limit;) {
    const { kvs } = store.rangeNow({ key: from, rangeEnd: '\0', limit: chunk });
    for (const { key } of kvs) {
      const shown = textOfKey(key);
      if (shown.toLowerCase().includes(wanted) && found.length < limit) found.push(shown);
    }
    const last = kvs.at(-1);
    if (!last || kvs.length < chunk) break;
    from = `${last.key}\0`;
  }
  return found;
}

/** Who wrote and why, in a few words: `deployment: reconcile default/web`, `kubectl: create`. */
export function writerOf(id: EventId, get: (id: EventId) => TraceEvent | undefined): string {
  let request: TraceEvent | undefined;
  for (let at = get(id); at; at = at.cause === undefined ? undefined : get(at.cause)) {
    if (at.type === 'request') request ??= at;
    else if (request && at.component !== 'apiserver' && at.component !== 'etcd') {
      const who = at.component.replace(/^(?:client|controller)\//, '').replace('/', ' ');
      if (at.type === 'reconcile') return `${who}: reconcile ${at.key}`;
      return `${who}: ${request.type === 'request' ? request.verb : ''}`;
    }
  }
  return request?.type === 'request'
    ? `${request.userAgent.split(/[/ ]/, 1)[0] ?? ''}: ${request.verb}`
    : '';
}
