import { decodeUtf8 } from '../../base/bytes.ts';
import type { Micros } from '../../base/time.ts';
import type { KeyRevision, KeyVersion, RevisionChanges } from '../../source/port.ts';
import { keyOfText, textOfKey } from '../../sim/etcd/key.ts';
import type { Store } from '../../sim/etcd/store.ts';
import type { EventId, TraceEvent } from '../../trace/event.ts';
import { leaseText } from './keyLevels.ts';

/** Keys that one range reads while it searches. */
const chunk = 500;

/** @param store as it was at the revision that is asked for */
export function readKey(store: Store, key: string): KeyVersion | undefined {
  const kv = store.getNow(keyOfText(key));
  if (!kv) return undefined;
  const text = decodeUtf8(kv.value);
  return {
    key,
    text,
    isBinary: text.includes('\uFFFD'),
    createRevision: kv.createRevision,
    modRevision: kv.modRevision,
    version: kv.version,
    lease: leaseText(kv.lease),
    writtenBy: kv.writtenBy,
  };
}

/** What is known of the writes: the record, and the time it is. */
export interface Record {
  readonly now: Micros;
  event(id: EventId): TraceEvent | undefined;
}

export function historyOf(store: Store, key: string, limit: number, record: Record): KeyRevision[] {
  const wanted = keyOfText(key);
  return store.history(wanted, limit).map(({ revision, kv }) => {
    // A deletion leaves nothing behind that would tell who did it, but the change itself.
    const change = kv ?? store.changesAt(revision).find((it) => it.kv.key === wanted)?.kv;
    return {
      revision,
      type: kv ? ('put' as const) : ('delete' as const),
      version: kv?.version ?? 0,
      ...written(change?.writtenBy ?? 0, record),
    };
  });
}

/** What a revision changed; no changes when it is compacted. */
export function changesOf(store: Store, revision: number, record: Record): RevisionChanges {
  const changes = store.changesAt(revision);
  return {
    revision,
    changes: changes.map(({ type, kv }) => ({ type, key: textOfKey(kv.key) })),
    ...written(changes[0]?.kv.writtenBy ?? 0, record),
  };
}

function written(writtenBy: EventId, record: Record) {
  const event = record.event(writtenBy);
  return {
    writtenBy,
    writer: writerOf(writtenBy, (id) => record.event(id)),
    // Of what was there before this process began, the record has only that it was found.
    ...(isWrite(event) && { ageUs: record.now - event.time }),
  };
}

const isWrite = (event: TraceEvent | undefined): event is TraceEvent =>
  event?.type === 'etcd.put' || event?.type === 'etcd.delete';

export function searchKeys(store: Store, text: string, limit: number): string[] {
  const found: string[] = [];
  const wanted = text.toLowerCase();
  // Bytes below 0x80 mean the same in a key and in its text, so most keys need not become texts.
  const isAscii = /^[\0-\x7f]*$/.test(wanted);
  for (let from = '\0'; found.length < limit;) {
    const { kvs } = store.rangeNow({ key: from, rangeEnd: '\0', limit: chunk });
    for (const { key } of kvs) {
      if (isAscii && !key.toLowerCase().includes(wanted)) continue;
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
