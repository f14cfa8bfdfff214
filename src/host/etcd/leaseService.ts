import { randomBytes } from 'node:crypto';
import { errors } from '../../sim/etcd/errors.ts';
import { bytesOfKey } from '../../sim/etcd/key.ts';
import type { Lease } from './gen/etcd_pb.js';
import type { Handlers } from './grpcAdapter.ts';
import { checkLeaseAccess } from './kvService.ts';
import type { Etcd } from './services.ts';

/** Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc LeaseServer. */
export function leaseService({ store, member, auth }: Etcd): Handlers<typeof Lease> {
  const { leases } = store;
  return {
    leaseGrant({ ID, TTL }, { token }) {
      auth.userOf(token);
      store.space.checkLease();
      const lease = leases.grant(ID || freeId(), Number(TTL), undefined);
      member.propose();
      return { header: member.header(), ID: lease.id, TTL: BigInt(lease.grantedTtl) };
    },

    leaseRevoke({ ID }, { token }) {
      checkLeaseAccess(ID, auth.userOf(token), auth, leases);
      leases.revoke(ID, undefined);
      member.propose();
      return { header: member.header() };
    },

    leaseKeepAlive(stream) {
      stream.onMessage(({ ID }) => {
        // The revision from before: a client never sees a renewal that is newer than the lease's end.
        const header = member.header();
        const ttl = leases.has(ID) ? leases.keepAlive(ID) : 0;
        stream.send({ header, ID, TTL: BigInt(ttl) });
      });
    },

    leaseTimeToLive({ ID, keys }, { token }) {
      const lease = leases.get(ID);
      const user = auth.userOf(token);
      if (keys && auth.isEnabled) {
        if (user === undefined) throw errors.userEmpty();
        for (const key of lease?.keys ?? []) auth.checkAccess(user, 'read', key);
      }
      return {
        header: member.header(),
        ID,
        TTL: BigInt(leases.remaining(ID)),
        grantedTTL: BigInt(lease?.grantedTtl ?? 0),
        keys: keys && lease ? [...lease.keys].sort().map(bytesOfKey) : [],
      };
    },

    leaseLeases(_request, { token }) {
      auth.userOf(token);
      return { header: member.header(), leases: leases.list().map((ID) => ({ ID })) };
    },
  };

  function freeId(): bigint {
    for (;;) {
      const id = randomBytes(8).readBigInt64BE() & 0x7fff_ffff_ffff_ffffn;
      if (id && !leases.has(id)) return id;
    }
  }
}
