import type { Clock, Micros } from '../../../base/time.ts';
import type { EventId } from '../../../trace/event.ts';
import type { TraceSink } from '../../../trace/sink.ts';
import type { Entry, MemberId, Message } from '../raft/message.ts';
import type { Raft, Ready } from '../raft/raft.ts';
import type { Backend, BackendState, Envelope, Outcome } from './backend.ts';
import type { RaftDisk } from './disk.ts';
import type { Packet } from './packet.ts';
import type { Warnings } from './warnings.ts';
import { noteOf } from './words.ts';

export interface DriverPort {
  readonly name: string;
  readonly raft: Raft<Envelope, BackendState>;
  readonly backend: Backend;
  readonly disk: RaftDisk<Envelope, BackendState>;
  readonly send: (to: MemberId, packet: Packet) => void;
  readonly trace: TraceSink | undefined;
  readonly nameOf: (member: MemberId) => string;
  readonly snapshotCount: number | undefined;
  readonly catchUpEntries: number | undefined;
  readonly clock: Clock;
  readonly warnings: Warnings;
  /** Whether nothing can be applied now; drives again when it can. */
  readonly isBusy: () => boolean;
  /** An entry is about to be applied. */
  readonly applying: (entry: Entry<Envelope>) => void;
  /** A command is applied. */
  readonly applied: (id: string, outcome: Outcome) => void;
  /** The store has something new to keep. */
  readonly wrote: () => void;
  /** Raft was driven: there may be another leader. Comes before what is committed is applied. */
  readonly driven: () => void;
  /** All that may be applied is. */
  readonly caughtUp: () => void;
  readonly readAt: (request: number, index: number) => void;
}

/**
 * Does what Raft has ready, in Raft's order: to disk, then to others; applies what is committed to the member's store and
 * cuts the log. Models go.etcd.io/etcd/server/v3/etcdserver raftNode and applyAll.
 */
export class Driver {
  readonly #port: DriverPort;
  #isWriting = false;
  #isProcessing = false;
  #isStopped = false;
  /** Since when what is committed could have been applied. */
  #busySince: Micros | undefined;

  constructor(port: DriverPort) {
    this.#port = port;
  }

  process(): void {
    if (this.#isWriting || this.#isProcessing || this.#isStopped) return;
    const { raft, driven, readAt } = this.#port;
    this.#isProcessing = true;
    try {
      do {
        while (this.#mayHandle()) this.#handle(raft.takeReady());
        driven();
        this.#apply();
        for (const { request, index } of raft.takeReads()) readAt(request, index);
      } while (this.#mayHandle());
    } finally {
      this.#isProcessing = false;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#port.disk.crash();
  }

  #mayHandle(): boolean {
    return this.#port.raft.hasReady && !this.#isWriting;
  }

  #handle(ready: Ready<Envelope, BackendState>): void {
    const { raft, backend, disk, clock, warnings } = this.#port;
    const since = clock.now();
    if (ready.mayHurry) this.#sendAll(ready);
    this.#isWriting = true;
    disk.write(ready, () => {
      this.#isWriting = false;
      if (ready.snapshot) backend.restore(ready.snapshot);
      const last = ready.entries.at(-1);
      warnings.synced(clock.now() - since, last?.cause);
      if (last) raft.stableTo(last.index, last.term);
      if (!ready.mayHurry) this.#sendAll(ready);
      this.process();
    });
  }

  #sendAll({ messages }: Ready<Envelope, BackendState>): void {
    const { name, trace, nameOf, send, warnings } = this.#port;
    for (const message of messages) {
      const to = nameOf(message.to);
      const note = trace && noteOf(message, name, to);
      const cause = note
        ? trace.emit(`etcd/${name}`, causeOf(message), {
            type: 'raft',
            ...note,
            to,
            term: message.term,
          })
        : message.cause;
      if (message.type === 'heartbeat') warnings.heartbeat(message.to, cause);
      send(message.to, { raft: { ...message, cause } });
    }
  }

  #apply(): void {
    const { raft, backend, isBusy, applying, applied, wrote, caughtUp, clock, warnings } =
      this.#port;
    const { log } = raft;
    const entries = log.toApply();
    if (entries.length && isBusy()) {
      this.#busySince ??= clock.now();
      return;
    }
    let since = this.#busySince ?? clock.now();
    this.#busySince = undefined;
    for (const entry of entries) {
      applying(entry);
      const outcome = backend.apply(entry, entry.cause || undefined);
      log.applied = entry.index;
      if (entry.change && !('error' in outcome)) raft.applyChange(entry.change);
      // A change that was superseded leaves its proposer waiting, as it does in etcd.
      if (!entry.command) continue;
      warnings.applied(since, entry.command.command, outcome, entry.cause);
      since = clock.now();
      applied(entry.command.id, outcome);
    }
    if (entries.length) wrote();
    caughtUp();
    this.#cutLog();
  }

  #cutLog(): void {
    const { raft, disk, snapshotCount = 10_000, catchUpEntries = 5000 } = this.#port;
    const { log } = raft;
    if (log.applied - log.baseIndex <= snapshotCount + catchUpEntries) return;
    log.compact(log.applied - catchUpEntries);
    disk.compact({ index: log.baseIndex, term: log.termAt(log.baseIndex) ?? 0 });
  }
}

/** The message before it, and for entries their proposals: the newest leads. */
function causeOf(message: Message<Envelope, BackendState>) {
  const causes = new Set<EventId>([message.cause]);
  if (message.type === 'append') for (const { cause } of message.entries) causes.add(cause);
  if (message.type === 'propose') for (const { cause } of message.proposals) causes.add(cause);
  causes.delete(0);
  const [cause, ...also] = [...causes].sort((a, b) => b - a);
  return cause === undefined ? undefined : { cause, ...(also.length && { also }) };
}
