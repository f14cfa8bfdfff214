import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Micros } from '../../base/time.ts';
import { boltFile, type Bucket, type Entry } from './boltFile.ts';
import { AlarmMemberSchema, AlarmType, StoredLeaseSchema } from './gen/etcd_pb.js';
import { storageVersion } from './member.ts';
import { bytesOfRecord, bytesOfRevision } from './record.ts';
import type { Etcd } from './services.ts';

/**
 * The database as etcd 3.6 has it on disk, so that etcdutl can look at it and restore a real etcd from it. Users and
 * roles are left out: their passwords are hashed in a way that etcd does not know; a restored etcd has none.
 * Models go.etcd.io/etcd/server/v3/storage/schema.
 */
export function bucketsOf({ store, member, auth }: Etcd): Bucket[] {
  const { leases, space, compactRevision } = store;
  const memberJson = `{"id":${member.id},"peerURLs":${JSON.stringify([member.peerUrl])},"name":${JSON.stringify(member.name)},"clientURLs":${JSON.stringify([member.clientUrl])}}`;
  const compacted = bytesOfRevision({ revision: compactRevision, sub: 0, kv: undefined });
  return [
    {
      name: 'alarm',
      entries: space.isFull
        ? [
            {
              key: toBinary(
                AlarmMemberSchema,
                create(AlarmMemberSchema, { memberID: member.id, alarm: AlarmType.NOSPACE }),
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
      entries: store
        .versions()
        .map((version) => ({ key: bytesOfRevision(version), value: bytesOfRecord(version) })),
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
    { name: 'members', entries: [entry(member.id.toString(16), memberJson)] },
    { name: 'members_removed', entries: [] },
    {
      name: 'meta',
      entries: [
        entry('confState', `{"voters":[${member.id}],"auto_leave":false}`),
        entry('consistent_index', numberBytes(member.raftIndex)),
        ...(compactRevision ? [entry('finishedCompactRev', compacted.subarray(0, 17))] : []),
        ...(compactRevision ? [entry('scheduledCompactRev', compacted.subarray(0, 17))] : []),
        entry('storageVersion', storageVersion),
        entry('term', numberBytes(member.term)),
      ],
    },
  ];
}

/** Holds what etcd has no place for: a reader of etcd's does not look there. It comes after all others in order. */
export const simulationBucket = 'simulation';

/** The bytes of the sum at its end. */
export const snapshotSumSize = 32;

/**
 * A snapshot as `etcdctl snapshot save` makes it: the database, and its SHA-256. It also has what only we understand: the
 * users with their passwords, and the virtual time.
 */
export function snapshotFile(etcd: Etcd, time: Micros): Buffer {
  const simulation = { time, size: etcd.store.space.size, auth: etcd.auth.contents() };
  const database = boltFile([
    ...bucketsOf(etcd),
    { name: simulationBucket, entries: [entry('state', JSON.stringify(simulation))] },
  ]);
  return Buffer.concat([database, createHash('sha256').update(database).digest()]);
}

const entry = (key: string, value: string | Uint8Array): Entry => ({
  key: Buffer.from(key),
  value: typeof value === 'string' ? Buffer.from(value) : value,
});

function numberBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
