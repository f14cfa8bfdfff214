import { create, toBinary } from '@bufbuild/protobuf';
import type { Bucket, Entry } from './boltFile.ts';
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

const entry = (key: string, value: string | Uint8Array): Entry => ({
  key: Buffer.from(key),
  value: typeof value === 'string' ? Buffer.from(value) : value,
});

function numberBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
