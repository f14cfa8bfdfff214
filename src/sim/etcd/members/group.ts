import { defined } from '../../../base/assert.ts';
import { Disposable } from '../../../base/disposable.ts';
import { Emitter } from '../../../base/emitter.ts';
import type { Random } from '../../../base/random.ts';
import {
  millisecond,
  second,
  type Clock,
  type Micros,
  type RatedClock,
} from '../../../base/time.ts';
import type { CauseId } from '../../../trace/event.ts';
import type { TraceSink } from '../../../trace/sink.ts';
import type { Entry, MemberId } from '../raft/message.ts';
import type { AuthStore } from '../auth/authStore.ts';
import { EtcdError, errors } from '../errors.ts';
import type { Store } from '../store.ts';
import type { Backend, BackendState, Envelope } from './backend.ts';
import type { MemberInfo, MemberSpec, SpareSpec } from './command.ts';
import { MemberDisk, newLog } from './disk.ts';
import { DiskTimes } from './diskTimes.ts';
import { loadBackend, newBackend, type MachineDisk } from './machine.ts';
import type { Transport } from './packet.ts';
import { Replica } from './replica.ts';
import type { EtcdServer } from './server.ts';
import { Warnings, type EtcdLog } from './warnings.ts';
import { WriteNotes } from './writeNotes.ts';

export interface GroupOptions {
  readonly members: readonly MemberSpec[];
  /** Machines that become members when a change of the membership names their peer URL. */
  readonly spares?: readonly SpareSpec[];
  readonly clock: Clock;
  /** Makes the clock of a member's machine. */
  readonly memberClock: (clock: Clock) => RatedClock;
  readonly random: Random;
  readonly trace: TraceSink | undefined;
  readonly transport: Transport;
  readonly log?: EtcdLog;
  readonly watchLatencyUs?: Micros;
  readonly quotaBytes?: number;
  readonly snapshotCount?: number;
  readonly catchUpEntries?: number;
  /** The disks of machines that are kept outside of the simulation; a machine that is not known there has none. */
  readonly outsideDiskOf?: (member: MemberSpec) => MachineDisk | undefined;
  /** Hears of every entry that a member is about to apply. */
  readonly applying?: (
    member: MemberId,
    entry: Pick<Entry<Envelope>, 'index' | 'term' | 'command'>,
  ) => void;
}

/** What stays of a member when its process ends. */
interface Machine {
  readonly spec: MemberSpec;
  clientUrls: readonly string[];
  readonly backend: Backend;
  readonly disk: MemberDisk<Envelope, BackendState>;
  readonly times: DiskTimes;
  readonly warnings: Warnings;
  readonly clock: RatedClock;
  replica: Replica | undefined;
}

/** How long it takes to start a process on a machine that was waiting. */
const startUs: Micros = second;

/** A good disk, which always takes the same time. */
const goodSync = { medianUs: millisecond / 2, p99Us: millisecond / 2 };

/**
 * The members of one etcd cluster as machines that can be stopped and started. A machine whose member was removed from the
 * cluster is wiped, and waits with the spare ones until its peer URL is added again.
 */
export class EtcdGroup extends Disposable {
  readonly #options: GroupOptions;
  readonly #machines = new Map<MemberId, Machine>();
  readonly #notes: WriteNotes | undefined;
  #spares: readonly SpareSpec[];
  /** How often the process on a machine was started, by the machine's name: no member has the numbers of one before. */
  readonly #starts = new Map<string, number>();
  readonly #onDidJoin = this._register(new Emitter<MemberSpec>());
  /** A spare machine has become a member. */
  readonly onDidJoin = this.#onDidJoin.event;
  readonly #onDidLeave = this._register(new Emitter<MemberSpec>());
  /** A member was removed, and its process has ended. */
  readonly onDidLeave = this.#onDidLeave.event;

  constructor(options: GroupOptions) {
    super();
    this.#options = options;
    this.#notes = options.trace && new WriteNotes(options.trace);
    this.#spares = options.spares ?? [];
    const founders = options.members.map((member) => ({
      ...member,
      clientUrls: [],
      isLearner: false,
    }));
    for (const spec of options.members) this.#install(spec, founders);
    const members = this.members.map(({ id }) => id);
    for (const { id } of this.specs)
      if (members.includes(id)) this.start(id);
      // It was removed, and would disturb the others.
      else this.#wipe(id);
    this.#lookLater();
  }

  /** Those that run. */
  get running(): readonly Replica[] {
    return [...this.#machines.values()].flatMap(({ replica }) => replica ?? []);
  }

  get ids(): readonly MemberId[] {
    return [...this.#machines.keys()];
  }

  /** Machines that wait. */
  get spares(): readonly SpareSpec[] {
    return this.#spares;
  }

  get specs(): readonly MemberSpec[] {
    return [...this.#machines.values()].map(({ spec }) => spec);
  }

  /** Undefined while it does not run. */
  member(id: MemberId): Replica | undefined {
    return this.#machines.get(id)?.replica;
  }

  /** The member on the machine of this name, whichever it is; undefined while none runs there. */
  memberOn(name: string): Replica | undefined {
    return this.running.find((replica) => replica.name === name);
  }

  /** As the member that is furthest on knows them. */
  get members(): readonly MemberInfo[] {
    const backends = [...this.#machines.values()].map(({ backend }) => backend);
    const newest = Math.max(...backends.map(({ index }) => index));
    return backends.find(({ index }) => index === newest)?.members ?? [];
  }

  /** The one that leads the newest term. */
  get leader(): Replica | undefined {
    return this.running
      .filter(({ status }) => status.role === 'leader')
      .sort((a, b) => b.status.term - a.status.term)[0];
  }

  /** Resolves when somebody leads: before that, nobody is answered. Gives up where nobody can. */
  async ready(): Promise<void> {
    const { clock } = this.#options;
    const until = clock.now() + 10 * second;
    while (!this.leader && clock.now() < until) await clock.sleep(10 * millisecond);
  }

  /** The store that is furthest on, of members that run or not. */
  get store(): Store {
    const stores = [...this.#machines.values()].map(({ backend }) => backend.store);
    const leading = this.leader?.store;
    const newest = Math.max(...stores.map(({ revision }) => revision));
    if (leading?.revision === newest) return leading;
    return defined(
      stores.find(({ revision }) => revision === newest),
      'a cluster without members',
    );
  }

  /** What a door of the member stands before. */
  server(id: MemberId): EtcdServer {
    const replica = this.member(id);
    if (!replica) throw errors.stopped();
    return replica;
  }

  /** Settles when what disks outside are late with is there; undefined while none is late: time must not go on before. */
  get late(): Promise<unknown> | undefined {
    const late = [...this.#machines.values()].flatMap(({ disk }) => disk.late ?? []);
    return late.length ? Promise.all(late) : undefined;
  }

  get revision(): number {
    return this.store.revision;
  }

  get compactRevision(): number {
    return this.store.compactRevision;
  }

  /** Has all members compact; who leads none now will try again when it is time to. */
  compact(revision: number, cause: CauseId | undefined): void {
    this.leader?.propose({ do: 'compact', revision }, cause).catch(ignoreEtcdError);
  }

  /** What is known of a member that runs or not. */
  describe(id: MemberId): MemberInfo & { readonly applied: number; readonly term: number } {
    const { spec, clientUrls, backend } = this.#machine(id);
    const isLearner = backend.members.some((member) => member.id === id && member.isLearner);
    return { ...spec, clientUrls, isLearner, applied: backend.index, term: backend.term };
  }

  storeOf(id: MemberId): Store {
    return this.#machine(id).backend.store;
  }

  authOf(id: MemberId): AuthStore {
    return this.#machine(id).backend.auth;
  }

  start(id: MemberId): Replica {
    const machine = this.#machine(id);
    if (machine.replica) return machine.replica;
    const { random, trace, transport, snapshotCount, catchUpEntries } = this.#options;
    const { spec, backend, disk, times, warnings, clock } = machine;
    const epoch = (this.#starts.get(spec.name) ?? 0) + 1;
    this.#starts.set(spec.name, epoch);
    backend.auth.tokens.forget();
    machine.replica = this._register(
      new Replica({
        id,
        name: spec.name,
        clientUrls: () => machine.clientUrls,
        peers: () => this.ids,
        backend,
        disk,
        times,
        warnings,
        transport,
        clock,
        random: random.fork(`${spec.name} ${epoch}`),
        trace,
        epoch,
        ...(snapshotCount !== undefined && { snapshotCount }),
        ...(catchUpEntries !== undefined && { catchUpEntries }),
        removed: () => {
          this.#wipe(id);
          this.#onDidLeave.fire(spec);
          this.#lookLater();
        },
        applying: (entry, commit) => {
          if (this.#notes) this.#notes.commit = commit;
          if (entry.change) this.#lookLater();
          this.#options.applying?.(id, entry);
        },
      }),
    );
    return machine.replica;
  }

  /** As if its machine lost power: what was not on its disk is lost. */
  stop(id: MemberId): void {
    const machine = this.#machine(id);
    if (machine.replica) this._store.delete(machine.replica);
    machine.replica = undefined;
  }

  /** Starts a member that was added to the cluster and is known to it by its id. */
  join(spec: MemberSpec): Replica {
    this.#install(spec, []);
    return this.start(spec.id);
  }

  /** Clients reach it there from now on. */
  serveAt(id: MemberId, clientUrls: readonly string[]): void {
    const machine = this.#machine(id);
    machine.clientUrls = clientUrls;
    machine.replica?.publish();
  }

  /** How long each sync of a member's disk takes; as it does by itself unless given. */
  setSync(id: MemberId, sync?: () => Micros): void {
    const { disk, times } = this.#machine(id);
    disk.syncUs = sync ?? (() => times.syncUs());
  }

  warningsOf(id: MemberId): Warnings {
    return this.#machine(id).warnings;
  }

  diskOf(id: MemberId): DiskTimes {
    return this.#machine(id).times;
  }

  /** What a member goes by: its ticks, its timeouts, and while it leads the ends of leases. */
  clockOf(id: MemberId): Clock {
    return this.#machine(id).clock;
  }

  /** @param rate how fast its clock goes: 1 is right */
  setClockRate(id: MemberId, rate: number): void {
    this.#machine(id).clock.rate = rate;
  }

  #wipe(id: MemberId): void {
    const { name, peerUrls } = this.#machine(id).spec;
    this.stop(id);
    this.#machines.delete(id);
    this.#spares = [...this.#spares, { name, peerUrls }];
  }

  #lookLater(): void {
    if (!this.#spares.length) return;
    const timer = this.#options.clock.setTimer(startUs, () => {
      this._store.delete(timer);
      this.#startSpares();
    });
    this._register(timer);
  }

  /** As an operator would who has just added a member, with --initial-cluster-state existing. */
  #startSpares(): void {
    for (const spare of this.#spares) {
      const added = this.members.find(
        ({ id, name, peerUrls }) =>
          !name && !this.#machines.has(id) && peerUrls.some((url) => spare.peerUrls.includes(url)),
      );
      if (!added) continue;
      this.#spares = this.#spares.filter((other) => other !== spare);
      const spec = { ...spare, id: added.id };
      this.join(spec);
      this.#onDidJoin.fire(spec);
    }
  }

  #install(spec: MemberSpec, members: readonly MemberInfo[]): void {
    const { watchLatencyUs, quotaBytes, random, trace, log, outsideDiskOf } = this.#options;
    const clock = this.#options.memberClock(this.#options.clock);
    const outside = outsideDiskOf?.(spec);
    const options = {
      clock,
      notes: this.#notes,
      outside,
      ...(watchLatencyUs !== undefined && { watchLatencyUs }),
      ...(quotaBytes !== undefined && { quotaBytes }),
    };
    const backend = outside?.kept
      ? loadBackend(outside.kept, spec.name, options)
      : newBackend(options, members);
    const times = new DiskTimes(random.fork(`${spec.name} disk`), goodSync);
    const full = (): void => {
      this.member(spec.id)?.propose({ do: 'raiseNoSpace' }, undefined).catch(ignoreEtcdError);
    };
    const journal = outside?.open?.(() => ({ backend, stored: disk.load(), full }));
    const disk: MemberDisk<Envelope, BackendState> = new MemberDisk(
      this.#options.clock,
      () => times.syncUs(),
      outside?.kept?.stored ?? newLog(backend),
      journal && {
        journal,
        install: (snapshot) => backend.restore(snapshot),
        // As etcd, a member ends when its disk fails.
        failed: () => this.stop(spec.id),
      },
    );
    this.#machines.set(spec.id, {
      spec,
      clientUrls: [],
      backend,
      times,
      warnings: new Warnings({ id: spec.id, name: spec.name, clock, trace, log }),
      clock,
      disk,
      replica: undefined,
    });
    if (outside) this.#starts.set(spec.name, outside.epoch);
  }

  #machine(id: MemberId): Machine {
    return defined(this.#machines.get(id), 'a member that is not there');
  }
}

const ignoreEtcdError = (error: unknown): void => {
  if (!(error instanceof EtcdError)) throw error;
};
