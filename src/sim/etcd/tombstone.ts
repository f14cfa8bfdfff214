import type { EventId } from '../../trace/event.ts';
import type { Key, KeyValue } from './kv.ts';

/** What keys without values show. */
export const noValue = new Uint8Array();

/** What a watch is told of a key that was deleted: nothing but when. */
export const tombstone = (key: Key, revision: number, writtenBy: EventId): KeyValue => ({
  key,
  value: noValue,
  createRevision: 0,
  modRevision: revision,
  version: 0,
  lease: 0n,
  writtenBy,
});
