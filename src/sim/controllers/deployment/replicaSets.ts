import { clone, controllerOf } from '../../../api/meta.ts';
import { podTemplateHash } from '../../../api/hash.ts';
import { replicasets } from '../../../api/resources.ts';
import { isStatus, StatusError } from '../../../api/status.ts';
import type { ReplicaSet } from '../../../api/types/appsV1.ts';
import { defined } from '../../../base/assert.ts';
import { conditionOf, withCondition } from '../shared/conditions.ts';
import { controllerReference, isNamespaceTerminating } from '../shared/objects.ts';
import * as util from './deploymentUtil.ts';
import { updateSet, updateStatus, type Turn } from './turn.ts';

export interface Sets {
  readonly newSet: ReplicaSet | undefined;
  readonly oldSets: ReplicaSet[];
}

/**
 * The ReplicaSet of the current template, made if it is missing and `create` says so, and the older ones. Brings the
 * revision up to date. Models getAllReplicaSetsAndSyncRevision and getNewReplicaSet.
 */
export async function syncReplicaSets(turn: Turn, create: boolean): Promise<Sets> {
  const { newSet: existing, oldSets } = util.findReplicaSets(turn.d, turn.sets);
  const revision = Math.max(0, ...oldSets.map(util.revisionOf)) + 1;
  if (existing) return { newSet: await syncExisting(turn, existing, revision), oldSets };
  if (!create) return { newSet: undefined, oldSets };
  return { newSet: await createSet(turn, oldSets, revision), oldSets };
}

async function syncExisting(
  turn: Turn,
  existing: ReplicaSet,
  revision: number,
): Promise<ReplicaSet> {
  const { d } = turn;
  const set = clone(existing);
  const { minReadySeconds = 0 } = util.specOf(d);
  const annotated = util.setAnnotations(d, set, revision, true);
  const spec = defined(set.spec, 'a ReplicaSet has a spec');
  if (annotated || (spec.minReadySeconds ?? 0) !== minReadySeconds) {
    if (minReadySeconds) spec.minReadySeconds = minReadySeconds;
    else delete spec.minReadySeconds;
    return updateSet(turn, set);
  }
  let changed = util.setRevision(d, set.metadata.annotations?.[util.REVISION] ?? '');
  const conditions = d.status?.conditions;
  if (util.hasProgressDeadline(d) && !conditionOf(conditions, 'Progressing')) {
    const message = `Found new replica set "${set.metadata.name ?? ''}"`;
    setProgressing(turn, 'True', 'FoundNewReplicaSet', message);
    changed = true;
  }
  if (changed) await updateStatus(turn);
  return set;
}

async function createSet(
  turn: Turn,
  oldSets: readonly ReplicaSet[],
  revision: number,
): Promise<ReplicaSet> {
  const { d, client, recorder, cause } = turn;
  const set = newReplicaSet(turn);
  const replicas = util.newSetReplicas(d, [...oldSets, set], set);
  defined(set.spec, 'a ReplicaSet has a spec').replicas = replicas;
  util.setAnnotations(d, set, revision, false);
  const { name = '' } = set.metadata;
  let created: ReplicaSet;
  let isNew = true;
  try {
    created = await client.create(replicasets, set, cause);
    turn.note(`creates ReplicaSet ${name} with ${replicas} replicas`);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.reason !== 'AlreadyExists') {
      await createFailed(turn, name, error);
      throw error;
    }
    created = await sameOrCollision(turn, name, error);
    isNew = false;
  }
  if (isNew && replicas > 0) {
    const message = `Scaled up replica set ${name} from 0 to ${replicas}`;
    recorder.record(d, 'Normal', 'ScalingReplicaSet', message, cause);
  }
  let changed = util.setRevision(d, String(revision));
  if (isNew && util.hasProgressDeadline(d)) {
    setProgressing(turn, 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`);
    changed = true;
  }
  if (changed) await updateStatus(turn);
  return created;
}

function newReplicaSet({ d }: Turn): ReplicaSet {
  const spec = util.specOf(d);
  const hash = podTemplateHash(spec.template, d.status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [util.TEMPLATE_HASH]: hash };
  const { minReadySeconds } = spec;
  const { namespace } = d.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: replicaSetName(d.metadata.name ?? '', hash),
      ...(namespace && { namespace }),
      labels,
      ownerReferences: [controllerReference(d)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds && { minReadySeconds }),
      selector: {
        ...clone(spec.selector),
        matchLabels: { ...spec.selector.matchLabels, [util.TEMPLATE_HASH]: hash },
      },
      template: {
        ...clone(spec.template),
        metadata: { ...clone(spec.template.metadata ?? {}), labels: { ...labels } },
      },
    },
  };
}

/** Models generateReplicaSetName. */
const replicaSetName = (deployment: string, hash: string): string =>
  `${deployment.slice(0, 253 - 1 - hash.length)}-${hash}`;

/** A ReplicaSet of that name is there: ours with this template (the cache was behind), or a collision of hashes. */
async function sameOrCollision(turn: Turn, name: string, error: StatusError): Promise<ReplicaSet> {
  const { d, replicaSets } = turn;
  const set = replicaSets.get(d.metadata.namespace ?? '', name);
  if (!set) throw error;
  const isOurs = controllerOf(set)?.uid === d.metadata.uid;
  if (isOurs && util.sameTemplate(util.specOf(d).template, set.spec?.template)) return set;
  d.status = { ...d.status, collisionCount: (d.status?.collisionCount ?? 0) + 1 };
  await updateStatus(turn).catch((failure: unknown) => {
    if (!(failure instanceof StatusError)) throw failure;
  });
  throw error;
}

async function createFailed(turn: Turn, name: string, error: StatusError): Promise<void> {
  const { d, recorder, cause } = turn;
  if (isNamespaceTerminating(error)) return;
  const message = `Failed to create new replica set "${name}": ${error.message}`;
  if (util.hasProgressDeadline(d)) {
    setProgressing(turn, 'False', 'ReplicaSetCreateError', message);
    await updateStatus(turn).catch((failure: unknown) => {
      if (!(failure instanceof StatusError)) throw failure;
    });
  }
  recorder.record(d, 'Warning', 'ReplicaSetCreateError', message, cause);
}

export function setProgressing(
  { d, clock }: Turn,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): void {
  const condition = util.condition(clock.now(), 'Progressing', status, reason, message);
  d.status = { ...d.status, conditions: withCondition(d.status?.conditions, condition, true) };
}

/** Deletes the oldest ReplicaSets beyond the limit of the history. Models cleanupDeployment. */
export async function cleanUp(turn: Turn, oldSets: readonly ReplicaSet[]): Promise<void> {
  const { revisionHistoryLimit } = util.specOf(turn.d);
  if (revisionHistoryLimit === undefined || revisionHistoryLimit === 0x7fffffff) return;
  const sets = oldSets.filter((set) => !set.metadata.deletionTimestamp).sort(util.byRevision);
  const surplus = sets.slice(0, Math.max(0, sets.length - revisionHistoryLimit));
  for (const set of surplus) {
    const { namespace = '', name = '', generation = 0 } = set.metadata;
    const isIdle =
      (set.status?.replicas ?? 0) === 0 &&
      util.wantedReplicas(set) === 0 &&
      generation <= (set.status?.observedGeneration ?? 0);
    if (!isIdle) continue;
    turn.note(`deletes ReplicaSet ${name}, which is beyond the history limit`);
    try {
      await turn.client.delete(replicasets, namespace, name, {}, turn.cause);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}
