// Calls and notices between the extension host and the worker thread, typed once. Everything is structured-cloneable.
import type {
  DryRunRequest,
  DryRunResult,
  KeyChange,
  KeyPage,
  KeyRevision,
  KeyVersion,
  RevisionChanges,
  Connection,
  Speed,
  TraceGraph,
  TraceRoot,
  VerdictDetails,
  VerdictRef,
} from '../../source/port.ts';
import type { EtcdAction, EtcdLeases, EtcdStatus } from '../../source/etcd.ts';
import type { EtcdFlags } from '../clusterHost.ts';
import type { AdmissionOptions } from '../../sim/apiserver/admission/choice.ts';
import type { EventId, TraceEvent } from '../../trace/event.ts';

export interface StartOptions {
  readonly folder: string;
  /** Whether the cluster goes on from what is in the folder, and is kept there. */
  readonly keepState: boolean;
  readonly nodes: number;
  readonly seed: number;
  readonly port: number;
  readonly etcdPort: number;
  readonly speed: Speed;
  readonly admission?: AdmissionOptions;
  readonly callsWebhooks?: boolean;
  readonly allowPrivileged?: boolean;
  readonly etcd?: EtcdFlags;
}

/** What the worker does on request. */
export interface WorkerCalls {
  start(options: StartOptions & { readonly descriptionsFile: string }): Promise<Connection>;
  stop(): Promise<void>;
  children(prefix: string, options?: { revision?: number }): Promise<KeyPage>;
  read(key: string, revision: number | undefined): Promise<KeyVersion | undefined>;
  history(key: string, limit: number): Promise<readonly KeyRevision[]>;
  changesAt(revision: number): Promise<RevisionChanges>;
  search(text: string, limit: number, revision: number | undefined): Promise<readonly string[]>;
  roots(limit: number): Promise<readonly TraceRoot[]>;
  graph(root: EventId, limit: number): Promise<TraceGraph>;
  event(id: EventId): Promise<TraceEvent | undefined>;
  rootOf(id: EventId): Promise<EventId | undefined>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  step(timers: number): Promise<void>;
  setSpeed(speed: Speed): Promise<void>;
  etcdStatus(): Promise<EtcdStatus>;
  etcdLeases(limit: number): Promise<EtcdLeases>;
  etcdAct(action: EtcdAction): Promise<void>;
  dryRun(request: DryRunRequest): Promise<DryRunResult>;
  dryRunDetails(ref: VerdictRef): Promise<VerdictDetails | undefined>;
}

export interface WorkerNotices {
  keys: { readonly revision: number; readonly changes: readonly KeyChange[] };
  traces: readonly EventId[];
  clock: { readonly paused: boolean; readonly speed: Speed };
  etcd: undefined;
  etcdLog: { readonly member: string; readonly line: string };
  problem: string;
}

export interface CallMessage {
  readonly type: 'call';
  readonly id: number;
  readonly method: keyof WorkerCalls;
  readonly args: readonly unknown[];
}

export type AnswerMessage =
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly message: string }
  | {
      [K in keyof WorkerNotices]: {
        readonly type: 'notice';
        readonly name: K;
        readonly value: WorkerNotices[K];
      };
    }[keyof WorkerNotices];
