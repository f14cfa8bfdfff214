import { toDisposable, type IDisposable } from '../../../base/disposable.ts';
import type { CauseId } from '../../../trace/event.ts';
import { errors } from '../errors.ts';
import type { MemberId } from '../raft/message.ts';
import type { Store } from '../store.ts';
import {
  perform,
  type Command,
  type MemberInfo,
  type MemberSpec,
  type ResultOf,
} from './command.ts';
import type { EtcdServer, ServerStatus } from './server.ts';

/** The first election makes it 2. */
const term = 2;
/** The entries in the log of a cluster that has just begun: its membership, its leader, its version. */
const firstEntries = 4;

/** The only member of its cluster: it agrees with itself, so everything is done at once. */
export class Alone implements EtcdServer {
  readonly store: Store;
  #info: MemberInfo;
  #entries = firstEntries;

  constructor(store: Store, spec: MemberSpec) {
    this.store = store;
    this.#info = { ...spec, clientUrls: [], isLearner: false };
  }

  /** Clients reach it there from now on. */
  serveAt(clientUrls: readonly string[]): void {
    this.#info = { ...this.#info, clientUrls };
  }

  get id(): MemberId {
    return this.#info.id;
  }

  get name(): string {
    return this.#info.name;
  }

  get members(): readonly MemberInfo[] {
    return [this.#info];
  }

  get status(): ServerStatus {
    const index = this.#entries + this.store.revision - 1;
    const { id: leader } = this;
    const same = { index, committed: index, applied: index };
    return { role: 'leader', term, leader, isLearner: false, ...same };
  }

  get hasLeader(): boolean {
    return true;
  }

  propose<C extends Command>(command: C, cause: CauseId | undefined): ResultOf<C> {
    const result = perform(command, this.store, cause);
    if (!isWrite(command)) this.note();
    return result as ResultOf<C>;
  }

  /** Something is in the log that makes no revision: a user, say. */
  note(): void {
    this.#entries++;
  }

  confirm(): undefined {
    return undefined;
  }

  keepAlive(lease: bigint): number {
    return this.store.leases.has(lease) ? this.store.leases.keepAlive(lease) : 0;
  }

  moveLeader(to: MemberId): undefined {
    if (to !== this.id) throw errors.badLeaderTransferee();
    return undefined;
  }

  onLost(): IDisposable {
    return toDisposable(() => undefined);
  }

  changeMember(): never {
    throw errors.oneMemberOnly();
  }
}

const isWrite = (command: Command): boolean =>
  command.do === 'put' || command.do === 'delete' || command.do === 'txn';
