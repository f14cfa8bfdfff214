import { millisecond, second, type Micros } from '../base/time.ts';
import { decodeUtf8 } from '../base/bytes.ts';
import type { JsonObject, KubeObject } from '../api/meta.ts';
import type { ReplicaSet } from '../api/types/appsV1.ts';
import type { Pod } from '../api/types/coreV1.ts';
import type { Forecast } from '../source/port.ts';
import type { TraceSink } from '../trace/sink.ts';
import type { ApiServer } from './apiserver/apiServer.ts';
import type { TokenIssuer } from './apiserver/authn/tokens.ts';
import { Cluster } from './cluster.ts';
import { schedulerNames } from './scheduler/scheduler.ts';
import { keyOfText, prefixEnd } from './etcd/key.ts';
import type { Store } from './etcd/store.ts';
import type { EventLoop } from './time/eventLoop.ts';

/** A fork, and what a cluster on it is made with. */
export interface ForkedCluster {
  readonly store: Store;
  readonly apiServer: ApiServer;
  readonly loop: EventLoop;
  readonly trace: TraceSink;
  readonly tokens: TokenIssuer;
  readonly seed: number;
  readonly nodes: number;
  readonly caPem: string;
}

export interface ForecastParts extends ForkedCluster {
  /** Objects that came after this revision belong to the dry run. */
  readonly forkedAt: number;
  readonly limitUs: Micros;
  /** Looking ahead ends when nobody wants to know any more. */
  readonly isWanted: () => boolean;
}

/** Troubles that do not go away by waiting. */
const stuckReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** So long a trouble must last to be believed. */
const settleUs = 3 * second;

/**
 * Runs the forked cluster forward in virtual time, until the Pods that the documents led to are ready, are stuck, or the
 * limit is reached. The result tells, for one document, what became of it.
 */
export async function forecast(
  parts: ForecastParts,
): Promise<(document: JsonObject, stored: KubeObject | undefined) => Forecast | undefined> {
  const { store, loop, forkedAt, limitUs, isWanted } = parts;
  const cluster = new Cluster({ ...parts }, parts);
  cluster.startComponents();
  const start = loop.now();
  let troubleSince: Micros | undefined;
  try {
    for (let until = start + second; until <= start + limitUs; until += second / 2) {
      await loop.runWhile(isWanted, until);
      if (!isWanted()) break;
      await loop.runUntil(until);
      const state = stateOf(podsSince(store, forkedAt), failures(store));
      if (state.outcome === 'healthy') break;
      if (state.outcome !== 'stuck') troubleSince = undefined;
      else troubleSince ??= loop.now();
      if (troubleSince !== undefined && loop.now() - troubleSince > settleUs) break;
    }
  } finally {
    cluster.dispose();
  }
  const pods = podsSince(store, forkedAt);
  const refusing = failures(store);
  return (document, stored) => {
    const uid = stored?.metadata.uid;
    if (uid === undefined || !makesPods.has(document['kind'] as string)) return undefined;
    const owners = new Set([uid]);
    for (const set of objects<ReplicaSet>(store, '/registry/replicasets/'))
      if (set.metadata.ownerReferences?.some((owner) => owners.has(owner.uid)))
        owners.add(set.metadata.uid ?? '');
    const own = pods.filter(
      ({ metadata }) =>
        owners.has(metadata.uid ?? '') ||
        metadata.ownerReferences?.some((owner) => owners.has(owner.uid)),
    );
    const refused = refusing.filter(({ metadata }) => owners.has(metadata.uid ?? ''));
    return stateOf(own, refused);
  };
}

const makesPods = new Set([
  'Pod',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'ReplicationController',
]);

/**
 * Lets the controllers of a fork work until `isDone`, for at most `limitUs` of virtual time: what a person waits for
 * between two documents without noticing.
 */
export async function letControllersWork(
  parts: ForkedCluster,
  isDone: () => boolean,
  limitUs: Micros,
): Promise<void> {
  const { loop } = parts;
  const cluster = new Cluster({ ...parts }, parts);
  cluster.startComponents();
  const end = loop.now() + limitUs;
  try {
    while (!isDone() && loop.now() < end) await loop.runUntil(loop.now() + stepUs);
  } finally {
    cluster.dispose();
  }
}

const stepUs = 50 * millisecond;

function objects<T extends KubeObject>(store: Store, prefix: string): T[] {
  const key = keyOfText(prefix);
  return store
    .rangeNow({ key, rangeEnd: prefixEnd(key) })
    .kvs.map((kv) => JSON.parse(decodeUtf8(kv.value)) as T);
}

function podsSince(store: Store, revision: number): Pod[] {
  const key = keyOfText('/registry/pods/');
  const { kvs } = store.rangeNow({ key, rangeEnd: prefixEnd(key) });
  return kvs
    .filter(({ createRevision }) => createRevision > revision)
    .map((kv) => JSON.parse(decodeUtf8(kv.value)) as Pod);
}

/** ReplicaSets whose Pods are refused. */
const failures = (store: Store): ReplicaSet[] =>
  objects<ReplicaSet>(store, '/registry/replicasets/').filter(({ status }) =>
    status?.conditions?.some(
      ({ type, status: value }) => type === 'ReplicaFailure' && value === 'True',
    ),
  );

function stateOf(pods: readonly Pod[], refused: readonly ReplicaSet[]): Forecast {
  const details: string[] = [];
  const troubles = new Map<string, number>();
  const trouble = (text: string, detail: string) => {
    troubles.set(text, (troubles.get(text) ?? 0) + 1);
    details.push(detail);
  };
  let good = 0;
  for (const pod of pods) {
    const name = pod.metadata.name ?? '';
    const unscheduled = pod.status?.conditions?.find(
      ({ type, status }) => type === 'PodScheduled' && status === 'False',
    );
    const waiting = [
      ...(pod.status?.initContainerStatuses ?? []),
      ...(pod.status?.containerStatuses ?? []),
    ].find(({ state }) => stuckReasons.has(state?.waiting?.reason ?? ''));
    if (unscheduled?.reason === 'Unschedulable')
      trouble(`Pending: ${unscheduled.message ?? ''}`, `${name}: ${unscheduled.message ?? ''}`);
    else if (!pod.spec?.nodeName && !schedulerNames.has(pod.spec?.schedulerName ?? '')) {
      const message = `no scheduler goes by the name ${JSON.stringify(pod.spec?.schedulerName)}`;
      trouble(`Pending: ${message}`, `${name}: ${message}`);
    } else if (waiting)
      trouble(
        `in ${waiting.state?.waiting?.reason ?? ''}: ${waiting.state?.waiting?.message ?? ''}`,
        `${name}: ${waiting.name}: ${waiting.state?.waiting?.message ?? ''}`,
      );
    else if (pod.status?.phase === 'Failed') trouble('Failed', `${name}: Failed`);
    else if (
      pod.status?.phase === 'Succeeded' ||
      pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    ) {
      good++;
      details.push(`${name}: ${pod.status.phase ?? ''} on ${pod.spec?.nodeName ?? ''}`);
    } else details.push(`${name}: ${pod.status?.phase ?? ''}`);
  }
  for (const set of refused) {
    const message =
      set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')?.message ?? '';
    trouble(`not created: ${message}`, `${set.metadata.name ?? ''}: ${message}`);
  }
  if (troubles.size) {
    const summary = [...troubles]
      .map(([text, count]) => `${count} ${count > 1 ? 'Pods' : 'Pod'} ${text}`)
      .join('; ');
    return {
      outcome: 'stuck',
      summary,
      details,
    };
  }
  if (pods.length && good === pods.length)
    return { outcome: 'healthy', summary: `${good} ${good === 1 ? 'Pod' : 'Pods'} ready`, details };
  return {
    outcome: 'running',
    summary: pods.length ? `${good} of ${pods.length} Pods ready` : 'No Pod yet',
    details,
  };
}
