import {
  duplicate,
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from '../../../../api/types/admissionregistrationV1.ts';
import {
  all,
  allInvalid,
  each,
  mayBeOneOf,
  seenBefore,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isDns1035Label, validateFullyQualifiedName } from '../shared/names.ts';
import { validateClientConfig } from '../shared/webhooks.ts';
import type { Strategy } from '../strategy.ts';
import { policyCompiler } from './compiler.ts';
import { validateMatchConditions } from './conditions.ts';
import {
  defaultRules,
  failurePolicies,
  matchPolicies,
  nameWarnings,
  reinvocationPolicies,
  validateRule,
} from './rules.ts';

const webhooks = FieldPath.of('webhooks');

/** A mutating webhook has all that a validating one has. */
type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;
type Webhook = Partial<MutatingWebhook>;

export const validatingWebhookConfigurationStrategy = strategyOf<ValidatingWebhookConfiguration>(
  'ValidatingWebhookConfiguration',
);
export const mutatingWebhookConfigurationStrategy = strategyOf<MutatingWebhookConfiguration>(
  'MutatingWebhookConfiguration',
);

/** Models kubernetes/pkg/registry/admissionregistration/{validating,mutating}webhookconfiguration. */
function strategyOf<T extends Configuration>(kind: T['kind']): Strategy<T> {
  const isMutating = kind === 'MutatingWebhookConfiguration';
  return {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind,
    meta: 'plain',
    metaOnUpdate: ['create'],
    hasGeneration: true,
    default_(configuration) {
      for (const hook of webhooksOf(configuration)) defaultWebhook(hook, isMutating);
    },
    validate: (configuration) => validate(configuration, strict),
    warningsOnCreate: nameWarnings,
    validateUpdate: (configuration, old) =>
      validate(configuration, toleranceOf(configuration, old)),
    warningsOnUpdate: nameWarnings,
  };
}

const webhooksOf = (configuration: Configuration): readonly Webhook[] =>
  configuration.webhooks ?? [];

function defaultWebhook(hook: Webhook, isMutating: boolean): void {
  hook.failurePolicy ??= 'Fail';
  hook.matchPolicy ??= 'Equivalent';
  hook.namespaceSelector ??= {};
  hook.objectSelector ??= {};
  hook.timeoutSeconds ??= 10;
  if (isMutating) hook.reinvocationPolicy ??= 'Never';
  if (hook.clientConfig?.service) hook.clientConfig.service.port ??= 443;
  defaultRules(hook.rules);
}

/** What an update may keep because it was stored before the rule was. */
interface Tolerance {
  readonly conditions: boolean;
  readonly sideEffects: boolean;
  readonly versions: boolean;
  readonly sameNames: boolean;
  readonly labels: boolean;
}
const strict: Tolerance = {
  conditions: false,
  sideEffects: false,
  versions: false,
  sameNames: false,
  labels: false,
};

function toleranceOf(configuration: Configuration, old: Configuration): Tolerance {
  const before = webhooksOf(old);
  const conditionsOf = (of: Configuration): unknown =>
    webhooksOf(of).map(({ matchConditions }) => matchConditions ?? null);
  return {
    conditions: equal(conditionsOf(configuration), conditionsOf(old)),
    sideEffects: before.some(({ sideEffects }) => !noSideEffects.includes(sideEffects ?? '')),
    versions: before.some(
      ({ admissionReviewVersions: versions }) =>
        versions?.length && !versions.some((version) => reviewVersions.includes(version)),
    ),
    sameNames: new Set(before.map(({ name }) => name)).size < before.length,
    labels: before.some(({ namespaceSelector, objectSelector }) =>
      [namespaceSelector, objectSelector].some(
        (selector) => validateLabelSelector(selector, webhooks).length,
      ),
    ),
  };
}

const reviewVersions = ['v1', 'v1beta1'];
const noSideEffects = ['None', 'NoneOnDryRun'];
const anySideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];

function validate(configuration: Configuration, allowed: Tolerance): FieldError[] {
  const seen = seenBefore();
  return each(webhooksOf(configuration), webhooks, (hook, at) => [
    validateWebhook(hook, allowed, at),
    validateReviewVersions(
      hook.admissionReviewVersions ?? [],
      allowed,
      at.child('admissionReviewVersions'),
    ),
    !allowed.sameNames && hook.name && seen(hook.name) && duplicate(at.child('name'), hook.name),
  ]);
}

function validateWebhook(hook: Loose<Webhook>, allowed: Tolerance, at: FieldPath): Found {
  const { sideEffects, timeoutSeconds: seconds } = hook;
  const effects = allowed.sideEffects ? anySideEffects : noSideEffects;
  const effectsAt = at.child('sideEffects');
  return [
    validateFullyQualifiedName(hook.name ?? '', at.child('name')),
    each(hook.rules, at.child('rules'), validateRule),
    mayBeOneOf(hook.failurePolicy, failurePolicies, at.child('failurePolicy')),
    mayBeOneOf(hook.matchPolicy, matchPolicies, at.child('matchPolicy')),
    typeof sideEffects !== 'string'
      ? required(effectsAt, `must specify one of ${effects.join(', ')}`)
      : !effects.includes(sideEffects) && notSupported(effectsAt, sideEffects, effects),
    typeof seconds === 'number' &&
      (seconds > 30 || seconds < 1) &&
      invalid(
        at.child('timeoutSeconds'),
        seconds,
        'the timeout value must be between 1 and 30 seconds',
      ),
    (['namespaceSelector', 'objectSelector'] as const).map((key) =>
      validateLabelSelector(hook[key], at.child(key), allowed.labels),
    ),
    mayBeOneOf(hook.reinvocationPolicy, reinvocationPolicies, at.child('reinvocationPolicy')),
    validateClientConfig(hook.clientConfig ?? {}, at.child('clientConfig')),
    !allowed.conditions &&
      validateMatchConditions(
        hook.matchConditions,
        policyCompiler(),
        false,
        at.child('matchConditions'),
      ),
  ];
}

function validateReviewVersions(
  versions: readonly string[],
  allowed: Tolerance,
  path: FieldPath,
): FieldError[] {
  if (!versions.length) return [required(path, `must specify one of ${reviewVersions.join(', ')}`)];
  const seen = seenBefore();
  return all(
    each(versions, path, (version, at) =>
      seen(version)
        ? invalid(at, version, 'duplicate version')
        : allInvalid(at, version, isDns1035Label(version)),
    ),
    !allowed.versions &&
      !versions.some((version) => reviewVersions.includes(version)) &&
      invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`),
  );
}
