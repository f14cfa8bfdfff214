import { defined } from '../../../base/assert.ts';
import { formatTime } from '../../../base/time.ts';
import { clone, type JsonObject, type KubeObject } from '../../../api/meta.ts';
import { updateDisruptionAllowed } from '../../../api/disruption.ts';
import { poddisruptionbudgets } from '../../../api/resources.ts';
import { selectorOf, SelectorError } from '../../../api/selectors.ts';
import {
  badRequest,
  conflict,
  failure,
  forbidden,
  isStatus,
  notFound,
  StatusError,
  tooManyRequests,
} from '../../../api/status.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { PodDisruptionBudget } from '../../../api/types/policyV1.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { withCondition } from './binding.ts';
import { deleteOne } from './delete.ts';
import { checkedOptions, type DeleteOptions } from './deleteOptions.ts';
import { success } from './respond.ts';
import type { RestTarget } from './target.ts';
import { createVirtual } from './virtualCreate.ts';

const RETRIES = 20;

/** POST to pods/NAME/eviction: a deletion that PodDisruptionBudgets may refuse. Models pod/storage EvictionREST. */
export function evictPod(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  return createVirtual(exchange, target, {}, async ({ object, write, validate }) => {
    const eviction = object as KubeObject & { readonly deleteOptions?: JsonObject };
    if ((eviction.metadata.name ?? '') !== target.name)
      throw badRequest('name in URL does not match name in Eviction object');
    const sent = checkedOptions(eviction.deleteOptions ?? {});
    const options: DeleteOptions = { ...sent, dryRun: sent.dryRun || write.dryRun };
    await validate();
    const pod = await podOf(exchange, target);
    if (!ignoresBudgets(pod)) await askBudgets(exchange, target, pod, options.dryRun);
    if (!options.dryRun) await markDisrupted(exchange, target, options);
    await deleteOne(exchange, { ...target, subresource: undefined }, withoutVersion(options));
    return success(undefined, 201);
  });
}

async function podOf(exchange: Exchange, { resource, namespace, name }: RestTarget): Promise<Pod> {
  const stored = await exchange.server.store.get(resource, namespace, name);
  if (!stored) throw notFound(resource, name);
  return stored.object;
}

/** The mark below changes the version that the asker may have named; it was checked there. */
function withoutVersion(options: DeleteOptions): DeleteOptions {
  const uid = options.preconditions?.uid;
  return { ...options, preconditions: uid === undefined ? undefined : { uid } };
}

const ignoresBudgets = (pod: Pod): boolean =>
  ['Succeeded', 'Failed', 'Pending'].includes(pod.status?.phase ?? '') ||
  pod.metadata.deletionTimestamp !== undefined;

const markDisrupted = (
  exchange: Exchange,
  target: RestTarget,
  options: DeleteOptions,
): Promise<void> =>
  exchange.stage('storage', async (note) => {
    await setCondition(exchange, target, options);
    note.summary = 'The Pod says that it is being evicted.';
  });

async function setCondition(
  exchange: Exchange,
  { resource, namespace, name }: RestTarget,
  { preconditions }: DeleteOptions,
): Promise<void> {
  const { store, clock } = exchange.server;
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    const old = await store.get(resource, namespace, name);
    if (!old) throw notFound(resource, name);
    const { uid = '', resourceVersion = '' } = old.object.metadata;
    const about = { group: '', resource: 'Pod' };
    if (preconditions?.uid && preconditions.uid !== uid)
      throw conflict(
        about,
        name,
        `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
      );
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion)
      throw conflict(
        about,
        name,
        `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
      );
    const pod = clone(old.object as Pod);
    const status = (pod.status ??= {});
    status.conditions = withCondition(
      status.conditions ?? [],
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
      },
      formatTime(clock.now()),
    );
    await exchange.settle();
    if ((await store.replace(resource, old, pod, exchange.event)).done) return;
  }
}

async function askBudgets(
  exchange: Exchange,
  target: RestTarget,
  pod: Pod,
  dryRun: boolean,
): Promise<void> {
  const { store, resources, loopback } = exchange.server;
  const served = defined(resources.get('policy', 'v1', 'poddisruptionbudgets'), 'PDBs are served');
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    const { items } = await store.list(served, target.namespace);
    const budgets = items.filter(({ object }) => covers(object as PodDisruptionBudget, pod));
    if (budgets.length > 1)
      throw new StatusError({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message:
          'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        code: 500,
      });
    const [budget] = budgets;
    if (!budget) return;
    const pdb = budget.object as PodDisruptionBudget;
    if (!isReady(pod) && allowsUnhealthy(pdb)) return;
    const charged = decrement(pdb, pod, formatTime(exchange.server.clock.now()));
    if (dryRun) return;
    await exchange.settle();
    try {
      await loopback.update(poddisruptionbudgets, charged, { cause: exchange.event }, 'status');
      return;
    } catch (error) {
      if (!isStatus(error, 'Conflict')) throw error;
    }
  }
  throw failure(504, 'Timeout', "Timeout: couldn't update PodDisruptionBudget due to conflicts", {
    retryAfterSeconds: 10,
  });
}

function covers(pdb: PodDisruptionBudget, pod: Pod): boolean {
  try {
    return selectorOf(pdb.spec?.selector).matches(pod.metadata.labels);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

const isReady = (pod: Pod): boolean =>
  (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

function allowsUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const desired = status?.desiredHealthy ?? 0;
  return desired > 0 && (status?.currentHealthy ?? 0) >= desired;
}

const REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget.";

/** Takes one disruption from the budget, or refuses. Models checkAndDecrement. */
function decrement(pdb: PodDisruptionBudget, pod: Pod, now: string): PodDisruptionBudget {
  const name = pdb.metadata.name ?? '';
  const status = pdb.status;
  const about = { group: 'policy', resource: 'poddisruptionbudget' };
  if ((status?.observedGeneration ?? 0) < (pdb.metadata.generation ?? 0))
    throw refusal(`The disruption budget ${name} is still being processed by the server.`, 10);
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) throw forbidden(about, name, 'pdb disruptions allowed is negative');
  if (Object.keys(status?.disruptedPods ?? {}).length > 2000)
    throw forbidden(
      about,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  if (allowed === 0) throw refusal(whyNone(pdb, name), 0);
  const charged = clone(pdb);
  const next = defined(charged.status, 'a budget that allows something has a status');
  next.disruptionsAllowed = allowed - 1;
  if (allowed === 1) updateDisruptionAllowed(next, now);
  next.disruptedPods = { ...next.disruptedPods, [pod.metadata.name ?? '']: now };
  return charged;
}

function whyNone({ status }: PodDisruptionBudget, name: string): string {
  const current = status?.currentHealthy ?? 0;
  const desired = status?.desiredHealthy ?? 0;
  const condition = (status?.conditions ?? []).find(({ type }) => type === 'DisruptionAllowed');
  const isFalse = condition?.status === 'False' && condition.message;
  if (isFalse && condition.reason === 'SyncFailed')
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${condition.message}`;
  if (current <= desired)
    return `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`;
  if (isFalse)
    return `The disruption budget ${name} does not allow evicting pods currently (${condition.reason}): ${condition.message}`;
  return `The disruption budget ${name} does not allow evicting pods currently`;
}

function refusal(why: string, retryAfterSeconds: number): StatusError {
  const error = tooManyRequests(REFUSAL, retryAfterSeconds);
  error.status.details = {
    ...(retryAfterSeconds && { retryAfterSeconds }),
    causes: [{ reason: 'DisruptionBudget', message: why }],
  };
  return error;
}
