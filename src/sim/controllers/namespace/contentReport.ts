import type { KubeObject } from '../../../api/meta.ts';
import type { Resource } from '../../../api/resource.ts';
import type { NamespaceCondition } from '../../../api/types/coreV1.ts';
import { formatTime, type Clock } from '../../../base/time.ts';
import { RetryError } from '../../client/worker.ts';
import { conditionOf } from '../shared/conditions.ts';

/** The conditions in their order, with what they say when all is well. */
const GOOD: readonly (readonly [type: string, reason: string, message: string])[] = [
  [
    'NamespaceDeletionDiscoveryFailure',
    'ResourcesDiscovered',
    'All resources successfully discovered',
  ],
  [
    'NamespaceDeletionGroupVersionParsingFailure',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ],
  [
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  [
    'NamespaceFinalizersRemaining',
    'ContentHasNoFinalizers',
    'All content-preserving finalizers finished',
  ],
];

/** What one round of emptying a namespace found. Models namespaceConditionUpdater. */
export class ContentReport {
  readonly #clock: Clock;
  readonly #remaining = new Map<string, number>();
  readonly #finalizers = new Map<string, number>();
  readonly #errors: string[] = [];
  #seconds = 0;
  #isListed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many objects are left. */
  get remaining(): number {
    let total = 0;
    for (const count of this.#remaining.values()) total += count;
    return total;
  }

  /** How long it may take until they are gone. */
  get seconds(): number {
    return this.#seconds;
  }

  remains(resource: Resource, items: readonly KubeObject[], seconds: number): void {
    this.#seconds = Math.max(this.#seconds, seconds);
    this.#remaining.set(`${resource.resource}.${resource.group}`, items.length);
    for (const { metadata } of items)
      for (const finalizer of metadata.finalizers ?? [])
        this.#finalizers.set(finalizer, (this.#finalizers.get(finalizer) ?? 0) + 1);
  }

  failed(message: string, seconds = 0): void {
    this.#seconds = Math.max(this.#seconds, seconds);
    this.#errors.push(message);
  }

  /** All resources were looked at; before that, nothing is said of what remains. */
  contentListed(): void {
    this.#isListed = true;
  }

  throwErrors(): void {
    const [first] = this.#errors;
    if (first === undefined) return;
    throw new RetryError(this.#errors.length === 1 ? first : `[${this.#errors.join(', ')}]`);
  }

  /** The new conditions; undefined when they say what the old ones said. */
  conditions(old: readonly NamespaceCondition[]): NamespaceCondition[] | undefined {
    const bad = this.#bad();
    const now = formatTime(this.#clock.now());
    const result = old.map((condition) => ({ ...condition }));
    let changed = false;
    for (const [type, reason, message] of GOOD) {
      const wanted: NamespaceCondition = bad.get(type) ?? {
        type,
        status: 'False',
        reason,
        message,
      };
      const current = conditionOf(result, type);
      if (!current) {
        result.push({ ...wanted, lastTransitionTime: now });
        changed = true;
        continue;
      }
      const isSame =
        current.status === wanted.status &&
        current.reason === wanted.reason &&
        current.message === wanted.message;
      if (isSame) continue;
      if (current.status !== wanted.status) current.lastTransitionTime = now;
      Object.assign(current, wanted);
      changed = true;
    }
    return changed ? result : undefined;
  }

  #bad(): Map<string, NamespaceCondition> {
    const bad = new Map<string, NamespaceCondition>();
    const add = (type: string, reason: string, message: string): void => {
      bad.set(type, { type, status: 'True', reason, message });
    };
    if (this.#errors.length)
      add(
        'NamespaceDeletionContentFailure',
        'ContentDeletionFailed',
        `Failed to delete all resource types, ${this.#errors.length} remaining: ${[...this.#errors].sort().join(', ')}`,
      );
    if (!this.#isListed) return bad;
    if (this.#remaining.size)
      add(
        'NamespaceContentRemaining',
        'SomeResourcesRemain',
        `Some resources are remaining: ${texts(this.#remaining, 'has', 'resource instances')}`,
      );
    if (this.#finalizers.size)
      add(
        'NamespaceFinalizersRemaining',
        'SomeFinalizersRemain',
        `Some content in the namespace has finalizers remaining: ${texts(this.#finalizers, 'in', 'resource instances')}`,
      );
    return bad;
  }
}

const texts = (counts: ReadonlyMap<string, number>, verb: string, noun: string): string =>
  [...counts]
    .map(([name, count]) => `${name} ${verb} ${count} ${noun}`)
    .sort()
    .join(', ');
