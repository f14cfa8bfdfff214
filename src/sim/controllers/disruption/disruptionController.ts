import { clone, keyOf, splitKey } from '../../../api/meta.ts';
import { updateDisruptionAllowed } from '../../../api/disruption.ts';
import {
  deployments,
  poddisruptionbudgets,
  pods,
  replicasets,
  replicationcontrollers,
  statefulsets,
} from '../../../api/resources.ts';
import { SelectorError, selectorOf } from '../../../api/selectors.ts';
import { isStatus, StatusError } from '../../../api/status.ts';
import type { LabelSelector } from '../../../api/types/metaV1.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from '../../../api/types/policyV1.ts';
import { equal } from '../../../api/meta.ts';
import { formatTime, minute, type Micros } from '../../../base/time.ts';
import type { Cause, EventId } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import { EventRecorder } from '../../client/eventRecorder.ts';
import type { Informer } from '../../client/informer.ts';
import type { Lister } from '../../client/objectCache.ts';
import type { WorkQueue } from '../../client/workQueue.ts';
import { conditionOf } from '../shared/conditions.ts';
import { scaledValue } from '../shared/intOrPercent.ts';
import { byName, timeOf } from '../shared/objects.ts';
import { isPodReady, isPodTerminal } from '../shared/pods.ts';
import { expectedScale, ScaleError, type Scaled, type ScaledKinds } from './expectedPods.ts';

/** How long an evicted pod may take until it is being deleted. */
const DELETION_TIMEOUT = 2 * minute;
/** How long a pod that was to be disrupted keeps the condition that says so. */
const STALE_DISRUPTION = 2 * minute;

/** Counts what PodDisruptionBudgets still allow. Models pkg/controller/disruption DisruptionController. */
export class DisruptionController extends Controller {
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #pods: Informer<Pod>;
  readonly #kinds: ScaledKinds;
  readonly #stale: WorkQueue;
  readonly #recorder: EventRecorder;

  constructor(options: ControllerOptions) {
    super(options, 'disruption');
    this.#recorder = this._register(
      new EventRecorder({
        ...options,
        random: this.random.fork('events'),
        source: 'controllermanager',
      }),
    );
    this.#stale = this.addQueue('stale_pod_disruption', (key, cause) => this.#reset(key, cause));
    const budgetSeen = (budget: PodDisruptionBudget, cause: EventId): void =>
      this.queue.add(keyOf(budget), cause);
    this.#budgets = this.informer(poddisruptionbudgets, {
      added: budgetSeen,
      updated: (_, budget, cause) => budgetSeen(budget, cause),
      deleted: budgetSeen,
    });
    this.#pods = this.informer(pods, {
      added: (pod, cause) => this.#podSeen(pod, cause),
      updated: (_, pod, cause) => this.#podSeen(pod, cause),
      deleted: (pod, cause) => this.#enqueueBudget(pod, cause),
    });
    const lister = (one: { lister: unknown }): Lister<Scaled> => one.lister as Lister<Scaled>;
    this.#kinds = {
      ReplicationController: { group: '', lister: lister(this.informer(replicationcontrollers)) },
      ReplicaSet: { group: 'apps', lister: lister(this.informer(replicasets)) },
      Deployment: { group: 'apps', lister: lister(this.informer(deployments)) },
      StatefulSet: { group: 'apps', lister: lister(this.informer(statefulsets)) },
    };
  }

  /** Models sync. */
  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const budget = this.#budgets.lister.byKey(key);
    if (!budget) return 'is gone: nothing to do';
    try {
      return await this.#sync(key, budget, cause);
    } catch (error) {
      const isExpected =
        error instanceof StatusError ||
        error instanceof ScaleError ||
        error instanceof SelectorError;
      if (!isExpected || isStatus(error, 'Conflict')) throw error;
      await this.#failSafe(budget, error.message, cause);
      return `allows no disruption: ${error.message}`;
    }
  }

  async #sync(key: string, budget: PodDisruptionBudget, cause: Cause): Promise<string> {
    const { namespace = '' } = budget.metadata;
    const selector = selectorOf(budget.spec?.selector);
    const selected = this.#pods.lister
      .list(namespace)
      .filter(({ metadata }) => selector.matches(metadata.labels));
    if (!selected.length)
      this.#recorder.record(budget, 'Normal', 'NoPods', 'No matching pods found', cause);
    const { expected, desired } = await this.#expectations(budget, selected, cause);
    const now = this.clock.now();
    const { disrupted, recheck } = this.#disrupted(budget, selected, now, cause);
    const healthy = selected.filter(
      (pod) =>
        !pod.metadata.deletionTimestamp &&
        disrupted[pod.metadata.name ?? ''] === undefined &&
        isPodReady(pod),
    ).length;
    const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
    const status: PodDisruptionBudgetStatus = {
      currentHealthy: healthy,
      desiredHealthy: desired,
      expectedPods: expected,
      disruptionsAllowed: allowed,
      ...(Object.keys(disrupted).length && { disruptedPods: disrupted }),
      observedGeneration: budget.metadata.generation ?? 0,
      ...(budget.status?.conditions && { conditions: budget.status.conditions }),
    };
    await this.#write(budget, status, cause);
    if (recheck !== undefined) this.queue.addAfter(key, recheck - now, cause);
    return `${healthy} of ${expected} healthy, ${desired} needed: ${allowed} may be disrupted`;
  }

  /** How many pods there are to be, and how many of them healthy. Models getExpectedPodCount. */
  async #expectations(
    budget: PodDisruptionBudget,
    selected: readonly Pod[],
    cause: Cause,
  ): Promise<{ expected: number; desired: number }> {
    const { maxUnavailable, minAvailable } = budget.spec ?? {};
    if (maxUnavailable === undefined && typeof minAvailable === 'number')
      return { expected: selected.length, desired: minAvailable };
    if (maxUnavailable === undefined && minAvailable === undefined)
      return { expected: 0, desired: 0 };
    const { count, unmanaged } = await this.#scale(budget, selected, cause);
    if (unmanaged.length)
      this.#recorder.record(budget, 'Warning', 'UnmanagedPods', unmanagedText(budget), cause);
    const desired =
      maxUnavailable === undefined
        ? scaledValue(minAvailable, count, true)
        : Math.max(0, count - scaledValue(maxUnavailable, count, true));
    return { expected: count, desired };
  }

  async #scale(
    budget: PodDisruptionBudget,
    selected: readonly Pod[],
    cause: Cause,
  ): ReturnType<typeof expectedScale> {
    try {
      return await expectedScale(selected, this.#kinds, this.client, cause);
    } catch (error) {
      if (error instanceof ScaleError || error instanceof StatusError)
        this.#recorder.record(
          budget,
          'Warning',
          'CalculateExpectedPodCountFailed',
          `Failed to calculate the number of expected pods: ${error.message}`,
          cause,
        );
      throw error;
    }
  }

  /** Pods that were evicted and are not being deleted yet. Models buildDisruptedPodMap. */
  #disrupted(
    budget: PodDisruptionBudget,
    selected: readonly Pod[],
    now: Micros,
    cause: Cause,
  ): { disrupted: Record<string, string>; recheck?: Micros } {
    const disrupted: Record<string, string> = {};
    let recheck: Micros | undefined;
    for (const pod of selected) {
      const { name = '', deletionTimestamp } = pod.metadata;
      const since = budget.status?.disruptedPods?.[name];
      if (deletionTimestamp || since === undefined) continue;
      const due = timeOf(since) + DELETION_TIMEOUT;
      if (due < now) {
        const { namespace = '' } = budget.metadata;
        // The namespace stands twice, as upstream.
        const text = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
        this.#recorder.record(pod, 'Warning', 'NotDeleted', text, cause);
        continue;
      }
      disrupted[name] = since;
      recheck = recheck === undefined ? due : Math.min(recheck, due);
    }
    return { disrupted, ...(recheck !== undefined && { recheck }) };
  }

  async #write(
    budget: PodDisruptionBudget,
    status: PodDisruptionBudgetStatus,
    cause: Cause,
  ): Promise<void> {
    updateDisruptionAllowed(status, formatTime(this.clock.now()));
    if (equal(status, budget.status)) return;
    await this.client.update(poddisruptionbudgets, { ...clone(budget), status }, cause, 'status');
  }

  /** What cannot be counted allows nothing. Models failSafe. */
  async #failSafe(budget: PodDisruptionBudget, message: string, cause: Cause): Promise<void> {
    const old = conditionOf(budget.status?.conditions, 'DisruptionAllowed');
    const condition = {
      type: 'DisruptionAllowed',
      status: 'False' as const,
      reason: 'SyncFailed',
      message,
      observedGeneration: budget.status?.observedGeneration ?? 0,
      lastTransitionTime:
        old?.status === 'False' ? old.lastTransitionTime : formatTime(this.clock.now()),
    };
    const conditions = (budget.status?.conditions ?? []).filter(
      ({ type }) => type !== condition.type,
    );
    const status: PodDisruptionBudgetStatus = {
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
      ...budget.status,
      disruptionsAllowed: 0,
      conditions: [...conditions, condition],
    };
    await this.client.update(poddisruptionbudgets, { ...clone(budget), status }, cause, 'status');
  }

  #podSeen(pod: Pod, cause: EventId): void {
    this.#enqueueBudget(pod, cause);
    const wait = this.#staleIn(pod);
    if (wait !== undefined) this.#stale.addAfter(keyOf(pod), wait, cause);
  }

  #enqueueBudget(pod: Pod, cause: EventId): void {
    const { namespace = '', name = '', labels } = pod.metadata;
    const [first, ...more] = this.#budgets.lister
      .list(namespace)
      .filter((budget) => covers(budget, labels))
      .sort(byName);
    if (!first) return;
    if (more.length) {
      const text = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${first.metadata.name ?? ''}" arbitrarily.`;
      this.#recorder.record(pod, 'Warning', 'MultiplePodDisruptionBudgets', text, { cause });
    }
    this.queue.add(keyOf(first), cause);
  }

  /** When the condition of a pod that was to be disrupted, and was not, becomes stale. */
  #staleIn({ metadata, status }: Pod): Micros | undefined {
    if (metadata.deletionTimestamp) return undefined;
    const condition = conditionOf(status?.conditions, 'DisruptionTarget');
    if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet')
      return undefined;
    if (isPodTerminal({ metadata, status } as Pod)) return undefined;
    return Math.max(0, timeOf(condition.lastTransitionTime) + STALE_DISRUPTION - this.clock.now());
  }

  /** Models syncStalePodDisruption. */
  async #reset(key: string, cause: Cause): Promise<string> {
    const { namespace, name } = splitKey(key);
    const pod = this.#pods.lister.get(namespace, name);
    const wait = pod && this.#staleIn(pod);
    if (!pod || wait === undefined) return 'nothing to reset';
    if (wait > 0) {
      this.#stale.addAfter(key, wait, cause);
      return 'not stale yet';
    }
    const reset = clone(pod);
    const status = (reset.status ??= {});
    status.conditions = (status.conditions ?? []).map((condition) =>
      condition.type === 'DisruptionTarget'
        ? {
            type: condition.type,
            status: 'False',
            observedGeneration: pod.metadata.generation ?? 0,
            lastProbeTime: null,
            lastTransitionTime: formatTime(this.clock.now()),
          }
        : condition,
    ) as NonNullable<typeof status.conditions>;
    await this.client.update(pods, reset, cause, 'status');
    return 'was not disrupted after all';
  }
}

function covers(budget: PodDisruptionBudget, labels: Record<string, string> | undefined): boolean {
  try {
    return selectorOf(budget.spec?.selector).matches(labels);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

const unmanagedText = ({ spec }: PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${selectorText(spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

/** As Go prints the struct. */
function selectorText(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.map(([key, value]) => `${key}: ${value},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
