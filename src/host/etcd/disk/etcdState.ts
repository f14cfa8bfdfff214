import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import { defined } from '../../../base/assert.ts';
import { DisposableStore, type IDisposable } from '../../../base/disposable.ts';
import type { Micros } from '../../../base/time.ts';
import type { AuthContents } from '../../../sim/etcd/auth/authStore.ts';
import type { Disk } from '../../../sim/etcd/disk.ts';
import type { Journal, JournalEntry } from '../../../sim/etcd/state/journal.ts';
import { StoreLoader } from '../../../sim/etcd/state/storeLoader.ts';
import { Store, type StoreOptions } from '../../../sim/etcd/store.ts';
import { readSnapshot, SnapshotError, type ReadSnapshot } from '../snapshotReader.ts';
import { journalCodec } from './entryCodec.ts';
import { snapshotName } from './files.ts';
import { lockFolder } from './folderLock.ts';
import type { Settled } from './inTurn.ts';
import { NodeDisk } from './nodeDisk.ts';
import { checkMemberCount } from './memberCount.ts';
import { newTail, recover, StateError, type Recovered } from './recover.ts';
import { StateLog, type StateLogOptions } from './stateLog.ts';

export interface EtcdStateOptions {
  /** Where it is kept; made if it is not there. Absent: in memory only. */
  readonly folder?: string;
  /** A snapshot that a new cluster begins with. */
  readonly restore?: string;
  /** Hears, in sentences, of what the owner should know. */
  readonly log: (line: string) => void;
}

const empty: Recovered<JournalEntry> = {
  snapshot: undefined,
  entries: [],
  time: undefined,
  tail: newTail,
};

/** What an etcd begins with, and how it is kept from then on. */
export class EtcdState implements IDisposable {
  readonly #disk: Disk | undefined;
  readonly #opened: DisposableStore;
  #recovered: Recovered<JournalEntry> | undefined;
  #store: Store | undefined;
  #auth: AuthContents | undefined;
  #log: StateLog<JournalEntry> | undefined;
  #closing: Promise<void> | undefined;
  /** The virtual time that it ended at. */
  readonly time: Micros | undefined;

  private constructor(
    disk: Disk | undefined,
    recovered: Recovered<JournalEntry>,
    opened: DisposableStore,
  ) {
    this.#disk = disk;
    this.#recovered = recovered;
    this.#opened = opened;
    this.time = recovered.time;
  }

  /** Throws StateError when what is there cannot be used. */
  static async open({ folder, restore, log }: EtcdStateOptions): Promise<EtcdState> {
    const opened = new DisposableStore();
    try {
      const restored = restore === undefined ? undefined : await readRestored(restore, log);
      const fresh = { ...empty, snapshot: restored?.snapshot, time: restored?.snapshot.time };
      if (folder === undefined) return new EtcdState(undefined, fresh, opened);
      await fs.mkdir(folder, { recursive: true, mode: 0o700 });
      opened.add(await lockFolder(folder));
      const disk = new NodeDisk(folder);
      await checkMemberCount(disk, 1, restored !== undefined);
      if (restored) await putFirst(disk, restored.file);
      const remedy = `Put a copy of ${folder} back, or move it away and start again: empty, or from a snapshot with --restore FILE.`;
      const found = restored ? fresh : await recover(disk, { codec: journalCodec, log, remedy });
      return new EtcdState(disk, found, opened);
    } catch (error) {
      opened.dispose();
      throw error;
    }
  }

  /** The store with all that was kept. What is done to it from now on is recorded. */
  makeStore(options: StoreOptions): Store {
    const { snapshot, entries } = defined(this.#recovered, 'a state makes one store');
    this.#recovered = { ...empty, tail: defined(this.#recovered, 'just seen').tail };
    const all = { ...options, journal: this.journal };
    if (!snapshot && !entries.length) return (this.#store = new Store(all));
    const writtenBy = options.trace?.emit('etcd', undefined, {
      type: 'lifecycle',
      action: 'started',
      summary: 'etcd starts with what it had',
    });
    const loader = new StoreLoader(snapshot?.contents, {
      ...(options.quotaBytes !== undefined && { quotaBytes: options.quotaBytes }),
      ...(writtenBy !== undefined && { writtenBy }),
    });
    for (const entry of [...(snapshot?.entries ?? []), ...entries]) loader.apply(entry);
    this.#auth = loader.auth;
    return (this.#store = loader.store(all));
  }

  /** The users it had. */
  get auth(): AuthContents | undefined {
    return this.#auth;
  }

  readonly journal: Journal = (entry) => {
    // The database was made smaller: it is written anew, without what was in the log.
    if (entry.type === 'defragment') this.#log?.cut();
    this.#log?.record(entry);
  };

  readonly settled: Settled = () => this.#log?.settled();

  /** Begins to record; nothing may have changed since the store was made. */
  async begin(
    options: Pick<StateLogOptions<JournalEntry>, 'now' | 'snapshot' | 'onFailure'>,
  ): Promise<void> {
    if (!this.#disk) return;
    const store = defined(this.#store, 'the store is made first');
    this.#log = await StateLog.open({
      ...options,
      disk: this.#disk,
      codec: journalCodec,
      mayMakeRoom: ({ type }) => type === 'alarm',
      tail: defined(this.#recovered, 'the state is begun once').tail,
      onFull: () => store.space.raise(),
    });
    this.#recovered = undefined;
  }

  /** Records nothing more, and leaves the folder to others when what is left is written. */
  dispose(): void {
    void this.close();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#log?.close();
    this.#opened.dispose();
  }
}

/** The file of --restore. */
export async function readRestored(
  path: string,
  log: (line: string) => void,
): Promise<{ readonly snapshot: ReadSnapshot; readonly file: Uint8Array }> {
  try {
    const file = await fs.readFile(path);
    const snapshot = readSnapshot(file);
    for (const note of snapshot.notes) log(`${path}: ${note}`);
    return { snapshot, file };
  } catch (error) {
    if (error instanceof SnapshotError)
      throw new StateError(`${path} cannot be restored: ${error.message}.`, { cause: error });
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== undefined)
      throw new StateError(`${path} cannot be read (${code}).`, { cause: error });
    throw error;
  }
}

/** The restored snapshot is the first thing that the new cluster keeps. */
async function putFirst(disk: Disk, file: Uint8Array): Promise<void> {
  const hasSum = file.length % 512 === 32;
  const sum = hasSum ? new Uint8Array() : createHash('sha256').update(file).digest();
  await disk.replace(snapshotName(1), Buffer.concat([file, sum]));
}
