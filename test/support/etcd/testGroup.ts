import { defined } from '../../../src/base/assert.ts';
import { second, type Micros } from '../../../src/base/time.ts';
import { EtcdGroup, type GroupOptions } from '../../../src/sim/etcd/members/group.ts';
import type { Packet } from '../../../src/sim/etcd/members/packet.ts';
import type { Replica } from '../../../src/sim/etcd/members/replica.ts';
import type { MemberId } from '../../../src/sim/etcd/raft/message.ts';
import { Network } from '../../../src/sim/faults/network.ts';
import { SkewedClock } from '../../../src/sim/faults/skewedClock.ts';
import { EventLoop } from '../../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../../src/sim/time/random.ts';
import { drain } from '../drain.ts';

/** Members of etcd in virtual time that goes by when a test says so. */
export class TestGroup {
  readonly loop = new EventLoop(0, drain);
  readonly network: Network<MemberId, Packet>;
  readonly group: EtcdGroup;

  constructor(count: number, options: Partial<GroupOptions>) {
    const random = new SeededRandom(1);
    this.network = new Network<MemberId, Packet>(this.loop, random.fork('network'));
    this.group = new EtcdGroup({
      members: Array.from({ length: count }, (_, index) => ({
        id: BigInt(index + 1),
        name: `etcd-${index + 1}`,
        peerUrls: [`http://127.0.0.1:${2380 + 100 * index}`],
      })),
      clock: this.loop,
      memberClock: (clock) => new SkewedClock(clock),
      random: random.fork('members'),
      trace: undefined,
      transport: this.network,
      snapshotCount: 10,
      catchUpEntries: 5,
      ...options,
    });
  }

  get leader(): MemberId {
    return defined(this.group.leader, 'nobody leads').id;
  }

  server(id: MemberId): Replica {
    return defined(this.group.member(id), 'it does not run');
  }

  run(timeUs: Micros): Promise<void> {
    return this.loop.runUntil(this.loop.now() + timeUs);
  }

  /** What they resolve with, while time goes by as it has to. */
  async all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
    let isOver = false;
    const all = Promise.all(promises).finally(() => (isOver = true));
    all.catch(() => undefined);
    await this.loop.runWhile(() => !isOver, this.loop.now() + 60 * second);
    return all;
  }
}

/** Resolves when somebody leads. */
export async function newGroup(
  count: number,
  options: Partial<GroupOptions> = {},
): Promise<TestGroup> {
  const test = new TestGroup(count, options);
  await test.run(4 * second);
  return test;
}
