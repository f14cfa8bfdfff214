import type { Event } from '../base/emitter.ts';
import type { EtcdSource } from './etcd.ts';
import type { IDisposable } from '../base/disposable.ts';
import type { Fix } from '../api/fieldEdit.ts';
import type { JsonObject, KubeObject } from '../api/meta.ts';
import type { Change, EventId, Stage, StageVerdict, TraceEvent } from '../trace/event.ts';

/**
 * A cluster as the views see it: simulated (a worker thread) or live (a kubeconfig). All of it is data that can be
 * posted between threads. What a source cannot do, its capabilities say, with the reason to show.
 */
export interface ClusterSource extends IDisposable {
  readonly kind: 'sim' | 'live';
  readonly label: string;
  readonly capabilities: Capabilities;

  readonly state: ClusterState;
  readonly onDidChangeState: Event<ClusterState>;
  start(): Promise<Connection>;
  stop(): Promise<void>;

  readonly keys: KeySource;
  readonly traces: TraceSource;
  readonly clock: ClockControl;
  readonly etcd: EtcdSource;
  dryRun(request: DryRunRequest): Promise<DryRunResult>;
  /** What a verdict was told without; undefined when the dry-run was too long ago. */
  dryRunDetails(ref: VerdictRef): Promise<VerdictDetails | undefined>;
}

export type Availability =
  { readonly available: true } | { readonly available: false; readonly reason: string };

export interface Capabilities {
  readonly etcdKeys: Availability;
  readonly traces: Availability;
  readonly dryRun: Availability;
  readonly clock: Availability;
  readonly etcd: Availability;
}

export type ClusterState =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'starting' }
  | { readonly phase: 'running'; readonly connection: Connection }
  | { readonly phase: 'stopping' }
  | { readonly phase: 'failed'; readonly message: string };

export interface Connection {
  /** A file with mode 0600, for KUBECONFIG. */
  readonly kubeconfig: string;
  /** `127.0.0.1:PORT`, without a scheme, for ETCDCTL_ENDPOINTS. */
  readonly etcdEndpoint: string;
  readonly apiServer: string;
  readonly nodes: number;
}

/** etcd's keys as text. A path segment that is no valid UTF-8 is escaped like %FF. */
export interface KeySource {
  /**
   * One level below `prefix` ('' for all), in byte order: keys, and prefixes that end in '/'. A level that is too long for
   * a list comes as prefixes that do not, which are groups of it.
   */
  children(prefix: string, options?: { readonly revision?: number }): Promise<KeyPage>;
  /** The value at a revision (absent: now); undefined when there is none there. */
  read(key: string, revision?: number): Promise<KeyVersion | undefined>;
  /** All revisions of a key that are not compacted, newest first. */
  history(key: string, limit: number): Promise<readonly KeyRevision[]>;
  /** What one revision changed. */
  changesAt(revision: number): Promise<RevisionChanges>;
  search(text: string, limit: number, revision?: number): Promise<readonly string[]>;
  readonly revision: number;
  /** Coalesced; in order of revision. */
  readonly onDidChange: Event<readonly KeyChange[]>;
}

export interface KeyPage {
  readonly revision: number;
  readonly entries: readonly KeyEntry[];
}

export type KeyEntry =
  | {
      readonly type: 'prefix';
      readonly prefix: string;
      readonly label: string;
      readonly count: number;
    }
  | {
      readonly type: 'key';
      readonly key: string;
      readonly label: string;
      readonly modRevision: number;
      readonly version: number;
      readonly lease: string;
    };

export interface KeyVersion {
  readonly key: string;
  /** The value as text when it is UTF-8; JSON for Kubernetes objects. */
  readonly text: string;
  readonly isBinary: boolean;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly lease: string;
  readonly writtenBy: EventId;
}

/** Who made a write, and when. */
export interface Written {
  /** The etcd event of the write, when it is still in the trace. */
  readonly writtenBy: EventId;
  /** Who and why, in a few words: `deployment-controller: reconcile default/web`; empty when it is not known any more. */
  readonly writer: string;
  /** How long ago it was when this was asked for, in virtual microseconds; undefined when it is not known any more. */
  readonly ageUs?: number;
}

export interface KeyRevision extends Written {
  readonly revision: number;
  readonly type: 'put' | 'delete';
  /** 0 for a deletion. */
  readonly version: number;
}

export interface RevisionChanges extends Written {
  readonly revision: number;
  /** In the order of the writes; none when the revision is compacted. */
  readonly changes: readonly { readonly type: 'put' | 'delete'; readonly key: string }[];
}

export interface KeyChange {
  readonly key: string;
  readonly type: 'put' | 'delete';
  readonly revision: number;
  /** 1: created; 0: deleted. */
  readonly version: number;
  readonly lease: string;
  readonly writtenBy: EventId;
}

export interface TraceSource {
  /** Newest first: requests from outside and other roots that led to something. */
  roots(limit: number): Promise<readonly TraceRoot[]>;
  /** Everything that followed from a root, in order of number, at most `limit`; more may come while the cluster runs. */
  graph(root: EventId, limit: number): Promise<TraceGraph>;
  event(id: EventId): Promise<TraceEvent | undefined>;
  /** The root that an event goes back to. */
  rootOf(id: EventId): Promise<EventId | undefined>;
  /** Coalesced: numbers of roots that are new or got new consequences. */
  readonly onDidChange: Event<readonly EventId[]>;
}

export interface TraceRoot {
  readonly id: EventId;
  readonly time: number;
  readonly title: string;
  readonly code?: number;
  /** Events so far. */
  readonly size: number;
}

export interface TraceGraph {
  readonly root: EventId;
  readonly events: readonly TraceEvent[];
  readonly truncated: boolean;
}

export type Speed = 'real' | 'max' | number;

export interface ClockControl {
  readonly paused: boolean;
  readonly speed: Speed;
  readonly onDidChange: Event<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Runs the next `timers` timers of a paused cluster. */
  step(timers: number): Promise<void>;
  setSpeed(speed: Speed): Promise<void>;
}

/** Documents in order, each judged with the earlier ones applied; the cluster itself is not changed. */
export interface DryRunRequest {
  readonly documents: readonly DryRunDocument[];
  /** user and groups; the admin unless given. */
  readonly as?: { readonly user: string; readonly groups: readonly string[] };
  /** Where namespaced objects without a namespace go; `default` unless given. */
  readonly namespace?: string;
  /** Run the fork forward to say what would happen after admission, for at most so many virtual seconds; 0: don't. */
  readonly forwardSeconds: number;
  /** A later request about the same ends the look ahead of this one, which nobody waits for any more: a file, say. */
  readonly topic?: string;
}

export interface DryRunDocument {
  /** What the document says, as `kubectl apply` would send it. */
  readonly object: JsonObject;
}

export interface DryRunResult {
  readonly revision: number;
  readonly documents: readonly DocumentVerdict[];
}

export interface DocumentVerdict {
  /** created, configured, unchanged: accepted. rejected: by `stage`. skipped: nothing to send (empty, not Kubernetes, a template). */
  readonly outcome: 'created' | 'configured' | 'unchanged' | 'rejected' | 'skipped';
  /** The server's words for a rejection, or why the document was skipped. */
  readonly message: string;
  readonly code?: number;
  readonly reason?: string;
  readonly stage?: Stage | 'client';
  readonly plugin?: string;
  readonly causes: readonly {
    readonly field: string;
    readonly message: string;
    readonly reason: string;
  }[];
  readonly warnings: readonly string[];
  /** The object as it would be stored; like stages, not there in a verdict from another thread. */
  readonly object?: KubeObject;
  /** Empty where the verdict came from another thread: dryRunDetails has them. */
  readonly stages: readonly StageReport[];
  /** The events of the request on the fork, for the timeline. Empty like stages. */
  readonly trace: readonly TraceEvent[];
  readonly ref?: VerdictRef;
  /** What would make a refusal an acceptance, where that is certain: the Role that is missing. */
  readonly remedy?: Remedy;
  /** Ways out of a rejection. */
  readonly fixes?: readonly Fix[];
  /** What would happen after admission; absent when not asked for or rejected. */
  readonly forecast?: Forecast;
}

/** A document of a recent dry-run. */
export interface VerdictRef {
  readonly run: number;
  readonly index: number;
}

/** Much to send for every document of a file at every keystroke, and seldom looked at. */
export type VerdictDetails = Pick<DocumentVerdict, 'stages' | 'trace' | 'object'>;

export interface Remedy {
  /** A sentence that says what it gives, to whom. */
  readonly text: string;
  /** Objects to apply, as the admin. */
  readonly yaml: string;
}

export interface StageReport {
  readonly stage: Stage;
  readonly plugin?: string;
  readonly verdict: StageVerdict | 'notReached';
  readonly summary: string;
  readonly changes: readonly Change[];
  readonly facts: Readonly<Record<string, string>>;
  readonly event?: EventId;
}

export interface Forecast {
  /** healthy: everything became ready; stuck: something would not; running: not settled within the time. */
  readonly outcome: 'healthy' | 'stuck' | 'running';
  /** `2 Pods Running`, or `Pods Pending: 0/3 nodes are available: …`. */
  readonly summary: string;
  readonly details: readonly string[];
}
