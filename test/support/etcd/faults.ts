import type { Random } from '../../../src/base/random.ts';
import { millisecond, second, type Clock } from '../../../src/base/time.ts';
import type { EtcdGroup } from '../../../src/sim/etcd/members/group.ts';
import type { Packet } from '../../../src/sim/etcd/members/packet.ts';
import type { MemberId } from '../../../src/sim/etcd/raft/message.ts';
import type { Network } from '../../../src/sim/faults/network.ts';

export interface FaultPort {
  readonly group: EtcdGroup;
  readonly network: Network<MemberId, Packet>;
  readonly random: Random;
  readonly clock: Clock;
}

const pick = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)] as T;

const leaderOf = ({ group, random }: FaultPort): MemberId =>
  group.leader?.id ?? pick(random, group.ids);

const others = ({ group }: FaultPort, ...not: readonly MemberId[]): MemberId[] =>
  group.ids.filter((id) => !not.includes(id));

/** What can go wrong, by name. All of it is undone by `heal`. */
export const faults: Readonly<Record<string, (port: FaultPort) => void>> = {
  'leader loss': (port) => port.group.stop(leaderOf(port)),
  'follower loss': (port) => port.group.stop(pick(port.random, others(port, leaderOf(port)))),
  'quorum loss': (port) => {
    const { group, random } = port;
    const count = Math.floor(group.ids.length / 2) + 1;
    // Some may be down already, from a fault before.
    for (let lost = group.ids.length - group.running.length; lost < count; lost++)
      group.stop(pick(random, group.running).id);
  },
  'all lose power': ({ group }) => {
    for (const id of group.ids) group.stop(id);
  },
  'leader alone': (port) => {
    const leader = leaderOf(port);
    port.network.partition([[leader], others(port, leader)]);
  },
  'leader with a minority': (port) => {
    const leader = leaderOf(port);
    const minority = [
      leader,
      ...others(port, leader).slice(0, (port.group.ids.length - 1) / 2 - 1),
    ];
    port.network.partition([minority, others(port, ...minority)]);
  },
  'follower alone': (port) => {
    const follower = pick(port.random, others(port, leaderOf(port)));
    port.network.partition([[follower], others(port, follower)]);
  },
  'one way lost': (port) => {
    const leader = leaderOf(port);
    for (const other of others(port, leader)) port.network.setLink(leader, other, { loss: 1 });
  },
  'slow link': (port) => {
    const leader = leaderOf(port);
    const follower = pick(port.random, others(port, leader));
    port.network.setLink(leader, follower, {
      delayUs: 400 * millisecond,
      jitterUs: 300 * millisecond,
    });
  },
  'message loss': ({ network, random }) => {
    network.conditions = { loss: 0.1 + random.float() * 0.3, jitterUs: 20 * millisecond };
  },
  reordering: ({ network }) => {
    network.conditions = { jitterUs: 150 * millisecond };
  },
  'slow disk': (port) => {
    const { random } = port;
    port.group.setSync(leaderOf(port), () => (50 + random.below(600)) * millisecond);
  },
  /** Nothing is read or applied while the backend is committed. */
  'slow backend': ({ group, random }) => {
    for (const id of group.ids) {
      const medianUs = (10 + random.below(150)) * millisecond;
      if (random.below(3)) group.diskOf(id).fault = { medianUs, p99Us: 8 * medianUs };
    }
  },
  'clock skew': (port) => {
    const { group, random } = port;
    // Some of them, the leader as often as others, up to four times too fast or too slow.
    for (const id of group.ids)
      if (random.below(2)) group.setClockRate(id, 2 ** (4 * random.float() - 2));
  },
  /** What was acknowledged must be on disks by then. */
  'power loss on slow disks': ({ group, random, clock }) => {
    for (const id of group.ids) group.setSync(id, () => (20 + random.below(80)) * millisecond);
    clock.setTimer(400 * millisecond, () => {
      for (const id of group.ids) group.stop(id);
      // At once, so that who has less may lead before who has more is back.
      for (const id of group.ids) group.start(id);
    });
  },
  /** Who comes back with an old log must not lead. */
  'leader loss when a follower comes back': (port) => {
    const { group, network, random, clock } = port;
    const leader = leaderOf(port);
    const follower = pick(random, others(port, leader));
    network.partition([[follower], others(port, follower)]);
    clock.setTimer(450 * millisecond, () => {
      // It may have been removed meanwhile.
      if (group.ids.includes(leader)) group.stop(leader);
      network.partition([others(port, leader)]);
    });
  },
  'leader moves': (port) => {
    const leader = port.group.leader;
    const to = pick(port.random, others(port, leaderOf(port)));
    leader?.moveLeader(to, undefined).catch(() => undefined);
  },
};

export function heal({ group, network }: FaultPort): void {
  network.heal();
  for (const id of group.ids) {
    group.setSync(id);
    group.diskOf(id).fault = undefined;
    group.setClockRate(id, 1);
    group.start(id);
  }
}

/** How long a fault lasts, and how long it is quiet afterwards. */
export const lengthOf = (random: Random) => ({
  fault: second / 2 + random.below(3 * second),
  quiet: second / 2 + random.below(2 * second),
});
