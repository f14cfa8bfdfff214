import type { CauseId } from '../../../trace/event.ts';
import { performAuth, wordsOfAuth, type AuthChange } from '../auth/authChange.ts';
import type { AuthStore } from '../auth/authStore.ts';
import type { DeleteRequest, OpResponse, PutRequest, TxnRequest, TxnResponse } from '../kv.ts';
import type { Lease } from '../lessor.ts';
import type { MemberId } from '../raft/message.ts';
import { leaseCost, putOverhead } from '../space.ts';
import type { Store } from '../store.ts';
import { costOf } from '../txn.ts';

/** The revision of users and roles at which somebody was found to be allowed to ask for it; absent: nobody has to be. */
interface Checked {
  readonly authRevision?: number;
}

/** What the log of a cluster has its members do. Every member does the same with its own store. */
export type Command = Checked &
  (
    | { readonly do: 'put'; readonly request: PutRequest }
    | { readonly do: 'delete'; readonly request: DeleteRequest }
    | { readonly do: 'txn'; readonly request: TxnRequest }
    | { readonly do: 'compact'; readonly revision: number }
    | { readonly do: 'grant'; readonly lease: bigint; readonly ttl: number }
    | { readonly do: 'revoke'; readonly lease: bigint }
    | { readonly do: 'raiseNoSpace' | 'disarmNoSpace' }
    /** A member is there, or has other addresses; with a change of membership beside it, it is a new one or gone. */
    | { readonly do: 'member'; readonly member: MemberInfo }
    | { readonly do: 'auth'; readonly change: AuthChange }
  );

export interface MemberInfo {
  readonly id: MemberId;
  /** Empty: it was added and has not started yet. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

/** What is told of a member before it starts. */
export type MemberSpec = Pick<MemberInfo, 'id' | 'name' | 'peerUrls'>;

/** A machine that is to become a member: who adds it to the cluster gives it its id. */
export type SpareSpec = Omit<MemberSpec, 'id'>;

interface Results {
  readonly put: Extract<OpResponse, { op: 'put' }>;
  readonly delete: Extract<OpResponse, { op: 'delete' }>;
  readonly txn: TxnResponse;
  readonly grant: Lease;
  /** The token of who authenticates. */
  readonly auth: string | undefined;
}

/** What a command changes. */
export interface Target {
  readonly store: Store;
  readonly auth: AuthStore;
  /** Its place in the log. */
  readonly index: number;
}

/** What a command answers with. */
export type ResultOf<C extends Command> = C['do'] extends keyof Results
  ? Results[C['do']]
  : undefined;

/** Does it; the result is the command's ResultOf. Throws EtcdError, the same one on every member. */
export function perform(command: Command, target: Target, cause: CauseId | undefined): unknown {
  const { store, auth, index } = target;
  auth.checkRevision(command.authRevision);
  switch (command.do) {
    case 'put':
      return store.putNow(command.request, cause);
    case 'delete':
      return store.deleteNow(command.request, cause);
    case 'txn':
      return store.txnNow(command.request, cause);
    case 'compact':
      store.compact(command.revision, cause);
      return undefined;
    case 'grant':
      store.space.checkLease();
      return store.leases.grant(command.lease, command.ttl, cause);
    case 'revoke':
      store.leases.revoke(command.lease, cause);
      return undefined;
    case 'raiseNoSpace':
      store.space.raise();
      return undefined;
    case 'disarmNoSpace':
      store.space.disarm();
      return undefined;
    case 'auth':
      return performAuth(auth, command.change, index);
    case 'member':
      return undefined;
  }
}

/** What it may add to the size of a database. Models go.etcd.io/etcd/server/v3/storage Cost. */
export function sizeCostOf(command: Command): number {
  switch (command.do) {
    case 'put':
      return putOverhead + command.request.key.length + command.request.value.length;
    case 'txn': {
      const { puts, bytes } = costOf(command.request);
      return puts * putOverhead + bytes;
    }
    case 'grant':
      return leaseCost;
    default:
      return 0;
  }
}

/** For the trace: `write /registry/pods/default/web`. */
export function wordsOf(command: Command | undefined): string {
  switch (command?.do) {
    case 'put':
      return `write ${command.request.key}`;
    case 'delete':
      return `delete ${command.request.key}`;
    case 'txn': {
      const [first] = [...command.request.success, ...command.request.failure];
      return first && first.op !== 'txn' ? `change ${first.key}` : 'run a transaction';
    }
    case 'compact':
      return `compact revision ${command.revision}`;
    case 'grant':
      return `grant a lease of ${command.ttl} s`;
    case 'revoke':
      return 'revoke a lease';
    case 'raiseNoSpace':
      return 'raise the alarm NOSPACE';
    case 'disarmNoSpace':
      return 'disarm the alarm NOSPACE';
    case 'auth':
      return wordsOfAuth(command.change);
    case 'member':
      return `change the members of the cluster`;
    case undefined:
      return 'begin a term';
  }
}
