import { FieldPath, invalid, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetSpec,
} from '../../../../api/types/policyV1.ts';
import { notMoreThan100Percent, positiveIntOrPercent } from '../apps/shared.ts';
import { all, atLeastZero, mayBeOneOf } from '../shared/checks.ts';
import { validateConditions } from '../shared/conditions.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { nameRules } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');
const amounts = ['minAvailable', 'maxUnavailable'] as const;
const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;

/** Models kubernetes/pkg/registry/policy/poddisruptionbudget and pkg/apis/policy/validation. */
export const podDisruptionBudgetStrategy: Strategy<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  hasGeneration: true,
  meta: 'last',
  metaOnUpdate: [],
  validateName: nameRules.pathSegment,
  validate: ({ spec: own }) => validateSpec(own ?? {}, false),
  validateUpdate: ({ spec: own }, old) =>
    validateSpec(own ?? {}, validateLabelSelector(old.spec?.selector, spec).length > 0),
  subresources: {
    status: {
      validateUpdate: ({ status: own }) =>
        all(
          validateConditions(own?.conditions, status.child('conditions')),
          counts.map((key) => atLeastZero(own?.[key], status.child(key))),
        ),
    },
  },
};

function validateSpec(own: PodDisruptionBudgetSpec, allowsLabels: boolean): FieldError[] {
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  return all(
    amounts.every((key) => own[key] !== undefined) &&
      invalid(
        spec,
        internalForm('policy.PodDisruptionBudgetSpec', own),
        'minAvailable and maxUnavailable cannot be both set',
      ),
    amounts.map((key) => {
      const amount = own[key];
      if (amount === undefined) return [];
      const at = spec.child(key);
      return [positiveIntOrPercent(amount, at), notMoreThan100Percent(amount, at)];
    }),
    validateLabelSelector(own.selector, spec.child('selector'), allowsLabels),
    mayBeOneOf(own.unhealthyPodEvictionPolicy, policies, spec.child('unhealthyPodEvictionPolicy')),
  );
}
