import { asGiven } from '../../../../api/emptied.ts';
import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type { ResourceQuota, ResourceQuotaSpec } from '../../../../api/types/coreV1.ts';
import { all, eachEntry, type Found } from '../shared/checks.ts';
import { roundAmounts } from '../shared/resourceLists.ts';
import {
  compareTexts,
  isStandardQuotaName,
  validateAmount,
  validateQuotaResourceName,
} from '../shared/resources.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');

/** Models kubernetes/pkg/registry/core/resourcequota and core/validation ValidateResourceQuota. */
export const resourceQuotaStrategy: Strategy<ResourceQuota> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  allowUnconditionalUpdate: true,
  default_({ spec: own, status: state }) {
    roundAmounts(own?.hard, state?.hard, state?.used);
  },
  prepareForCreate(quota) {
    quota.status = {};
  },
  validate: (quota) => [...validateSpec(quota.spec ?? {}), ...validateStatus(quota)],
  warningsOnCreate: ({ spec: own }) => limitWarnings(own?.hard ?? {}),
  prepareForUpdate(quota, old) {
    if (old.status) quota.status = old.status;
  },
  validateUpdate({ spec: own = {} }, old) {
    const before = new Set<string>(old.spec?.scopes ?? []);
    const now = new Set<string>(own.scopes ?? []);
    const isSame = before.size === now.size && [...now].every((scope) => before.has(scope));
    return all(
      validateSpec(own),
      !isSame && invalid(spec.child('scopes'), asGiven(own, 'scopes'), 'field is immutable'),
    );
  },
  subresources: {
    status: {
      prepareForUpdate(quota, old) {
        if (old.spec) quota.spec = old.spec;
      },
      validateUpdate: validateStatus,
    },
  },
};

const validateAmounts = (
  list: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] =>
  eachEntry(list, path, (name, amount, at) => [
    validateQuotaResourceName(name, at),
    validateAmount(name, amount, at),
  ]);

function validateStatus({ status: own }: ResourceQuota): FieldError[] {
  return all(
    validateAmounts(own?.hard, status.child('hard')),
    validateAmounts(own?.used, status.child('used')),
  );
}

const validateSpec = (own: ResourceQuotaSpec): FieldError[] =>
  all(validateAmounts(own.hard, spec.child('hard')), validateScopes(own), validateSelector(own));

const ofPods = [
  'pods',
  ...['cpu', 'memory'].flatMap((name) => [name, `limits.${name}`, `requests.${name}`]),
];
/** Which resources a scope can count. */
const scopes: Readonly<Record<string, readonly string[]>> = {
  Terminating: ofPods,
  NotTerminating: ofPods,
  BestEffort: ['pods'],
  NotBestEffort: ofPods,
  PriorityClass: ofPods,
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
  CrossNamespacePodAffinity: ofPods,
};
const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

/** An error for each resource of the quota that a scope cannot count. */
const misapplied = (scope: string, { hard }: ResourceQuotaSpec, error: () => FieldError): Found =>
  Object.keys(hard ?? {})
    .filter((name) => isStandardQuotaName(name) && scopes[scope]?.includes(name) === false)
    .map(error);

const conflicting = (names: readonly string[], error: () => FieldError): Found =>
  opposites.filter((pair) => pair.every((name) => names.includes(name))).map(error);

function validateScopes(own: ResourceQuotaSpec): Found {
  const names: readonly string[] = own.scopes ?? [];
  const error = (detail: string) => (): FieldError =>
    invalid(spec.child('scopes'), own.scopes, detail);
  return [
    names.map((scope) => [
      !(scope in scopes) && error('unsupported scope')(),
      misapplied(scope, own, error('unsupported scope applied to resource')),
    ]),
    conflicting(names, error('conflicting scopes')),
  ];
}

const onlyExists =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
const plain = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
]);

/** Upstream names the list, not its items. */
function validateSelector(own: ResourceQuotaSpec): Found {
  const requirements = own.scopeSelector?.matchExpressions ?? [];
  const path = spec.child('scopeSelector', 'matchExpressions');
  const selector = internalForm('*core.ScopeSelector', own.scopeSelector);
  return [
    requirements.map(({ scopeName: scope, operator, values }) => [
      !(scope in scopes) && invalid(path.child('scopeName'), scope, 'unsupported scope'),
      misapplied(scope, own, () =>
        invalid(path, selector, 'unsupported scope applied to resource'),
      ),
      plain.has(scope) &&
        operator !== 'Exists' &&
        invalid(path.child('operator'), operator, onlyExists),
      validateOperator(operator, values, path),
    ]),
    conflicting(
      requirements.map(({ scopeName }) => scopeName),
      () =>
        invalid(
          spec.child('scopeSelector', 'matchExpressions'),
          own.scopes ?? null,
          'conflicting scopes',
        ),
    ),
  ];
}

function validateOperator(
  operator: string,
  values: readonly string[] | undefined,
  path: FieldPath,
): Found {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return (
        !values?.length &&
        required(
          path.child('values'),
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        )
      );
    case 'Exists':
    case 'DoesNotExist':
      return (
        values?.length &&
        invalid(
          path.child('values'),
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        )
      );
    default:
      return invalid(path.child('operator'), operator, 'not a valid selector operator');
  }
}

function limitWarnings(hard: Readonly<Record<string, string>>): string[] {
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((name) => {
    const isCompute = name === 'cpu' || name === 'memory';
    const key = hard[`requests.${name}`] === undefined && isCompute ? name : `requests.${name}`;
    const request = hard[key];
    const limit = hard[`limits.${name}`];
    if (request === undefined || limit === undefined || compareTexts(request, limit) <= 0)
      return [];
    return [`ResourceQuota ${key} (${request}) should be less than limits.${name} (${limit})`];
  });
}
