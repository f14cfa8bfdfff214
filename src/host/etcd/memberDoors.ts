import { EtcdDoor, type EtcdDoorOptions } from './etcdDoor.ts';
import type { Clock } from '../../base/time.ts';
import type { MemberSpec } from '../../sim/etcd/members/command.ts';
import type { EtcdGroup } from '../../sim/etcd/members/group.ts';
import { aloneSpec, clusterIdOf, memberIdOf } from './member.ts';

const firstPeerPort = 2380;

const peerUrlOf = (index: number): string => `http://127.0.0.1:${firstPeerPort + 100 * index}`;

/** One has etcd's defaults, several are etcd-1, etcd-2 … Nobody but them reaches their peer addresses: members talk inside the simulation. */
export const memberSpecs = (count: number): MemberSpec[] =>
  count === 1
    ? [aloneSpec()]
    : Array.from({ length: count }, (_, index) => {
        const peerUrls = [peerUrlOf(index)];
        return { id: memberIdOf(peerUrls), name: `etcd-${index + 1}`, peerUrls };
      });

/** A port each, one after another; 0 is any free one for all. */
export const portsOf = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first && first + index);

/**
 * A door for every member, in the order of the group. A member that does not run refuses its clients.
 * @param founders the members that the cluster began with, whose ids its own id is made of
 * @param ports of the founders
 */
export function memberDoors(
  group: EtcdGroup,
  founders: readonly MemberSpec[],
  ports: readonly number[],
  options: Omit<EtcdDoorOptions, 'store' | 'port' | 'of'> & { readonly clock: Clock },
): EtcdDoor[] {
  const clusterId = clusterIdOf(founders.map(({ id }) => id));
  return group.specs.map(({ id, name }) => {
    const index = founders.findIndex((founder) => founder.name === name);
    return new EtcdDoor({
      ...options,
      port: ports[index] ?? 0,
      store: group.storeOf(id),
      of: {
        server: () => group.server(id),
        peerUrl: peerUrlOf(index),
        clusterId,
        auth: group.authOf(id),
      },
    });
  });
}
