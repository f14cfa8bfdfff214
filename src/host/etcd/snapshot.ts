import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Micros } from '../../base/time.ts';
import type { AuthContents } from '../../sim/etcd/auth/authStore.ts';
import type { BackendState, Place } from '../../sim/etcd/members/backend.ts';
import type { MemberInfo } from '../../sim/etcd/members/command.ts';
import type { MemberId } from '../../sim/etcd/raft/message.ts';
import type { Store } from '../../sim/etcd/store.ts';
import { boltFile, type Bucket, type Entry } from './boltFile.ts';
import { AlarmMemberSchema, AlarmType, StoredLeaseSchema } from './gen/etcd_pb.js';
import { storageVersion } from './member.ts';
import { bytesOfRecord, bytesOfRevision } from './record.ts';
import type { Etcd } from './services.ts';

/** What a database of etcd is of. */
export interface Described extends BackendState, Place {
  /** The member that writes it. */
  readonly id: MemberId;
  readonly auth: AuthContents;
}

/** What a door gives away. */
export function describe({ store, server, auth }: Etcd): Described {
  const { id, members, status } = server();
  const { applied: index, term } = status;
  return { id, store, members, removed: [], index, term, auth: auth.contents() };
}

/**
 * The database as etcd 3.6 has it on disk, so that etcdutl can look at it and restore a real etcd from it. Users and
 * roles are left out: their passwords are hashed in a way that etcd does not know; a restored etcd has none.
 * Models go.etcd.io/etcd/server/v3/storage/schema.
 */
export function bucketsOf({ store, id, members, removed, index, term, auth }: Described): Bucket[] {
  const { leases, space, compactRevision } = store;
  const compacted = bytesOfRevision({ revision: compactRevision, sub: 0, kv: undefined });
  return [
    {
      name: 'alarm',
      entries: space.isFull
        ? [
            {
              key: toBinary(
                AlarmMemberSchema,
                create(AlarmMemberSchema, { memberID: id, alarm: AlarmType.NOSPACE }),
              ),
              value: new Uint8Array(),
            },
          ]
        : [],
    },
    {
      name: 'auth',
      entries: [
        entry('authEnabled', Buffer.of(0)),
        entry('authRevision', numberBytes(BigInt(auth.revision))),
      ],
    },
    { name: 'authRoles', entries: [] },
    { name: 'authUsers', entries: [] },
    { name: 'cluster', entries: [entry('clusterVersion', storageVersion)] },
    {
      name: 'key',
      entries: recordsOf(store),
    },
    {
      name: 'lease',
      entries: leases
        .list()
        .sort((a, b) => (a < b ? -1 : 1))
        .map((ID) => ({
          key: numberBytes(ID),
          value: toBinary(
            StoredLeaseSchema,
            create(StoredLeaseSchema, { ID, TTL: BigInt(leases.get(ID)?.grantedTtl ?? 0) }),
          ),
        })),
    },
    { name: 'members', entries: byId(members.map((it) => [it.id, jsonOf(it)])) },
    { name: 'members_removed', entries: byId(removed.map((it) => [it, 'removed'])) },
    {
      name: 'meta',
      entries: [
        entry('confState', confStateOf(members)),
        entry('consistent_index', numberBytes(BigInt(index))),
        ...(compactRevision ? [entry('finishedCompactRev', compacted.subarray(0, 17))] : []),
        ...(compactRevision ? [entry('scheduledCompactRev', compacted.subarray(0, 17))] : []),
        entry('storageVersion', storageVersion),
        entry('term', numberBytes(BigInt(term))),
      ],
    },
  ];
}

function* recordsOf(store: Store): Generator<Entry> {
  for (const version of store.eachVersion())
    yield { key: bytesOfRevision(version), value: bytesOfRecord(version) };
}

/** Holds what etcd has no place for: a reader of etcd's does not look there. It comes after all others in order. */
export const simulationBucket = 'simulation';

/** The bytes of the sum at its end. */
export const snapshotSumSize = 32;

const hashedAtOnce = 1024 * 1024;

/**
 * A snapshot as `etcdctl snapshot save` makes it: the database, and its SHA-256. It also has what only we understand: the
 * users with their passwords, and the virtual time. It is of the moment in which it begins, and rests on the way.
 * @param log what the log of a member has that is not in its store yet, for its own disk
 */
export function* snapshotFile(
  of: Described,
  time: Micros,
  log?: Uint8Array,
): Generator<undefined, Buffer> {
  const simulation = { time, size: of.store.space.size, auth: of.auth };
  const entries = [entry('state', JSON.stringify(simulation))];
  if (log) entries.unshift(entry('log', log));
  const buckets = bucketsOf({ ...of, store: of.store.fork() });
  const all = [...buckets, { name: simulationBucket, entries }];
  const file = yield* boltFile(all, snapshotSumSize);
  const database = file.subarray(0, -snapshotSumSize);
  const hash = createHash('sha256');
  for (let at = 0; at < database.length; at += hashedAtOnce) {
    hash.update(database.subarray(at, at + hashedAtOnce));
    yield;
  }
  hash.digest().copy(file, database.length);
  return file;
}

/** Ids are no numbers of JavaScript. */
const jsonOf = ({ id, name, peerUrls, clientUrls, isLearner }: MemberInfo): string =>
  `{"id":${id},${JSON.stringify({
    peerURLs: peerUrls,
    ...(isLearner && { isLearner }),
    ...(name && { name }),
    ...(clientUrls.length && { clientURLs: clientUrls }),
  }).slice(1)}`;

function confStateOf(members: readonly MemberInfo[]): string {
  const ids = (isLearner: boolean) =>
    members.filter((it) => it.isLearner === isLearner).map(({ id }) => id);
  const learners = ids(true).join();
  return `{"voters":[${ids(false).join()}],${learners && `"learners":[${learners}],`}"auto_leave":false}`;
}

const byId = (entries: readonly (readonly [id: MemberId, value: string])[]): Entry[] =>
  entries
    .map(([id, value]) => ({ id: id.toString(16), value }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, value }) => entry(id, value));

const entry = (key: string, value: string | Uint8Array): Entry => ({
  key: Buffer.from(key),
  value: typeof value === 'string' ? Buffer.from(value) : value,
});

function numberBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
