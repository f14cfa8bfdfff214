import { Driver, drain } from '../../../src/host/driver.ts';
import { machineSpec, memberSpecs } from '../../../src/host/etcd/machines.ts';
import { MemberDoors } from '../../../src/host/etcd/memberDoors.ts';
import { EtcdGroup } from '../../../src/sim/etcd/members/group.ts';
import type { Packet } from '../../../src/sim/etcd/members/packet.ts';
import type { MemberId } from '../../../src/sim/etcd/raft/message.ts';
import { Network } from '../../../src/sim/faults/network.ts';
import { SkewedClock } from '../../../src/sim/faults/skewedClock.ts';
import { EventLoop } from '../../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../../src/sim/time/random.ts';
import { millisecond } from '../../../src/base/time.ts';

/** Several members of etcd with a door each, for real clients, without a cluster around them. */
export class ServedGroup {
  readonly group: EtcdGroup;
  readonly network: Network<MemberId, Packet>;
  readonly endpoints: readonly string[];
  readonly #doors: MemberDoors;
  readonly #driver: Driver;

  private constructor(
    parts: Pick<ServedGroup, 'group' | 'network' | 'endpoints'>,
    doors: MemberDoors,
    driver: Driver,
  ) {
    this.group = parts.group;
    this.network = parts.network;
    this.endpoints = parts.endpoints;
    this.#doors = doors;
    this.#driver = driver;
  }

  /** Resolves when somebody leads. One machine more waits to be added. */
  static async start(count: number): Promise<ServedGroup> {
    const loop = new EventLoop(Date.now() * millisecond, drain);
    const random = new SeededRandom(1);
    const members = memberSpecs(count);
    const network = new Network<MemberId, Packet>(loop, random.fork('network'));
    const group = new EtcdGroup({
      members,
      spares: [machineSpec(count)],
      clock: loop,
      memberClock: (clock) => new SkewedClock(clock),
      random: random.fork('members'),
      trace: undefined,
      transport: network,
    });
    const throwIt = (error: unknown): void =>
      queueMicrotask(() => {
        throw error;
      });
    const driver = new Driver(loop, 1, throwIt);
    const doors = new MemberDoors({
      group,
      founders: members,
      firstPort: 0,
      portError: (error) => error,
      host: '127.0.0.1',
      clock: loop,
      beforeRequest: () => driver.catchUp(),
      onBug: throwIt,
    });
    const ports = await doors.listen();
    const endpoints = ports.map((port) => `http://127.0.0.1:${port}`);
    driver.wake();
    const served = new ServedGroup({ group, network, endpoints }, doors, driver);
    await served.until(() => group.leader !== undefined);
    return served;
  }

  /** Lets time go by. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  dispose(): void {
    this.#doors.dispose();
    this.#driver.dispose();
    this.group.dispose();
  }
}
