import type { Micros } from '../../base/time.ts';
import { errors } from '../../sim/etcd/errors.ts';
import { AlarmRequest_AlarmAction as Action, AlarmType, type Maintenance } from './gen/etcd_pb.js';
import type { Caller, Handlers } from './grpcAdapter.ts';
import { hashOf, hashOfBuckets } from './hash.ts';
import { inSlices } from './inSlices.ts';
import { etcdVersion, storageVersion } from './member.ts';
import { after, type Etcd } from './services.ts';
import { bucketsOf, describe, snapshotFile, snapshotSumSize } from './snapshot.ts';

/** How much of a snapshot goes into one message. */
const partSize = 32 * 1024;

/** Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc maintenanceServer. */
export function maintenanceService(etcd: Etcd, now: () => Micros): Handlers<typeof Maintenance> {
  const { store, server, member, auth } = etcd;
  const asAdmin = ({ token }: Caller): void => auth.checkAdmin(auth.userOf(token));
  const alarms = () =>
    store.space.isFull ? [{ memberID: member.id, alarm: AlarmType.NOSPACE }] : [];
  return {
    status(_request, { token }) {
      auth.userOf(token);
      const { leader, index, applied, isLearner } = server().status;
      return {
        header: member.header(),
        version: etcdVersion,
        dbSize: BigInt(store.space.size),
        dbSizeInUse: BigInt(store.space.inUse),
        dbSizeQuota: BigInt(store.space.quota),
        leader,
        raftIndex: BigInt(index),
        raftTerm: member.term,
        raftAppliedIndex: BigInt(applied),
        isLearner,
        storageVersion: storageVersion,
        downgradeInfo: {},
        errors: [
          ...(leader ? [] : [errors.noLeader().message]),
          ...(store.space.isFull ? [`memberID:${member.id} alarm:NOSPACE `] : []),
        ],
      };
    },

    alarm({ action, alarm }, { token }) {
      auth.userOf(token);
      const raised = alarms();
      switch (action) {
        case Action.GET:
          return after(server().confirm(), () => ({ header: member.header(), alarms: alarms() }));
        case Action.ACTIVATE:
          if (alarm !== AlarmType.NOSPACE) return { header: member.header(), alarms: alarms() };
          return after(server().propose({ do: 'raiseNoSpace' }, undefined), () => ({
            header: member.header(),
            alarms: alarms(),
          }));
        case Action.DEACTIVATE:
          if (alarm === AlarmType.CORRUPT) return { header: member.header(), alarms: raised };
          return after(server().propose({ do: 'disarmNoSpace' }, undefined), () => ({
            header: member.header(),
            alarms: raised,
          }));
      }
    },

    defragment(_request, caller) {
      asAdmin(caller);
      store.space.defragment();
      return { header: member.header() };
    },

    async snapshot(_request, stream) {
      asAdmin(stream.caller);
      const snapshot = await inSlices(snapshotFile(describe(etcd), now()));
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
      return { header: member.header(), hash: hashOfBuckets(bucketsOf(describe(etcd))) };
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
      return after(server().moveLeader(targetID, undefined), () => ({ header: member.header() }));
    },
  };
}
