import type { Micros } from '../../base/time.ts';
import { errors } from '../../sim/etcd/errors.ts';
import { AlarmRequest_AlarmAction as Action, AlarmType, type Maintenance } from './gen/etcd_pb.js';
import type { Caller, Handlers } from './grpcAdapter.ts';
import { hashOf, hashOfBuckets } from './hash.ts';
import { etcdVersion, storageVersion } from './member.ts';
import type { Etcd } from './services.ts';
import { bucketsOf, snapshotFile, snapshotSumSize } from './snapshot.ts';

/** How much of a snapshot goes into one message. */
const partSize = 32 * 1024;

/** Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc maintenanceServer. */
export function maintenanceService(etcd: Etcd, now: () => Micros): Handlers<typeof Maintenance> {
  const { store, member, auth } = etcd;
  const asAdmin = ({ token }: Caller): void => auth.checkAdmin(auth.userOf(token));
  const alarms = () =>
    store.space.isFull ? [{ memberID: member.id, alarm: AlarmType.NOSPACE }] : [];
  return {
    status(_request, { token }) {
      auth.userOf(token);
      return {
        header: member.header(),
        version: etcdVersion,
        dbSize: BigInt(store.space.size),
        dbSizeInUse: BigInt(store.space.inUse),
        dbSizeQuota: BigInt(store.space.quota),
        leader: member.id,
        raftIndex: member.raftIndex,
        raftTerm: member.term,
        raftAppliedIndex: member.raftIndex,
        storageVersion: storageVersion,
        downgradeInfo: {},
        errors: store.space.isFull ? [`memberID:${member.id} alarm:NOSPACE `] : [],
      };
    },

    alarm({ action, alarm }, { token }) {
      auth.userOf(token);
      const raised = alarms();
      switch (action) {
        case Action.GET:
          return { header: member.header(), alarms: raised };
        case Action.ACTIVATE:
          if (alarm === AlarmType.NOSPACE) store.space.raise();
          member.propose();
          return { header: member.header(), alarms: alarms() };
        case Action.DEACTIVATE:
          if (alarm !== AlarmType.CORRUPT) store.space.disarm();
          member.propose();
          return { header: member.header(), alarms: raised };
      }
    },

    defragment(_request, caller) {
      asAdmin(caller);
      store.space.defragment();
      return { header: member.header() };
    },

    snapshot(_request, stream) {
      asAdmin(stream.caller);
      const snapshot = snapshotFile(etcd, now());
      const file = snapshot.subarray(0, -snapshotSumSize);
      const parts = Array.from({ length: Math.ceil(file.length / partSize) }, (_, index) =>
        file.subarray(index * partSize, (index + 1) * partSize),
      );
      let remaining = file.length;
      for (const blob of parts) {
        remaining -= blob.length;
        stream.send({ remainingBytes: BigInt(remaining), blob, version: storageVersion });
      }
      // Last, the sum by which a restore sees that the file is whole.
      const blob = snapshot.subarray(-snapshotSumSize);
      stream.send({ remainingBytes: 0n, blob, version: storageVersion });
      stream.end();
    },

    hash(_request, caller) {
      asAdmin(caller);
      return { header: member.header(), hash: hashOfBuckets(bucketsOf(etcd)) };
    },

    hashKV({ revision }, { token }) {
      auth.userOf(token);
      const { hash, hashRevision } = hashOf(store, Number(revision));
      return {
        header: member.header(),
        hash,
        hashRevision: BigInt(hashRevision),
        compactRevision: BigInt(store.compactRevision || -1),
      };
    },

    moveLeader({ targetID }, caller) {
      asAdmin(caller);
      if (targetID !== member.id) throw errors.badLeaderTransferee();
      return { header: member.header() };
    },
  };
}
