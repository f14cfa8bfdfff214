import type { Clock, Micros } from '../../../base/time.ts';
import { AuthStore } from '../auth/authStore.ts';
import type { Stored } from '../raft/message.ts';
import type { Contents } from '../state/contents.ts';
import { StoreLoader } from '../state/storeLoader.ts';
import { Store, type StoreOptions } from '../store.ts';
import { Backend, type BackendState, type Envelope, type Place } from './backend.ts';
import type { DiskJournal } from './disk.ts';
import type { MemberInfo } from './command.ts';
import type { WriteNotes } from './writeNotes.ts';

/** What the disk of a machine has of its member: a snapshot of its backend, and the log since. */
export interface KeptMember extends Omit<BackendState, 'store'>, Place {
  readonly contents: Contents | undefined;
  readonly stored: Stored<Envelope>;
}

/** The disk of a machine outside of the simulation. */
export interface MachineDisk {
  /** undefined: nothing yet. */
  readonly kept: KeptMember | undefined;
  /** Earlier starts of its member have lower numbers. */
  readonly epoch: number;
  /**
   * Absent: nothing is kept from now on.
   * @param state what the machine has now, with all that was recorded: asked for whenever a snapshot is due
   */
  readonly open?: (state: () => MachineState) => DiskJournal<Envelope, BackendState>;
  /** The database was made smaller: it is to be written anew. */
  readonly rewrite?: () => void;
}

export interface MachineState {
  readonly backend: Backend;
  readonly stored: Stored<Envelope>;
  /** The disk outside is full: nothing more should be put. */
  readonly full: () => void;
}

export interface BackendOptions {
  readonly clock: Clock;
  readonly notes: WriteNotes | undefined;
  readonly outside: MachineDisk | undefined;
  readonly watchLatencyUs?: Micros;
  readonly quotaBytes?: number;
}

/** The backend of a member that was never there before. */
export function newBackend(options: BackendOptions, founders: readonly MemberInfo[]): Backend {
  const store = membersStore(new Store(storeOptions(options)));
  return Backend.begin(store, new AuthStore(options.clock), founders);
}

/** The backend as it was: the snapshot, and all that the member knew to be committed. */
export function loadBackend(kept: KeptMember, name: string, options: BackendOptions): Backend {
  const { notes, quotaBytes } = options;
  const { entries, hardState } = kept.stored;
  const isNew = !entries.length && !kept.contents?.versions.length;
  const writtenBy = isNew
    ? undefined
    : notes?.emit(`etcd/${name}`, undefined, {
        type: 'lifecycle',
        action: 'started',
        summary: `${name} reads what its disk has`,
      });
  const loader = new StoreLoader(kept.contents, {
    ...(quotaBytes !== undefined && { quotaBytes }),
    ...(writtenBy !== undefined && { writtenBy }),
  });
  const store = membersStore(loader.store(storeOptions(options)));
  const auth = new AuthStore(options.clock);
  auth.restore(kept.auth);
  const backend = new Backend({ ...kept, store, auth }, kept);
  if (notes) notes.loading = writtenBy;
  for (const entry of entries)
    if (entry.index > backend.index && entry.index <= hardState.commit)
      backend.apply(entry, writtenBy);
  if (notes) notes.loading = undefined;
  return backend;
}

const storeOptions = ({
  clock,
  notes,
  outside,
  watchLatencyUs,
  quotaBytes,
}: BackendOptions): StoreOptions => ({
  ...(outside?.rewrite && {
    journal: ({ type }) => {
      // All else that changes is in the log of the members.
      if (type === 'defragment') outside.rewrite?.();
    },
  }),
  ...(notes && { trace: notes }),
  clock,
  ...(watchLatencyUs !== undefined && { watchLatencyUs }),
  ...(quotaBytes !== undefined && { quotaBytes }),
});

function membersStore(store: Store): Store {
  store.space.obeysAlarmOnly = true;
  return store;
}
