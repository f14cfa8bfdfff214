import { assert } from '../../../../base/assert.ts';
import type { Micros } from '../../../../base/time.ts';
import { AuthStore, type AuthContents } from '../../../../sim/etcd/auth/authStore.ts';
import type { Disk } from '../../../../sim/etcd/disk.ts';
import { Backend, type Envelope } from '../../../../sim/etcd/members/backend.ts';
import type { MemberSpec } from '../../../../sim/etcd/members/command.ts';
import { newLog } from '../../../../sim/etcd/members/disk.ts';
import type { KeptMember } from '../../../../sim/etcd/members/machine.ts';
import type { Entry, HardState, MemberId, Stored } from '../../../../sim/etcd/raft/message.ts';
import { StoreLoader } from '../../../../sim/etcd/state/storeLoader.ts';
import { atOnce } from '../../inSlices.ts';
import { snapshotFile, type Described } from '../../snapshot.ts';
import type { ReadSnapshot } from '../../snapshotReader.ts';
import { snapshotName, walName } from '../files.ts';
import { raftCodec, recordsOf, type RaftRecord } from './raftCodec.ts';
import type { Recovered } from '../recover.ts';
import { segmentHead } from '../segment.ts';

const noUsers: AuthContents = { isEnabled: false, revision: 1, users: [], roles: [] };

/** A snapshot for a member's own disk, as `snapshotFile` makes it: with what its log has beyond it. */
export function memberFile(
  of: Described,
  log: { readonly id: MemberId; readonly starts: number; readonly stored: Stored<Envelope> },
  time: Micros,
): Generator<undefined, Uint8Array> {
  const { id, starts, stored } = log;
  const beyond = stored.entries.filter(({ index }) => index > of.index);
  const records: RaftRecord[] = [
    { type: 'member', id, starts },
    ...recordsOf(stored.hardState, beyond),
  ];
  return snapshotFile(of, time, raftCodec.encode(records));
}

/** What is in a member's folder; undefined where no member ever was. */
export function keptIn({ snapshot, entries }: Recovered<RaftRecord>):
  | (KeptMember & {
      readonly id: MemberId;
      readonly starts: number;
    })
  | undefined {
  const records = [...(snapshot?.log ? raftCodec.decode(snapshot.log) : []), ...entries];
  const base = { index: snapshot?.index ?? 0, term: snapshot?.term ?? 0 };
  let hardState: HardState = { term: base.term, vote: undefined, commit: base.index };
  let who: Extract<RaftRecord, { type: 'member' }> | undefined;
  const log: Entry<Envelope>[] = [];
  for (const record of records)
    if (record.type === 'member') who = record;
    else if (record.type === 'hardState') hardState = record.hardState;
    else if (record.entry.index > base.index) {
      const before = record.entry.index - base.index - 1;
      assert(before <= log.length, 'an entry is missing in the log of a member');
      log.length = before;
      log.push({ ...record.entry, cause: 0 });
    }
  if (!who) return undefined;
  const { members = [], removed = [], contents }: Partial<ReadSnapshot> = snapshot ?? {};
  const auth = contents?.auth ?? noUsers;
  const stored = { hardState, base, entries: log };
  return { id: who.id, starts: who.starts, contents, auth, members, removed, ...base, stored };
}

/** The backend and the log that every member of a new cluster begins with. */
export function newMember(
  founders: readonly MemberSpec[],
  contents: KeptMember['contents'],
): KeptMember {
  const members = founders.map((it) => ({ ...it, clientUrls: [], isLearner: false }));
  const { index, term } = Backend.begin(
    new StoreLoader(contents).store({}),
    new AuthStore(undefined),
    members,
  );
  const auth = contents?.auth ?? noUsers;
  return { contents, auth, members, removed: [], index, term, stored: newLog({ index, term }) };
}

/** Puts it on the empty disk of a member. */
export async function putMember(
  disk: Disk,
  { id }: MemberSpec,
  kept: KeptMember,
  time: Micros,
): Promise<void> {
  const store = new StoreLoader(kept.contents).store({});
  const of = { ...kept, store, id };
  const file = atOnce(memberFile(of, { id, starts: 0, stored: kept.stored }, time));
  await disk.replace(snapshotName(1), file);
  await disk.replace(walName(1), segmentHead(1, 0));
}
