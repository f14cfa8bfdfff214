import type { Micros } from '../../../../base/time.ts';
import { DiskError, type Disk } from '../../../../sim/etcd/disk.ts';
import type { Backend, BackendState, Envelope } from '../../../../sim/etcd/members/backend.ts';
import type { DiskJournal, DiskWrite } from '../../../../sim/etcd/members/disk.ts';
import type { MachineState } from '../../../../sim/etcd/members/machine.ts';
import type { MemberId, Stored } from '../../../../sim/etcd/raft/message.ts';
import { atOnce, inSlices } from '../../inSlices.ts';
import type { Described } from '../../snapshot.ts';
import { memberFile } from './memberFile.ts';
import { raftCodec, recordsOf, type RaftRecord } from './raftCodec.ts';
import type { Tail } from '../recover.ts';
import { StateLog } from '../stateLog.ts';

export interface MemberLogOptions {
  readonly disk: Disk;
  readonly tail: Tail;
  readonly id: MemberId;
  /** How often it was started, this time included. */
  readonly starts: number;
  readonly now: () => Micros;
  /** The disk failed: a sentence. */
  readonly onFailure: (line: string) => void;
  /** As StateLog has it. */
  readonly snapshotBytes?: number;
}

type Write = DiskWrite<Envelope, BackendState>;

/** Writes what a member of a cluster logs, and snapshots of its backend, to its own folder. */
export class MemberLog implements DiskJournal<Envelope, BackendState> {
  readonly #options: MemberLogOptions;
  readonly #log: StateLog<RaftRecord>;
  #machine: (() => MachineState) | undefined;

  private constructor(options: MemberLogOptions, log: () => StateLog<RaftRecord>) {
    this.#options = options;
    this.#log = log();
  }

  /** Resolves when it is on disk who writes here now. */
  static async open(options: MemberLogOptions): Promise<MemberLog> {
    const { disk, tail, id, starts, now, onFailure, snapshotBytes } = options;
    const opened: { log?: MemberLog } = {};
    const log = await StateLog.open<RaftRecord>({
      disk,
      tail,
      now,
      codec: raftCodec,
      ...(snapshotBytes !== undefined && { snapshotBytes }),
      mayMakeRoom: (record) =>
        record.type === 'entry' && record.entry.command?.command.do === 'disarmNoSpace',
      snapshot: () => opened.log?.snapshot(),
      onFull: () => opened.log?.onFull(),
      onFailure: (error) => onFailure(`${disk.path}: ${error.message}. The member stops.`),
    });
    log.record({ type: 'member', id, starts });
    await log.settled();
    return (opened.log = new MemberLog(options, () => log));
  }

  /** @param machine whose log it is from now on */
  begin(machine: () => MachineState): this {
    this.#machine = machine;
    return this;
  }

  record({ hardState, snapshot, entries }: Write, mayWait: boolean): void {
    const machine = this.#machine?.();
    if (snapshot && machine) {
      const { index, term, state } = snapshot;
      this.#log.install(atOnce(this.#file({ ...state, index, term }, machine.stored)));
      return;
    }
    const records = recordsOf(hardState, entries);
    for (const record of records) this.#log.record(record, true);
    if (!mayWait) this.#log.hurry();
  }

  settled(): Promise<unknown> | undefined {
    return this.#log.settled()?.catch((error: unknown) => {
      const { disk, onFailure } = this.#options;
      if (!(error instanceof DiskError))
        onFailure(`${disk.path}: the disk is full. The member stops.`);
      throw error;
    });
  }

  /** Undefined while a snapshot of another member is on its way into its store. */
  snapshot(): Promise<Uint8Array> | undefined {
    const machine = this.#machine?.();
    if (!machine || machine.backend.index < machine.stored.base.index) return undefined;
    return inSlices(this.#file(stateOf(machine.backend), machine.stored));
  }

  onFull(): void {
    this.#machine?.().full();
  }

  /** Its database was made smaller: what is on disk is so when it is written anew. */
  cut(): void {
    this.#log.cut();
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #file(of: Omit<Described, 'id'>, stored: Stored<Envelope>) {
    const { id, starts, now } = this.#options;
    return memberFile({ ...of, id }, { id, starts, stored }, now());
  }
}

function stateOf({ store, auth, members, removed, index, term }: Backend): Omit<Described, 'id'> {
  return { store, auth: auth.contents(), members, removed, index, term };
}
