import { FieldPath, fieldForbidden, type FieldError } from '../../../../api/field.ts';
import type { PriorityClass } from '../../../../api/types/schedulingV1.ts';
import { all, mustBeOneOf } from '../shared/checks.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

const root = FieldPath.root;
const highestOfUsers = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** Models kubernetes/pkg/registry/scheduling/priorityclass and pkg/apis/scheduling/validation. */
export const priorityClassStrategy: Strategy<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  default_(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  // It has a generation, but nothing counts it.
  hasGeneration: false,
  prepareForCreate(priorityClass) {
    priorityClass.metadata.generation = 1;
  },
  validate: (priorityClass) =>
    all(
      validateValue(priorityClass),
      mustBeOneOf(
        priorityClass.preemptionPolicy,
        ['PreemptLowerPriority', 'Never'],
        root.child('preemptionPolicy'),
      ),
    ),
  validateUpdate: (priorityClass, old) =>
    all(
      (priorityClass.value ?? 0) !== (old.value ?? 0) &&
        fieldForbidden(root.child('value'), 'may not be changed in an update.'),
      validateImmutable(
        priorityClass.preemptionPolicy,
        old.preemptionPolicy,
        root.child('preemptionPolicy'),
      ),
    ),
};

function validateValue({ metadata, value = 0, globalDefault }: PriorityClass): FieldError[] {
  const { name = '' } = metadata;
  if (!name.startsWith('system-'))
    return all(
      value > highestOfUsers &&
        fieldForbidden(
          root.child('value'),
          `maximum allowed value of a user defined priority is ${highestOfUsers}`,
        ),
    );
  const known = systemClasses[name];
  const problem =
    known === undefined
      ? `${name} is not a known system priority class`
      : value !== known
        ? `value of ${name} PriorityClass must be ${known}`
        : globalDefault && `globalDefault of ${name} PriorityClass must be false`;
  return all(
    problem &&
      fieldForbidden(
        FieldPath.of('metadata', 'name'),
        `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`,
      ),
  );
}
