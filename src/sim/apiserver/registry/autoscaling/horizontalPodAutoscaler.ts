import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import type { JsonObject } from '../../../../api/meta.ts';
import type * as autoscalingV1 from '../../../../api/types/autoscalingV1.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../../../../api/types/autoscalingV2.ts';
import { horizontalPodAutoscalerToV2 } from '../../storage/convertAutoscaling.ts';
import { all, atLeastZero, each, mayBeOneOf, must, oneOf, type Loose } from '../shared/checks.ts';
import { validateAmount } from '../shared/resources.ts';
import type { Strategy } from '../strategy.ts';
import { defaultHorizontalPodAutoscaler } from './defaults.ts';
import { validateMetrics } from './metrics.ts';
import { validateReference, versionProblem, type ReferenceOptions } from './references.ts';

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');

/** Models kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler and pkg/apis/autoscaling/validation. */
export const horizontalPodAutoscalerStrategy: Strategy<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  default_: defaultHorizontalPodAutoscaler,
  validate: (autoscaler) => validate(autoscaler),
  validateUpdate: validate,
  subresources: { status: { validateUpdate: validateStatus } },
};

/** Judged in the form of v2, whose paths its errors have. */
export const horizontalPodAutoscalerV1Strategy: Strategy<autoscalingV1.HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  default_(autoscaler) {
    const own = autoscaler.spec as autoscalingV1.HorizontalPodAutoscalerSpec | undefined;
    if (!own) return;
    own.minReplicas ??= 1;
    if (!specOf(toV2(autoscaler)).metrics?.length) own.targetCPUUtilizationPercentage = 80;
  },
  validate: (autoscaler) => validate(toV2(autoscaler)),
  validateUpdate: (autoscaler, old) => validate(toV2(autoscaler), toV2(old)),
  subresources: { status: { validateUpdate: validateStatus } },
};

const toV2 = (autoscaler: autoscalingV1.HorizontalPodAutoscaler): HorizontalPodAutoscaler =>
  horizontalPodAutoscalerToV2(
    autoscaler as unknown as JsonObject,
  ) as unknown as HorizontalPodAutoscaler;

function validateStatus({
  status: own,
}: HorizontalPodAutoscaler | autoscalingV1.HorizontalPodAutoscaler): FieldError[] {
  return all(
    (['currentReplicas', 'desiredReplicas'] as const).map((key) =>
      atLeastZero(own?.[key], status.child(key)),
    ),
  );
}

const specOf = (
  autoscaler: HorizontalPodAutoscaler | undefined,
): Loose<HorizontalPodAutoscalerSpec> =>
  (autoscaler as Loose<HorizontalPodAutoscaler> | undefined)?.spec ?? {};

function validate(
  autoscaler: HorizontalPodAutoscaler,
  old?: HorizontalPodAutoscaler,
): FieldError[] {
  const given = specOf(autoscaler);
  const { minReplicas, maxReplicas, behavior } = given;
  const lowest = specOf(old).minReplicas === 0 ? 0 : 1;
  const most = maxReplicas ?? 0;
  const minAt = spec.child('minReplicas');
  const maxAt = spec.child('maxReplicas');
  const target = given.scaleTargetRef ?? {};
  const before = specOf(old).scaleTargetRef;
  const isSameTarget =
    before?.apiVersion === target.apiVersion && before?.kind === target.kind && !!old;
  return all(
    (minReplicas ?? lowest) < lowest &&
      invalid(minAt, minReplicas, `must be greater than or equal to ${lowest}`),
    most === 0 && required(maxAt, 'must be set and greater than 0'),
    most < 0 && invalid(maxAt, most, 'must be greater than or equal to 1'),
    most < (minReplicas ?? -Infinity) &&
      invalid(maxAt, most, 'must be greater than or equal to `minReplicas`'),
    validateReference(target, spec.child('scaleTargetRef'), {
      takesAnyVersion: isSameTarget,
      takesCoreGroup: !isSameTarget && target.kind === 'ReplicationController',
    }),
    validateMetrics(given, spec.child('metrics'), metricReferences(old)),
    (['scaleUp', 'scaleDown'] as const).map((key) =>
      validateScalingRules(behavior?.[key], spec.child('behavior', key)),
    ),
  );
}

/** Metrics of objects may be of the core group, and of any version when one was before. */
function metricReferences(old: HorizontalPodAutoscaler | undefined): ReferenceOptions {
  const options = { takesAnyVersion: false, takesCoreGroup: true };
  const takesAnyVersion = (specOf(old).metrics ?? []).some(
    ({ type, object }) =>
      type === 'Object' &&
      !!object &&
      versionProblem(object.describedObject ?? {}, options) !== undefined,
  );
  return { ...options, takesAnyVersion };
}

const maxWindowSeconds = 3600;
const maxPeriodSeconds = 1800;

function validateScalingRules(
  rules: Loose<HPAScalingRules> | null | undefined,
  at: FieldPath,
): FieldError[] {
  if (!rules) return [];
  const windowSeconds = rules.stabilizationWindowSeconds ?? 0;
  const windowAt = at.child('stabilizationWindowSeconds');
  return all(
    windowSeconds < 0 && invalid(windowAt, windowSeconds, 'must be greater than or equal to zero'),
    windowSeconds > maxWindowSeconds &&
      invalid(windowAt, windowSeconds, `must be less than or equal to ${maxWindowSeconds}`),
    mayBeOneOf(rules.selectPolicy, ['Disabled', 'Max', 'Min'], at.child('selectPolicy')),
    must(rules.policies, at.child('policies'), 'must specify at least one Policy'),
    each(rules.policies, at.child('policies'), validatePolicy),
    rules.tolerance && validateAmount('tolerance', rules.tolerance, at.child('tolerance')),
  );
}

function validatePolicy(policy: Loose<HPAScalingPolicy>, at: FieldPath): FieldError[] {
  const { value, periodSeconds } = policy;
  const periodAt = at.child('periodSeconds');
  return all(
    oneOf(policy.type, ['Percent', 'Pods'], at.child('type')),
    (value ?? 0) <= 0 && invalid(at.child('value'), value ?? 0, 'must be greater than zero'),
    (periodSeconds ?? 0) <= 0 && invalid(periodAt, periodSeconds ?? 0, 'must be greater than zero'),
    (periodSeconds ?? 0) > maxPeriodSeconds &&
      invalid(periodAt, periodSeconds, `must be less than or equal to ${maxPeriodSeconds}`),
  );
}
