import type { Envelope } from '../../../../sim/etcd/members/backend.ts';
import type { Entry, HardState, MemberId } from '../../../../sim/etcd/raft/message.ts';
import type { BytesReader, BytesWriter } from '../bytes.ts';
import { sequenceCodec } from '../segment.ts';
import { readValue, writeValue } from './values.ts';

/** What a member of a cluster logs. */
export type RaftRecord =
  /** Who it is, and how often it was started before. */
  | { readonly type: 'member'; readonly id: MemberId; readonly starts: number }
  | { readonly type: 'hardState'; readonly hardState: HardState }
  /** What had its place before, and all that followed it, is gone. */
  | { readonly type: 'entry'; readonly entry: Omit<Entry<Envelope>, 'cause'> };

/** What stands for a record's type on disk: these numbers never change. */
const codes = { member: 1, hardState: 2, entry: 3 } as const;

export const raftCodec = sequenceCodec<RaftRecord>(encode, decode);

function encode(writer: BytesWriter, record: RaftRecord): void {
  writer.number(codes[record.type]);
  switch (record.type) {
    case 'member':
      writeValue(writer.number(record.starts), record.id);
      break;
    case 'hardState': {
      const { term, vote, commit } = record.hardState;
      writeValue(writer.number(term).number(commit), vote);
      break;
    }
    case 'entry': {
      const { index, term, change, command } = record.entry;
      writer.number(index).number(term);
      writeValue(writer, change);
      writeValue(writer, command);
    }
  }
}

function decode(reader: BytesReader): RaftRecord {
  const code = reader.number();
  switch (code) {
    case codes.member: {
      const starts = reader.number();
      return { type: 'member', starts, id: readValue(reader) as MemberId };
    }
    case codes.hardState: {
      const [term, commit] = [reader.number(), reader.number()];
      const vote = readValue(reader) as MemberId | undefined;
      return { type: 'hardState', hardState: { term, vote, commit } };
    }
    case codes.entry: {
      const [index, term] = [reader.number(), reader.number()];
      const change = readValue(reader) as Entry<Envelope>['change'];
      const command = readValue(reader) as Envelope | undefined;
      return {
        type: 'entry',
        entry: { index, term, ...(change && { change }), ...(command && { command }) },
      };
    }
    default:
      throw new RangeError(`a record of a type that is not known (${code})`);
  }
}

/** In the order in which they count. */
export const recordsOf = (
  hardState: HardState | undefined,
  entries: readonly Entry<Envelope>[],
): RaftRecord[] => [
  ...entries.map(({ index, term, change, command }) => ({
    type: 'entry' as const,
    entry: { index, term, ...(change && { change }), ...(command && { command }) },
  })),
  ...(hardState ? [{ type: 'hardState' as const, hardState }] : []),
];
