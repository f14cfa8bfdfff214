import { randomBytes } from 'node:crypto';
import { errors } from '../../sim/etcd/errors.ts';
import { bytesOfKey } from '../../sim/etcd/key.ts';
import type { Lease } from './gen/etcd_pb.js';
import { endWith, type Handlers } from './grpcAdapter.ts';
import { checkLeaseAccess } from './kvService.ts';
import { after, checkedBy, type Etcd } from './services.ts';

/** Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc LeaseServer. */
export function leaseService({ store, server, member, auth }: Etcd): Handlers<typeof Lease> {
  const { leases } = store;
  return {
    leaseGrant({ ID, TTL }, { token }) {
      auth.userOf(token);
      const command = {
        do: 'grant',
        lease: ID || freeId(),
        ttl: Number(TTL),
        ...checkedBy(auth),
      } as const;
      return after(server().propose(command, undefined), (lease) => ({
        header: member.header(),
        ID: lease.id,
        TTL: BigInt(lease.grantedTtl),
      }));
    },

    leaseRevoke({ ID }, { token }) {
      checkLeaseAccess(ID, auth.userOf(token), auth, leases);
      return after(
        server().propose({ do: 'revoke', lease: ID, ...checkedBy(auth) }, undefined),
        () => ({
          header: member.header(),
        }),
      );
    },

    leaseKeepAlive(stream) {
      stream.onMessage(({ ID }) => {
        // The revision from before: a client never sees a renewal that is newer than the lease's end.
        const header = member.header();
        const send = (ttl: number): void => stream.send({ header, ID, TTL: BigInt(ttl) });
        const renewed = server().keepAlive(ID);
        if (renewed instanceof Promise)
          renewed.then(send, (error: unknown) => endWith(stream, error));
        else send(renewed);
      });
    },

    leaseTimeToLive({ ID, keys }, { token }) {
      const user = auth.userOf(token);
      if (keys && auth.isEnabled) {
        if (user === undefined) throw errors.userEmpty();
        for (const key of leases.get(ID)?.keys ?? []) auth.checkAccess(user, 'read', key);
      }
      return after(server().timeToLive(ID), (lease) => ({
        header: member.header(),
        ID,
        TTL: BigInt(lease.ttl),
        grantedTTL: BigInt(lease.grantedTtl),
        keys: keys ? lease.keys.map(bytesOfKey) : [],
      }));
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
