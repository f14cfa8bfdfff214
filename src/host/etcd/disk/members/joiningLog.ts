import type { BackendState, Envelope } from '../../../../sim/etcd/members/backend.ts';
import type { DiskJournal, DiskWrite } from '../../../../sim/etcd/members/disk.ts';
import type { MachineState } from '../../../../sim/etcd/members/machine.ts';
import type { MemberLog } from './memberLog.ts';

/** The log of a member that joins while the cluster runs: what it writes waits until its folder is made. */
export class JoiningLog implements DiskJournal<Envelope, BackendState> {
  readonly #opening: Promise<MemberLog>;
  #log: MemberLog | undefined;
  #waiting: (readonly [write: DiskWrite<Envelope, BackendState>, mayWait: boolean])[] = [];

  constructor(opening: Promise<MemberLog>, machine: () => MachineState) {
    this.#opening = opening.then((log) => {
      this.#log = log.begin(machine);
      for (const [write, mayWait] of this.#waiting) log.record(write, mayWait);
      this.#waiting = [];
      return log;
    });
    // Who waits for it hears of it.
    this.#opening.catch(() => undefined);
  }

  record(write: DiskWrite<Envelope, BackendState>, mayWait: boolean): void {
    if (this.#log) this.#log.record(write, mayWait);
    else this.#waiting.push([write, mayWait]);
  }

  settled(): Promise<unknown> | undefined {
    return this.#log ? this.#log.settled() : this.#opening.then((log) => log.settled());
  }
}
