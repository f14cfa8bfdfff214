import type { Random } from '../../../src/base/random.ts';
import { millisecond, second } from '../../../src/base/time.ts';
import { keptIn, newMember, putMember } from '../../../src/host/etcd/disk/members/memberFile.ts';
import { MemberLog } from '../../../src/host/etcd/disk/members/memberLog.ts';
import { raftCodec } from '../../../src/host/etcd/disk/members/raftCodec.ts';
import { recover } from '../../../src/host/etcd/disk/recover.ts';
import { EtcdError } from '../../../src/sim/etcd/errors.ts';
import type { MemberSpec } from '../../../src/sim/etcd/members/command.ts';
import { EtcdGroup } from '../../../src/sim/etcd/members/group.ts';
import type { MachineDisk } from '../../../src/sim/etcd/members/machine.ts';
import type { Packet } from '../../../src/sim/etcd/members/packet.ts';
import type { MemberId } from '../../../src/sim/etcd/raft/message.ts';
import { Network } from '../../../src/sim/faults/network.ts';
import { SkewedClock } from '../../../src/sim/faults/skewedClock.ts';
import { EventLoop } from '../../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../../src/sim/time/random.ts';
import { drain } from '../drain.ts';
import { MemoryDisk } from '../memoryDisk.ts';

const specs: readonly MemberSpec[] = [1, 2, 3].map((number) => ({
  id: BigInt(number),
  name: `etcd-${number}`,
  peerUrls: [`http://127.0.0.1:${2280 + number * 100}`],
}));

/** What went wrong in lives that all end with the loss of power for all members at once; empty when nothing did. */
export async function problemsOfLives(seed: number, lives: number): Promise<string[]> {
  const run = new KeptRun(seed);
  for (const { id } of specs) {
    const disk = new MemoryDisk();
    run.disks.set(id, disk);
    await putMember(disk, spec(id), newMember(specs, undefined), 0);
  }
  for (let life = 1; life <= lives; life++) await run.live(life, life === lives);
  return run.problems;
}

const spec = (id: MemberId): MemberSpec => specs[Number(id) - 1] as MemberSpec;

class KeptRun {
  readonly disks = new Map<MemberId, MemoryDisk>();
  readonly problems: string[] = [];
  readonly #random: SeededRandom;
  /** Key → the revision at which it was acknowledged. */
  readonly #acknowledged = new Map<string, number>();
  readonly #applied = new Map<number, string>();
  readonly #leaders = new Map<number, MemberId>();
  #time = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** Starts from the disks, writes under faults, and loses power in the middle; the last one ends in peace. */
  async live(life: number, isLast: boolean): Promise<void> {
    const random = this.#random.fork(`life ${life}`);
    const found = new Map<MemberId, MachineDisk>();
    for (const [id, disk] of this.disks) found.set(id, await this.#open(id, disk));
    const opened: { group?: EtcdGroup } = {};
    const loop: EventLoop = new EventLoop(this.#time, async () => {
      await drain();
      for (let late = opened.group?.late; late; late = opened.group?.late) {
        await late;
        await drain();
      }
    });
    const network = new Network<MemberId, Packet>(loop, random.fork('network'));
    const group = (opened.group = new EtcdGroup({
      members: specs,
      clock: loop,
      memberClock: (clock) => new SkewedClock(clock),
      random: random.fork('members'),
      trace: undefined,
      transport: network,
      snapshotCount: 20,
      catchUpEntries: 5,
      outsideDiskOf: ({ id }) => found.get(id),
      applying: (member, { index, term, command }) => this.#apply(member, index, term, command?.id),
    }));
    for (const disk of this.disks.values())
      disk.beforeSync = async () => {
        for (let turns = random.below(4) ? 0 : random.below(40); turns > 0; turns--) await drain();
      };
    const until = loop.now() + 2.5 * second;
    for (let writer = 0; writer < 3; writer++)
      void this.#write(`life-${life}/writer-${writer}`, loop, group, random.fork(`w${writer}`));
    this.#disturb(loop, group, network, random.fork('faults'));
    // Any of these may be the last thing that happens.
    let steps = isLast ? Number.POSITIVE_INFINITY : 150 + random.below(700);
    await loop.runWhile(() => {
      this.#look(group);
      return steps-- > 0;
    }, until);
    if (isLast) await this.#settle(loop, group, network);
    this.#time = loop.now();
    for (const [id, disk] of this.disks)
      this.disks.set(id, disk.afterCrash(random.below(3) ? 0 : random.below(300)));
    group.dispose();
  }

  async #open(id: MemberId, disk: MemoryDisk): Promise<MachineDisk> {
    const found = await recover(disk, { codec: raftCodec, log: () => undefined, remedy: '' });
    const kept = keptIn(found);
    const starts = (kept?.starts ?? 0) + 1;
    const log = await MemberLog.open({
      disk,
      tail: found.tail,
      id,
      starts,
      now: () => this.#time,
      onFailure: (line) => this.problems.push(line),
      snapshotBytes: 4000,
    });
    return { kept, epoch: (starts - 1) * 1000, open: (state) => log.begin(state) };
  }

  async #write(name: string, loop: EventLoop, group: EtcdGroup, random: Random) {
    for (let number = 0; ; number++) {
      await loop.sleep(random.below(20 * millisecond));
      const member = group.member(spec(BigInt(1 + random.below(3))).id);
      const request = { key: `${name}/${number}`, value: new Uint8Array(random.below(300)) };
      try {
        const { kv } = (await member?.propose({ do: 'put', request }, undefined)) ?? {};
        if (kv) this.#acknowledged.set(kv.key, kv.modRevision);
      } catch (error) {
        if (!(error instanceof EtcdError)) this.problems.push(String(error));
      }
    }
  }

  /** Members stop and start, and are cut off for so long that they need a snapshot. */
  #disturb(
    loop: EventLoop,
    group: EtcdGroup,
    network: Network<MemberId, Packet>,
    random: Random,
  ): void {
    loop.setTimer(200 * millisecond + random.below(second), () => {
      const { id } = spec(BigInt(1 + random.below(3)));
      if (random.below(2)) group.stop(id);
      else network.partition([specs.map((it) => it.id).filter((it) => it !== id)]);
      loop.setTimer(random.below(500 * millisecond), () => {
        group.start(id);
        network.heal();
        this.#disturb(loop, group, network, random);
      });
    });
  }

  #look(group: EtcdGroup): void {
    for (const { id, status } of group.running) {
      if (status.role !== 'leader') continue;
      const other = this.#leaders.get(status.term) ?? id;
      this.#leaders.set(status.term, id);
      if (other !== id) this.problems.push(`${other} and ${id} lead term ${status.term}`);
    }
  }

  #apply(member: MemberId, index: number, term: number, id = ''): void {
    const entry = `${term} ${id}`;
    const other = this.#applied.get(index) ?? entry;
    this.#applied.set(index, entry);
    if (other !== entry)
      this.problems.push(`${member} applies ${entry} as entry ${index}, another ${other}`);
  }

  async #settle(loop: EventLoop, group: EtcdGroup, network: Network<MemberId, Packet>) {
    network.heal();
    for (const { id } of specs) group.start(id);
    const lost = (id: MemberId): string[] =>
      [...this.#acknowledged].flatMap(([key, revision]) => {
        const found = group.storeOf(id).getNow(key)?.modRevision;
        return found === revision ? [] : [`${key} @${revision} is lost (@${found} in ${id})`];
      });
    const end = loop.now() + 20 * second;
    const isBehind = () => specs.some(({ id }) => lost(id).length);
    await loop.runWhile(isBehind, end);
    this.problems.push(...specs.flatMap(({ id }) => lost(id)));
    if (this.#acknowledged.size < 50) this.problems.push('hardly anything was acknowledged');
  }
}
