import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts';
import type { AuthContents } from '../../../sim/etcd/auth/authStore.ts';
import type { JournalEntry, WrittenKey } from '../../../sim/etcd/state/journal.ts';
import type { BytesReader, BytesWriter } from './bytes.ts';
import { sequenceCodec } from './segment.ts';

/** What stands for an entry's type on disk: these numbers never change. */
const codes = {
  commit: 1,
  compact: 2,
  grant: 3,
  revoke: 4,
  alarm: 5,
  defragment: 6,
  auth: 7,
} as const satisfies Record<JournalEntry['type'], number>;

const types = new Map<number, JournalEntry['type']>(
  Object.entries(codes).map(([type, code]) => [code, type as JournalEntry['type']]),
);

/** What an etcd of one member logs: entries, each with its type in front. */
export const journalCodec = sequenceCodec<JournalEntry>(encode, decode);

function encode(writer: BytesWriter, entry: JournalEntry): void {
  writer.number(codes[entry.type]);
  switch (entry.type) {
    case 'commit':
      writer.number(entry.revision).number(entry.changes.length);
      for (const { key, kv } of entry.changes) {
        writer.latin1(key).number(kv ? 1 : 0);
        if (!kv) continue;
        writer.number(kv.createRevision).number(kv.version).int64(kv.lease).block(kv.value);
      }
      break;
    case 'compact':
      writer.number(entry.revision);
      break;
    case 'grant':
      writer.int64(entry.id).number(entry.ttl);
      break;
    case 'revoke':
      writer.int64(entry.id);
      break;
    case 'alarm':
      writer.number(entry.isFull ? 1 : 0);
      break;
    case 'defragment':
      break;
    case 'auth':
      writer.block(encodeUtf8(JSON.stringify(entry.auth)));
  }
}

function decode(reader: BytesReader): JournalEntry {
  const code = reader.number();
  const type = types.get(code);
  switch (type) {
    case 'commit': {
      const revision = reader.number();
      const changes = Array.from({ length: reader.number() }, () => decodeChange(reader, revision));
      return { type, revision, changes };
    }
    case 'compact':
      return { type, revision: reader.number() };
    case 'grant':
      return { type, id: reader.int64(), ttl: reader.number() };
    case 'revoke':
      return { type, id: reader.int64() };
    case 'alarm':
      return { type, isFull: reader.number() === 1 };
    case 'defragment':
      return { type };
    case 'auth':
      return { type, auth: JSON.parse(decodeUtf8(reader.block())) as AuthContents };
    case undefined:
      throw new RangeError(`an entry of a type that is not known (${code})`);
  }
}

function decodeChange(reader: BytesReader, modRevision: number): WrittenKey {
  const key = reader.latin1();
  if (reader.number() === 0) return { key, kv: undefined };
  const [createRevision, version] = [reader.number(), reader.number()];
  const lease = reader.int64();
  const value = reader.block();
  return {
    key,
    kv: { key, value, createRevision, modRevision, version, lease, writtenBy: 0 },
  };
}
