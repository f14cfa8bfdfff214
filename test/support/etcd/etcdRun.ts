import type { Random } from '../../../src/base/random.ts';
import { millisecond, second, type Micros } from '../../../src/base/time.ts';
import type { AuthChange } from '../../../src/sim/etcd/auth/authChange.ts';
import type { AuthContents } from '../../../src/sim/etcd/auth/authStore.ts';
import { EtcdError } from '../../../src/sim/etcd/errors.ts';
import { prefixEnd } from '../../../src/sim/etcd/key.ts';
import type { KeyValue, OpResponse, WatchedChange } from '../../../src/sim/etcd/kv.ts';
import { EtcdClient } from '../../../src/sim/etcd/members/client.ts';
import type { Command, MemberInfo, ResultOf } from '../../../src/sim/etcd/members/command.ts';
import { EtcdGroup } from '../../../src/sim/etcd/members/group.ts';
import type { Packet } from '../../../src/sim/etcd/members/packet.ts';
import type { Replica } from '../../../src/sim/etcd/members/replica.ts';
import type { EtcdServer } from '../../../src/sim/etcd/members/server.ts';
import type { MemberId } from '../../../src/sim/etcd/raft/message.ts';
import type { Store } from '../../../src/sim/etcd/store.ts';
import { Network } from '../../../src/sim/faults/network.ts';
import { SkewedClock } from '../../../src/sim/faults/skewedClock.ts';
import { EventLoop } from '../../../src/sim/time/eventLoop.ts';
import { SeededRandom } from '../../../src/sim/time/random.ts';
import type { TraceSink } from '../../../src/trace/sink.ts';
import { drain } from '../drain.ts';
import { faults, heal, lengthOf, type FaultPort } from './faults.ts';
import type { KvInput, KvOutput } from './kvModel.ts';
import type { Call } from './linearizable.ts';

export type KvCall = Call<KvInput, KvOutput>;

/** What a watch was told, over all members that told it. */
export interface Watched {
  readonly from: number;
  readonly key: string;
  readonly batches: { readonly changes: readonly WatchedChange[]; readonly revision: number }[];
}

/** What the clocks of the members showed in one moment. */
export type MemberTimes = ReadonlyMap<MemberId, Micros>;

/** A lease as its client knows it. */
export interface HeldLease {
  readonly id: bigint;
  readonly ttl: number;
  readonly key: string;
  /** The start of the last grant or renewal that was acknowledged, by the clock of every member. */
  renewed: MemberTimes;
  /** Who let it end, and when by its clock: it may not before the TTL is over by that clock. */
  ended?: { readonly by: MemberId; readonly at: Micros };
}

/** All that happened, for the checkers. */
export interface History {
  readonly members: number;
  readonly faults: string[];
  readonly calls: KvCall[];
  readonly watches: Watched[];
  readonly leases: HeldLease[];
  /** Who applied what, in order: `index` → entry. */
  readonly applied: {
    readonly member: MemberId;
    readonly index: number;
    readonly term: number;
    readonly id: string;
  }[];
  readonly leaders: { readonly member: MemberId; readonly term: number }[];
  /** The stores at the end. */
  readonly stores: readonly Store[];
  /** What each member knows of users and roles at the end. */
  readonly users: readonly AuthContents[];
  /** Whether all members agreed at the end, when all was well again. */
  readonly settled: boolean;
}

export interface RunOptions {
  readonly seed: number;
  readonly trace?: TraceSink;
  readonly loop?: EventLoop;
}

const clients = 4;
const keys = ['a', 'b', 'c'];
/** A run takes half a minute of virtual time; one that is not over after this stands still. */
const longest = 3 * 60 * second;
/** A run has some ten thousand packets; in one with more, members shout at one another without an end. */
const mostPackets = 150_000;

/** Three or five members under faults that the seed chooses, with clients that put, get, swap and delete meanwhile. */
export async function runEtcd({ seed, trace, loop: given }: RunOptions): Promise<History> {
  const random = new SeededRandom(seed);
  const loop = given ?? new EventLoop(0, drain);
  const count = random.below(4) ? 3 : 5;
  const network = new Network<MemberId, Packet>(loop, random.fork('network'));
  const history = newHistory(count);
  const group = new EtcdGroup({
    members: Array.from({ length: count }, (_, index) => ({
      id: BigInt(index + 1),
      name: `etcd-${index + 1}`,
      peerUrls: [`http://127.0.0.1:${2380 + index * 100}`],
    })),
    spares: [{ name: 'etcd-spare', peerUrls: ['http://127.0.0.1:2980'] }],
    clock: loop,
    memberClock: (clock) => new SkewedClock(clock),
    random: random.fork('members'),
    trace,
    transport: network,
    // Small, so that slow members need snapshots.
    snapshotCount: 10,
    catchUpEntries: 5,
    applying: (member, { index, term, command }) => {
      history.applied.push({ member, index, term, id: command?.id ?? '' });
      const revoked = command?.command.do === 'revoke' ? command.command.lease : undefined;
      const lease = history.leases.find(({ id }) => id === revoked);
      const by = group.ids.find((id) => command?.id.startsWith(`${id.toString(16)}/`));
      if (lease && by !== undefined) lease.ended ??= { by, at: group.clockOf(by).now() };
    },
  });
  const port: FaultPort = { group, network, random: random.fork('faults'), clock: loop };
  const run = new Run(history, group, loop, random);
  const end = run.all(port);
  let packets = 0;
  const send = network.send.bind(network);
  network.send = (from, to, packet) => {
    packets++;
    send(from, to, packet);
  };
  await loop.runWhile(() => !end.isOver && packets < mostPackets, loop.now() + longest);
  if (end.error !== undefined) throw end.error;
  history.settled = end.settled;
  history.stores = group.ids.map((id) => group.storeOf(id));
  history.users = group.ids.map((id) => group.authOf(id).contents());
  group.dispose();
  return history;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const newHistory = (members: number): Mutable<History> => ({
  members,
  faults: [],
  calls: [],
  watches: [],
  leases: [],
  applied: [],
  leaders: [],
  stores: [],
  users: [],
  settled: false,
});

interface End {
  isOver: boolean;
  settled: boolean;
  error: Error | undefined;
}

class Run {
  readonly #history: History;
  readonly #group: EtcdGroup;
  readonly #loop: EventLoop;
  readonly #random: Random;
  #isEnding = false;
  #sequence = 0;

  constructor(history: History, group: EtcdGroup, loop: EventLoop, random: Random) {
    this.#history = history;
    this.#group = group;
    this.#loop = loop;
    this.#random = random;
  }

  /** Starts everything; the returned tells when it is over. */
  all(port: FaultPort): End {
    const end: End = { isOver: false, settled: false, error: undefined };
    this.#observe();
    const working = [
      ...Array.from({ length: clients }, (_, index) => this.#client(`c${index}`)),
      this.#lessee(),
      this.#keeper(),
      this.#operator(),
    ];
    for (const key of ['a', '']) this.#watch(key);
    const all = async (): Promise<void> => {
      await Promise.race([this.#nemesis(port), Promise.all(working)]);
      this.#isEnding = true;
      await Promise.all(working);
      end.settled = await this.#settle();
    };
    all()
      .catch((error: unknown) => (end.error = error as Error))
      .finally(() => (end.isOver = true));
    return end;
  }

  async #nemesis(port: FaultPort): Promise<void> {
    const { random } = port;
    await this.#loop.sleep(3 * second);
    const names = Object.keys(faults);
    for (let round = 0; round < 3; round++) {
      const { fault, quiet } = lengthOf(random);
      const name = names[random.below(names.length)] ?? '';
      this.#history.faults.push(name);
      faults[name]?.(port);
      // Now and then a second one on top.
      if (!random.below(3)) {
        const second = names[random.below(names.length)] ?? '';
        this.#history.faults.push(`+${second}`);
        faults[second]?.(port);
      }
      await this.#loop.sleep(fault);
      heal(port);
      await this.#loop.sleep(quiet);
    }
  }

  /** Until all have applied the same, and all leases are over. */
  async #settle(): Promise<boolean> {
    // Watches that have just lost their member find another, and machines that were added start.
    let since = this.#loop.now();
    for (let tries = 0; tries < 300; tries++) {
      await this.#loop.sleep(100 * millisecond);
      const { ids, leader } = this.#group;
      const applied = new Set(ids.map((id) => this.#group.member(id)?.status.applied));
      const isSame = applied.size === 1 && leader?.status.applied === leader?.status.index;
      const left = this.#history.leases.some(({ id }) => leader?.store.leases.has(id));
      if (!leader || !isSame || left) since = this.#loop.now();
      else if (this.#loop.now() >= since + 2 * second) return true;
    }
    return false;
  }

  #observe(): void {
    const seen = new Set<string>();
    const look = (): void => {
      if (!this.#isEnding) this.#loop.setTimer(5 * millisecond, look);
      for (const { id, status } of this.#group.running) {
        if (status.role !== 'leader') continue;
        const name = `${id} ${status.term}`;
        if (!seen.has(name)) this.#history.leaders.push({ member: id, term: status.term });
        seen.add(name);
      }
    };
    look();
  }

  #server(random: Random): Replica | undefined {
    const { ids } = this.#group;
    return this.#group.member(ids[random.below(ids.length)] as MemberId);
  }

  async #client(name: string): Promise<void> {
    const random = this.#random.fork(name);
    const known = new Map<string, number>();
    while (!this.#isEnding) {
      await this.#loop.sleep(random.below(150 * millisecond));
      const server = this.#server(random);
      if (!server) continue;
      const input = inputOf(random, known, `${name}-${this.#history.calls.length}`);
      const output = await this.#call(name, input, () => askEtcd(server, input));
      if (output) known.set(input.key, output.modRevision ?? 0);
    }
  }

  async #call(
    client: string,
    input: KvInput,
    ask: () => Promise<KvOutput>,
  ): Promise<KvOutput | undefined> {
    const start = this.#sequence++;
    try {
      const output = await ask();
      this.#history.calls.push({ client, input, output, start, end: this.#sequence++ });
      return output;
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      // Its client goes on under another name: this one may still be on its way.
      if (input.op !== 'get')
        this.#history.calls.push({ client, input, output: undefined, start, end: undefined });
      return undefined;
    }
  }

  /** Grants leases, renews them a few times, and then lets them end. */
  async #lessee(): Promise<void> {
    const random = this.#random.fork('lessee');
    for (let number = 1; !this.#isEnding; number++) {
      await this.#loop.sleep(random.below(second));
      const id = BigInt(number);
      const ttl = 2 + random.below(3);
      const start = this.#times();
      const granted = await this.#ask(random, { do: 'grant', lease: id, ttl });
      if (!granted) continue;
      const lease: HeldLease = { id, ttl: granted.grantedTtl, key: `l${number}`, renewed: start };
      this.#history.leases.push(lease);
      const server = this.#server(random);
      if (!server) continue;
      const input = { op: 'put', key: lease.key, value: 'held' } as const;
      // Its end is a deletion that nobody is told of.
      this.#history.calls.push({
        client: `end of ${number}`,
        input: { op: 'delete', key: lease.key },
        output: undefined,
        start: this.#sequence++,
        end: undefined,
      });
      await this.#call('lessee', input, () => askEtcd(server, input, id));
      for (let renewals = random.below(4); renewals > 0; renewals--) {
        await this.#loop.sleep(second + random.below(second / 2));
        const renewed = this.#times();
        try {
          if ((await this.#server(random)?.keepAlive(id)) ?? 0) lease.renewed = renewed;
        } catch (error) {
          if (!(error instanceof EtcdError)) throw error;
        }
      }
    }
  }

  /** Makes and changes roles, and asks now and then with what it was allowed before. */
  async #keeper(): Promise<void> {
    const random = this.#random.fork('keeper');
    for (let number = 1; !this.#isEnding; number++) {
      await this.#loop.sleep(random.below(second));
      const role = `role${random.below(5)}`;
      const permission = { access: 'read', key: `k${number}` } as const;
      const changes: readonly AuthChange[] = [
        { op: 'addRole', role },
        { op: 'grantPermission', role, permission },
        { op: 'deleteRole', role },
      ];
      const change = changes[random.below(4)] ?? { op: 'grantPermission', role, permission };
      await this.#ask(random, { do: 'auth', change });
    }
  }

  /** Adds the machine that is left over, as a learner or at once as a voter; when it votes, removes another. */
  async #operator(): Promise<void> {
    const random = this.#random.fork('operator');
    const founders = this.#group.ids.length;
    for (let number = 100n; !this.#isEnding; number++) {
      await this.#loop.sleep(random.below(4 * second));
      const server = this.#server(random);
      if (!server) continue;
      const { members } = server;
      const [spare] = this.#group.spares;
      const learner = members.find(({ isLearner }) => isLearner);
      try {
        if (learner) await server.changeMember({ change: 'addVoter', member: learner.id }, learner);
        else if (members.length > founders) {
          const gone = members[random.below(members.length)] as MemberInfo;
          await server.changeMember({ change: 'remove', member: gone.id }, gone);
        } else if (spare) {
          const change = random.below(3) ? 'addLearner' : 'addVoter';
          const isLearner = change === 'addLearner';
          const { peerUrls } = spare;
          const added = { id: number, name: '', peerUrls, clientUrls: [], isLearner };
          await server.changeMember({ change, member: number }, added);
        }
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
      }
    }
  }

  #times(): MemberTimes {
    const { ids } = this.#group;
    return new Map(ids.map((id) => [id, this.#group.clockOf(id).now()]));
  }

  async #ask<C extends Command>(random: Random, command: C): Promise<ResultOf<C> | undefined> {
    try {
      return await this.#server(random)?.propose(command, undefined);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      return undefined;
    }
  }

  /** A watch of one key, or of all, that moves from member to member. */
  #watch(key: string): void {
    const { specs, spares } = this.#group;
    const machines = [...specs, ...spares];
    const client = new EtcdClient(
      machines.map(
        ({ name }) =>
          () =>
            this.#group.memberOn(name),
      ),
      this.#loop,
    );
    const watched: Watched = { from: 2, key, batches: [] };
    this.#history.watches.push(watched);
    const range = key ? { key } : { key: '\0', rangeEnd: prefixEnd('') };
    client.watch(
      { ...range, startRevision: 2 },
      {
        changes: (changes, revision) => watched.batches.push({ changes, revision }),
        compacted: () => undefined,
      },
    );
  }
}

/** What a client asks next. @param known the revisions at which it saw keys last */
export function inputOf(
  random: Random,
  known: ReadonlyMap<string, number>,
  value: string,
): KvInput {
  const key = keys[random.below(keys.length)] ?? '';
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      return { op: 'get', key };
    case 3:
      return { op: 'delete', key };
    case 4:
    case 5:
      return { op: 'swap', key, at: known.get(key) ?? 0, value };
    default:
      return { op: 'put', key, value };
  }
}

export async function askEtcd(server: EtcdServer, input: KvInput, lease = 0n): Promise<KvOutput> {
  const { key } = input;
  switch (input.op) {
    case 'get': {
      await server.confirm();
      const { revision, kvs } = server.store.rangeNow({ key });
      return { revision, ...read(kvs[0]) };
    }
    case 'put': {
      const request = { key, value: bytesOf(input.value), lease };
      const { kv } = await server.propose({ do: 'put', request }, undefined);
      return { revision: kv.modRevision };
    }
    case 'delete': {
      const { revision, deleted } = await server.propose(
        { do: 'delete', request: { key } },
        undefined,
      );
      return { revision, done: deleted > 0 };
    }
    case 'swap': {
      const request = {
        compare: [{ key, target: 'mod', result: 'equal', operand: input.at }],
        success: [{ op: 'put', key, value: bytesOf(input.value) }],
        failure: [{ op: 'range', key }],
      } as const;
      const response = await server.propose({ do: 'txn', request }, undefined);
      const { revision, succeeded, responses } = response;
      return { revision, done: succeeded, ...(!succeeded && readOf(responses[0])) };
    }
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const read = (kv: KeyValue | undefined) =>
  kv && { value: textOf(kv.value), modRevision: kv.modRevision };

const readOf = (response: OpResponse | undefined) =>
  response?.op === 'range' ? read(response.kvs[0]) : undefined;
