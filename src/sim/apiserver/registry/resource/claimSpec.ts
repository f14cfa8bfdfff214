import {
  fieldForbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
} from '../../../../api/types/resourceV1.ts';
import { all, allInvalid, each, type Found, type Loose } from '../shared/checks.ts';
import { validateLabelName } from '../shared/labels.ts';
import { isLabelValue, utf8Length } from '../shared/names.ts';
import { validateDriverName } from '../storage/csi.ts';
import { compileSelector } from './deviceExpressions.ts';
import { limited, limitedSet } from './lists.ts';
import { validateClassName, validateFullName, validateLabelLike } from './names.ts';

const maxRequests = 32;
const maxConstraints = 32;
const maxConfigurations = 32;
const maxAlternatives = 8;
const maxSelectors = 32;
const maxExpressionBytes = 10 * 1024;
const maxParametersBytes = 10 * 1024;
export const taintEffects = ['NoExecute', 'NoSchedule', 'None'];

/** A claim as it arrives; its configurations hold any JSON. */
type Claim = Loose<Omit<DeviceClaim, 'config'>> & {
  readonly config?: readonly Configuration[] | null | undefined;
};

/** Requests by name, with the names of their alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

export const requestNamesOf = (claim: Claim | null | undefined): RequestNames =>
  new Map(
    (claim?.requests ?? []).map(({ name, firstAvailable }) => [
      name ?? '',
      new Set((firstAvailable ?? []).map((alternative) => alternative.name ?? '')),
    ]),
  );

/** Models resource/validation validateDeviceClaim. */
export function validateDeviceClaim(
  claim: Claim | null | undefined,
  path: FieldPath,
): FieldError[] {
  const names = requestNamesOf(claim);
  return all(
    limitedSet(
      claim?.requests,
      maxRequests,
      path.child('requests'),
      validateRequest,
      ({ name }) => name ?? '',
    ),
    limited(claim?.constraints, maxConstraints, path.child('constraints'), (constraint, at) =>
      validateConstraint(constraint, names, at),
    ),
    limited(claim?.config, maxConfigurations, path.child('config'), (configuration, at) =>
      validateClaimConfiguration(configuration, names, at),
    ),
  );
}

export function defaultDeviceClaim(claim: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable } of claim?.requests ?? [])
    for (const request of [...(exactly ? [exactly] : []), ...(firstAvailable ?? [])]) {
      const mode = request.allocationMode || 'ExactCount';
      request.allocationMode = mode;
      if (mode === 'ExactCount') request.count ||= 1;
      for (const toleration of request.tolerations ?? [])
        if (!(toleration.operator as string | undefined)) toleration.operator = 'Equal';
    }
}

function validateRequest(request: Loose<DeviceRequest>, at: FieldPath): Found {
  const { exactly, firstAvailable } = request;
  const one = 'exactly one of `exactly` or `firstAvailable` is required';
  const rest = (): Found => {
    if (!exactly && !firstAvailable?.length) return required(at, one);
    if (exactly && firstAvailable?.length)
      return invalid(at, null, `${one}, but multiple fields are set`);
    if (exactly) return validateExact(exactly, at.child('exactly'));
    return limitedSet(
      firstAvailable,
      maxAlternatives,
      at.child('firstAvailable'),
      (alternative, one_) => [
        validateLabelLike(alternative.name, one_.child('name')),
        validateExact(alternative, one_),
      ],
      ({ name }) => name ?? '',
    );
  };
  return [validateLabelLike(request.name, at.child('name')), rest()];
}

/** What a request and an alternative have in common. */
function validateExact(request: Loose<ExactDeviceRequest>, at: FieldPath): Found {
  return [
    validateClassName(request.deviceClassName, at.child('deviceClassName')),
    validateSelectors(request.selectors, at.child('selectors')),
    validateMode(request, at),
    each(request.tolerations, at.child('tolerations'), validateToleration),
  ];
}

function validateMode(request: Loose<ExactDeviceRequest>, at: FieldPath): Found {
  const { allocationMode: mode, count = 0 } = request;
  switch (mode) {
    case 'All':
      return (
        (count ?? 0) !== 0 &&
        invalid(at.child('count'), count, "must not be specified when allocationMode is 'All'")
      );
    case 'ExactCount':
      return (
        (count ?? 0) <= 0 && invalid(at.child('count'), count ?? 0, 'must be greater than zero')
      );
    default:
      return notSupported(at.child('allocationMode'), mode ?? '', ['All', 'ExactCount']);
  }
}

export const validateSelectors = (
  selectors: readonly Loose<DeviceSelector>[] | null | undefined,
  path: FieldPath,
): FieldError[] =>
  limited(selectors, maxSelectors, path, ({ cel }, at) =>
    cel
      ? validateExpression(cel.expression ?? '', at.child('cel', 'expression'))
      : required(at.child('cel')),
  );

function validateExpression(expression: string, at: FieldPath): Found {
  if (utf8Length(expression) > maxExpressionBytes) return tooLong(at, maxExpressionBytes);
  const { error, isInternal, isTooComplex } = compileSelector(expression);
  if (error !== undefined)
    return isInternal
      ? { type: 'InternalError', field: at.toString(), detail: error }
      : invalid(at, expression, error);
  return isTooComplex && fieldForbidden(at, 'too complex, exceeds cost limit');
}

function validateToleration(toleration: Loose<DeviceToleration>, at: FieldPath): Found {
  const { key, operator, value = '', effect } = toleration;
  const valueAt = at.child('value');
  const valueRule = (): Found => {
    switch (operator) {
      case 'Exists':
        return value && invalid(valueAt, value, 'must be empty for operator `Exists`');
      case 'Equal':
        return allInvalid(valueAt, value, isLabelValue(value ?? ''));
      default:
        return operator
          ? notSupported(at.child('operator'), operator, ['Equal', 'Exists'])
          : required(at.child('operator'));
    }
  };
  return [
    key && validateLabelName(key, at.child('key')),
    valueRule(),
    effect &&
      !taintEffects.includes(effect) &&
      notSupported(at.child('effect'), effect, taintEffects),
  ];
}

function validateConstraint(
  constraint: Loose<DeviceConstraint>,
  names: RequestNames,
  at: FieldPath,
): Found {
  const { matchAttribute, distinctAttribute } = constraint;
  return [
    validateReferences(constraint.requests, names, at.child('requests')),
    typeof matchAttribute === 'string'
      ? validateFullName(matchAttribute, at.child('matchAttribute'))
      : typeof distinctAttribute === 'string'
        ? validateFullName(distinctAttribute, at.child('distinctAttribute'))
        : required(
            at,
            'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
          ),
  ];
}

/** Names of requests, `request` or `request/alternative`, each once. */
export const validateReferences = (
  requests: readonly string[] | null | undefined,
  names: RequestNames,
  path: FieldPath,
): FieldError[] =>
  limitedSet(
    requests,
    maxRequests,
    path,
    (name, at) => validateReference(name, names, at),
    (name) => name,
  );

export function validateReference(name: string, names: RequestNames, at: FieldPath): FieldError[] {
  const detail =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const parts = name.split('/');
  const [request = '', alternative] = parts;
  if (parts.length > 2) return [invalid(at, name, detail)];
  const alternatives = names.get(request);
  const isKnown = alternatives && (alternative === undefined || alternatives.has(alternative));
  return all(
    parts.map((part) => validateLabelLike(part, at)),
    !isKnown && invalid(at, name, detail),
  );
}

function validateClaimConfiguration(
  configuration: Configuration,
  names: RequestNames,
  at: FieldPath,
): Found {
  return [
    validateReferences(configuration.requests, names, at.child('requests')),
    validateConfiguration(configuration, at),
  ];
}

interface Configuration {
  readonly requests?: readonly string[] | null | undefined;
  readonly opaque?: Opaque | null | undefined;
}

interface Opaque {
  readonly driver?: string | null | undefined;
  readonly parameters?: unknown;
}

/** Models validateDeviceConfiguration. */
export function validateConfiguration(
  configuration: { readonly opaque?: Opaque | null | undefined },
  at: FieldPath,
): FieldError[] {
  const { opaque } = configuration;
  if (!opaque) return [required(at.child('opaque'))];
  const opaqueAt = at.child('opaque');
  return all(
    validateDriverName(opaque.driver ?? '', opaqueAt.child('driver')),
    validateRaw(opaque.parameters, opaqueAt.child('parameters'), maxParametersBytes),
  );
}

/** Models validateRawExtension: an object of limited size. */
export function validateRaw(value: unknown, at: FieldPath, limit: number): Found {
  if (value === undefined || value === null) return required(at);
  if (utf8Length(JSON.stringify(value)) > limit) return tooLong(at, limit);
  return (
    (typeof value !== 'object' || Array.isArray(value)) &&
    invalid(at, '<value omitted>', 'must be a valid JSON object')
  );
}
