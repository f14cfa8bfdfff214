import type { Micros } from '../base/time.ts';

/** Events are numbered from 1 in the order in which they were emitted. */
export type EventId = number;

/** Why something happens: the event that led to it, and the others that it stands for as well. Never empty. */
export interface Cause {
  readonly cause: EventId;
  readonly also?: readonly EventId[];
}

/** A single cause, as it travels with requests and watch frames. */
export type CauseId = EventId;

/** Who acts. A lane of the timeline each. */
export type ComponentId =
  | 'cluster'
  | 'apiserver'
  | 'etcd'
  | `etcd/${string}`
  | 'scheduler'
  | `client/${string}`
  | `controller/${string}`
  | `kubelet/${string}`
  | `kube-proxy/${string}`;

/** The stages of a request in their order (../sim/apiserver/pipeline.ts is where the order is used). */
export const stages = [
  'authentication',
  'audit',
  'impersonation',
  'priorityAndFairness',
  'authorization',
  'body',
  'decoding',
  'patch',
  'managedFields',
  'mutatingAdmission',
  'strategy',
  'validation',
  'validatingAdmission',
  'storage',
] as const;
export type Stage = (typeof stages)[number];

/** passed: looked and let through; skipped: does not concern this request. */
export type StageVerdict = 'passed' | 'mutated' | 'rejected' | 'skipped';

/** One difference between two JSON values; `path` is a JSON pointer. Absent `before`: added; absent `after`: removed. */
export interface Change {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface ObjectRef {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

export interface RequestEvent {
  readonly type: 'request';
  readonly method: string;
  readonly url: string;
  readonly verb: string;
  readonly object?: ObjectRef;
  readonly userAgent: string;
  readonly dryRun: boolean;
}

/** A finished stage, or one plugin of it; `cause` is the request's event, `started` its virtual start. */
export interface StageEvent {
  readonly type: 'stage';
  readonly stage: Stage;
  readonly plugin?: string;
  readonly started: Micros;
  readonly verdict: StageVerdict;
  /** A sentence: what was looked at and what was found. For a rejection, the server's words. */
  readonly summary: string;
  readonly changes?: readonly Change[];
  /** Facts worth showing as they are: the deciding rule, the user's groups, the flow schema, used and hard quota … */
  readonly facts?: Readonly<Record<string, string>>;
}

export interface ResponseEvent {
  readonly type: 'response';
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly warnings?: readonly string[];
}

export interface EtcdPutEvent {
  readonly type: 'etcd.put';
  readonly key: string;
  readonly revision: number;
  /** 1 for a creation; the key's version after the write. */
  readonly version: number;
  readonly bytes: number;
}

export interface EtcdDeleteEvent {
  readonly type: 'etcd.delete';
  readonly key: string;
  readonly revision: number;
}

export interface EtcdCompactEvent {
  readonly type: 'etcd.compact';
  readonly revision: number;
}

/** Something took a member of etcd longer than it should; it is in its log as well. */
export interface EtcdSlowEvent {
  readonly type: 'etcd.slow';
  readonly what: 'apply' | 'sync' | 'heartbeat';
  readonly took: Micros;
  readonly summary: string;
}

/**
 * What the members of etcd do to agree: messages (`to` is the member they go to; the cause of what it does then),
 * elections and terms, commits. Heartbeats that carry nothing are left out.
 */
export interface RaftEvent {
  readonly type: 'raft';
  readonly kind:
    | 'election'
    | 'vote'
    | 'propose'
    | 'append'
    | 'heartbeat'
    | 'commit'
    | 'read'
    | 'snapshot'
    | 'member';
  readonly to?: string;
  readonly term: number;
  readonly summary: string;
}

/** A watcher heard of a write: `cause` is the etcd event. */
export interface WatchEvent {
  readonly type: 'watch';
  readonly change: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ObjectRef;
  readonly resourceVersion: string;
}

export interface QueueEvent {
  readonly type: 'queue';
  readonly action: 'added' | 'got' | 'requeued';
  readonly queue: string;
  readonly key: string;
  readonly delay?: Micros;
  readonly failures?: number;
}

export interface ReconcileEvent {
  readonly type: 'reconcile';
  readonly phase: 'started' | 'finished';
  readonly key: string;
  /** What was decided, in plain words: `3 replicas wanted, 2 there: creating 1`. */
  readonly summary: string;
  readonly error?: string;
}

/** One cycle's verdicts: `filter` per node, `score` per node, `decision` at the end. */
export interface ScheduleEvent {
  readonly type: 'schedule';
  readonly phase: 'started' | 'filter' | 'score' | 'decision' | 'preemption';
  readonly pod: string;
  readonly node?: string;
  readonly plugin?: string;
  readonly passed?: boolean;
  readonly raw?: number;
  readonly normalized?: number;
  readonly weight?: number;
  readonly summary: string;
}

export interface KubeletEvent {
  readonly type: 'kubelet';
  readonly action:
    | 'admitted'
    | 'rejected'
    | 'sandboxCreated'
    | 'pullStarted'
    | 'pulled'
    | 'pullFailed'
    | 'containerCreated'
    | 'containerStarted'
    | 'containerExited'
    | 'backOff'
    | 'probe'
    | 'killing'
    | 'statusChanged'
    | 'heartbeat'
    | 'removed';
  readonly pod?: string;
  readonly container?: string;
  readonly summary: string;
}

/** A timer that somebody set ran out: `cause` is the event in which it was set. */
export interface TimerEvent {
  readonly type: 'timer';
  readonly summary: string;
}

/** The beginning of a causal graph beside requests from outside: a component starts, or a person works a control. */
export interface LifecycleEvent {
  readonly type: 'lifecycle';
  readonly action: 'started' | 'stopped' | 'fault';
  readonly summary: string;
}

export type EventBody =
  | RequestEvent
  | StageEvent
  | ResponseEvent
  | EtcdPutEvent
  | EtcdDeleteEvent
  | EtcdCompactEvent
  | EtcdSlowEvent
  | RaftEvent
  | WatchEvent
  | QueueEvent
  | ReconcileEvent
  | ScheduleEvent
  | KubeletEvent
  | TimerEvent
  | LifecycleEvent;

export interface EventHeader {
  readonly id: EventId;
  readonly time: Micros;
  readonly component: ComponentId;
  /** Absent for roots only: requests from outside, lifecycle events, and clients of etcd from outside. */
  readonly cause?: EventId;
  readonly also?: readonly EventId[];
}

export type TraceEvent = EventHeader & EventBody;
