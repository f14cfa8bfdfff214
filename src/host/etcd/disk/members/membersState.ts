import fs from 'node:fs/promises';
import path from 'node:path';
import { DisposableStore, type IDisposable } from '../../../../base/disposable.ts';
import type { Micros } from '../../../../base/time.ts';
import type { MemberInfo, MemberSpec, SpareSpec } from '../../../../sim/etcd/members/command.ts';
import type { KeptMember, MachineDisk } from '../../../../sim/etcd/members/machine.ts';
import type { MemberId } from '../../../../sim/etcd/raft/message.ts';
import { contentsOf } from '../../../../sim/etcd/state/contents.ts';
import { StoreLoader } from '../../../../sim/etcd/state/storeLoader.ts';
import type { ReadSnapshot } from '../../snapshotReader.ts';
import { machineOf, machineSpec } from '../../machines.ts';
import { readRestored, type EtcdStateOptions } from '../etcdState.ts';
import { lockFolder } from '../folderLock.ts';
import { checkMemberCount, clusterFile, keepMemberCount } from '../memberCount.ts';
import { JoiningLog } from './joiningLog.ts';
import { membersOf } from './keptMembers.ts';
import { keptIn, newMember, putMember } from './memberFile.ts';
import { MemberLog } from './memberLog.ts';
import { NodeDisk } from '../nodeDisk.ts';
import { raftCodec, type RaftRecord } from './raftCodec.ts';
import { newTail, recover, StateError, type Recovered, type Tail } from '../recover.ts';

export interface MembersStateOptions extends EtcdStateOptions {
  /** The members that a new cluster begins with. */
  readonly founders: readonly MemberSpec[];
}

/** A machine of which there is a folder. */
interface Machine {
  readonly spec: MemberSpec;
  readonly disk: MachineDisk;
}

/** Numbers for the starts of a member within one run of this process. */
const startsInRun = 100_000;

/**
 * What the members of a cluster of several begin with, and how they are kept: each in a folder of its own.
 *
 *     etcd/cluster.json   how many members the cluster began with
 *     etcd/etcd-1/        the log of the member etcd-1, and snapshots of its backend
 *     etcd/etcd-2/        …
 */
export class MembersState implements IDisposable {
  readonly #opened: DisposableStore;
  readonly #machines: Machine[] = [];
  /** By the name of the machine. */
  readonly #logs = new Map<string, Promise<MemberLog>>();
  readonly #founders: readonly MemberSpec[];
  #folder: string | undefined;
  #log: (line: string) => void = () => undefined;
  #time: Micros | undefined;
  #now: () => Micros = () => this.#time ?? 0;
  #closing: Promise<void> | undefined;

  private constructor(opened: DisposableStore, founders: readonly MemberSpec[]) {
    this.#founders = founders;
    this.#opened = opened;
  }

  /** Throws StateError when what is there cannot be used. */
  static async open(options: MembersStateOptions): Promise<MembersState> {
    const opened = new DisposableStore();
    const state = new MembersState(opened, options.founders);
    try {
      await state.#open(options);
      return state;
    } catch (error) {
      await state.close();
      throw error;
    }
  }

  /** The virtual time that it ended at. */
  get time(): Micros | undefined {
    return this.#time;
  }

  /** Those that there are, which are not the founders any more when members came and went. */
  get members(): readonly MemberSpec[] {
    return this.#machines.length ? this.#machines.map(({ spec }) => spec) : this.#founders;
  }

  /** Of so many machines, those that no member is on: one that was lost is among them. */
  spares(machines: number): SpareSpec[] {
    const taken = this.members.map(({ name }) => name);
    return Array.from({ length: machines }, (_, index) => machineSpec(index)).filter(
      ({ name }) => !taken.includes(name),
    );
  }

  readonly diskOf = (member: MemberSpec): MachineDisk | undefined =>
    this.#machines.find(({ spec }) => spec.id === member.id)?.disk ?? this.#newDisk(member);

  /** @param now the time that goes with what is recorded */
  begin({ now }: { readonly now: () => Micros }): void {
    this.#now = now;
  }

  dispose(): void {
    void this.close();
  }

  /** Records nothing more, and leaves the folder to others when what is left is written. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(options: MembersStateOptions): Promise<void> {
    const { folder, restore, founders, log } = options;
    const restored = restore === undefined ? undefined : await readRestored(restore, log);
    const begun = restored && contentsIn(restored.snapshot);
    this.#time = restored?.snapshot.time;
    if (folder === undefined) {
      for (const spec of begun ? founders : [])
        this.#machines.push({ spec, disk: { kept: newMember(founders, begun), epoch: 0 } });
      return;
    }
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    this.#opened.add(await lockFolder(folder));
    const whole = new NodeDisk(folder);
    const asked = founders.length;
    if ((await checkMemberCount(whole, asked, restore !== undefined)) === undefined) {
      const kept = newMember(founders, begun);
      for (const spec of founders)
        await makeFolder(path.join(folder, spec.name), spec, kept, this.#time ?? 0);
      await keepMemberCount(whole, asked);
    }
    await this.#load(folder, options);
  }

  async #load(folder: string, { log }: MembersStateOptions): Promise<void> {
    this.#folder = folder;
    this.#log = log;
    const all: (KeptMember & { readonly id: MemberId })[] = [];
    for (const index of await machinesIn(folder)) {
      const spec = machineSpec(index);
      const own = path.join(folder, spec.name);
      const found = await recoverIn(own, log);
      const kept = keptIn(found);
      if (!kept) continue;
      all.push(kept);
      this.#time = Math.max(this.#time ?? 0, found.time ?? 0);
      const starts = kept.starts + 1;
      const opening = this.#openLog(own, found.tail, kept.id, starts);
      this.#logs.set(spec.name, opening);
      const file = await opening;
      this.#machines.push({
        spec: { ...spec, id: kept.id },
        disk: {
          kept,
          epoch: kept.starts * startsInRun,
          open: (state) => file.begin(state),
          rewrite: () => file.cut(),
        },
      });
    }
    this.#checkQuorum(folder, all);
  }

  #checkQuorum(folder: string, all: readonly (KeptMember & { readonly id: MemberId })[]): void {
    const members = all.length ? membersOf(all) : [];
    const isLost = ({ id }: MemberInfo): boolean => all.every((kept) => kept.id !== id);
    const voters = members.filter(({ isLearner }) => !isLearner);
    // Who was added and never started is not lost.
    const lost = members
      .filter((member) => member.name && isLost(member))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (voters.filter(isLost).length >= voters.length / 2)
      throw new StateError(
        `${folder} has ${all.length ? `nothing of ${lost.map(({ name }) => name).join(' and ')} any more` : 'no member any more'}: the others are no majority. Put a copy back, or begin anew with another folder and --restore FILE, where FILE may be the newest snapshot of a member.`,
      );
    for (const { name, id, peerUrls } of lost)
      this.#log(
        `etcd: ${path.join(folder, name)} has nothing of its member any more: ${name} does not run, and the others go on. A new one in its place is filled by them: etcdctl member remove ${id.toString(16)}, then etcdctl member add ${name} --peer-urls=${peerUrls.join()}`,
      );
  }

  /** A member that joins; one that was on its machine before was removed. */
  #newDisk({ id, name }: MemberSpec): MachineDisk | undefined {
    const folder = this.#folder;
    if (folder === undefined) return undefined;
    const own = path.join(folder, name);
    const before = this.#logs.get(name);
    const open = async (): Promise<MemberLog> => {
      await (await before)?.close();
      await fs.rm(own, { recursive: true, force: true });
      await fs.mkdir(own, { mode: 0o700 });
      return this.#openLog(own, newTail, id, 1);
    };
    const opening = open();
    this.#logs.set(name, opening);
    opening.catch((error: unknown) => this.#log(`${own}: ${String(error)}. The member stops.`));
    return {
      kept: undefined,
      epoch: 0,
      open: (state) => new JoiningLog(opening, state),
      rewrite: () => void opening.then((log) => log.cut()),
    };
  }

  #openLog(folder: string, tail: Tail, id: MemberId, starts: number): Promise<MemberLog> {
    const now = (): Micros => this.#now();
    const disk = new NodeDisk(folder);
    return MemberLog.open({ disk, tail, id, starts, now, onFailure: this.#log });
  }

  async #close(): Promise<void> {
    for (const opening of this.#logs.values())
      await opening.then((log) => log.close()).catch(() => undefined);
    this.#opened.dispose();
  }
}

/** The indices of the machines that have a folder. */
async function machinesIn(folder: string): Promise<number[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  return entries
    .flatMap((entry) => (entry.isDirectory() ? (machineOf(entry.name) ?? []) : []))
    .sort((a, b) => a - b);
}

function recoverIn(folder: string, log: (line: string) => void): Promise<Recovered<RaftRecord>> {
  const remedy = `Put a copy of ${folder} back, or move it away and start again: as long as most members are there, they go on without it, and fill a new one in its place.`;
  return recover(new NodeDisk(folder), { codec: raftCodec, log, remedy });
}

/** Makes the folder of a member of a new cluster; what an attempt that was cut off left there goes. */
async function makeFolder(
  folder: string,
  spec: MemberSpec,
  kept: KeptMember,
  time: Micros,
): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  const left = keptIn(await recoverIn(folder, () => undefined));
  if (left && left.starts > 0)
    throw new StateError(
      `${folder} is of a cluster, but ${path.dirname(folder)} has no ${clusterFile} any more. Put it back, as {"members":N} with the number of members that the cluster began with; or move the folder away.`,
    );
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(folder, { mode: 0o700 });
  await putMember(new NodeDisk(folder), spec, kept, time);
}

/** What a snapshot of another cluster has for the members of a new one. */
function contentsIn({ contents, entries }: ReadSnapshot): KeptMember['contents'] {
  const loader = new StoreLoader(contents);
  for (const entry of entries) loader.apply(entry);
  return contentsOf(loader.store({}), contents.auth);
}
