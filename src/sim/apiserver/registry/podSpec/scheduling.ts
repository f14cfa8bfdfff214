import {
  duplicate,
  fieldForbidden,
  goQuote,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  PodSchedulingGate,
  Toleration,
  TopologySpreadConstraint,
} from '../../../../api/types/coreV1.ts';
import type { LabelSelector } from '../../../../api/types/metaV1.ts';
import {
  aboveZero,
  all,
  allInvalid,
  each,
  mayBeOneOf,
  must,
  oneOf,
  seenBefore,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { validateLabelName, validateLabelSelector } from '../shared/labels.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '../shared/names.ts';
import type { PodOptions } from './options.ts';

// Where a pod may run. Models core/validation validateAffinity, validateTopologySpreadConstraints, ValidateTolerations.

const mandatory = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

export const validateAffinity = (
  affinity: Affinity | undefined,
  path: FieldPath,
  options: PodOptions,
): FieldError[] =>
  all(
    affinity?.nodeAffinity &&
      validateNodeAffinity(affinity.nodeAffinity, path.child('nodeAffinity'), options),
    (['podAffinity', 'podAntiAffinity'] as const).map((kind) => [
      each(affinity?.[kind]?.[mandatory], path.child(kind, mandatory), (term, at) =>
        validateAffinityTerm(term, at, options),
      ),
      each(affinity?.[kind]?.[preferred], path.child(kind, preferred), (weighted, at) => [
        validateWeight(weighted.weight, at.child('weight')),
        validateAffinityTerm(weighted.podAffinityTerm, at.child('podAffinityTerm'), options),
      ]),
    ]),
  );

const validateWeight = (weight: number, path: FieldPath): Found =>
  (weight <= 0 || weight > 100) && invalid(path, weight, 'must be in the range 1-100');

const validateNodeAffinity = (
  affinity: NodeAffinity,
  path: FieldPath,
  options: PodOptions,
): FieldError[] =>
  all(
    affinity[mandatory] &&
      validateNodeSelector(
        affinity[mandatory],
        path.child(mandatory),
        options.badRequiredNodeAffinity,
      ),
    each(affinity[preferred], path.child(preferred), ({ weight, preference }, at) => [
      validateWeight(weight, at.child('weight')),
      validateNodeSelectorTerm(preference, at.child('preference'), true),
    ]),
  );

export function validateNodeSelector(
  { nodeSelectorTerms: terms }: Loose<NodeSelector>,
  path: FieldPath,
  allowBadValues = false,
): FieldError[] {
  const at = path.child('nodeSelectorTerms');
  if (!terms?.length) return [required(at, 'must have at least one node selector term')];
  return each(terms, at, (term, place) => validateNodeSelectorTerm(term, place, allowBadValues));
}

const validateNodeSelectorTerm = (
  term: Loose<NodeSelectorTerm>,
  path: FieldPath,
  allowBadValues: boolean,
): FieldError[] =>
  all(
    each(term.matchExpressions, path.child('matchExpressions'), (requirement, at) =>
      validateRequirement(requirement, at, allowBadValues),
    ),
    each(term.matchFields, path.child('matchFields'), validateFieldRequirement),
  );

const notAnOperator = 'not a valid selector operator';

function validateRequirement(
  { key, operator, values }: Loose<NodeSelectorRequirement>,
  path: FieldPath,
  allowBadValues: boolean,
): FieldError[] {
  const at = path.child('values');
  const operators: Readonly<Record<string, () => Found>> = {
    In: () => must(values, at, "must be specified when `operator` is 'In' or 'NotIn'"),
    Exists: () =>
      values?.length &&
      fieldForbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    Gt: () =>
      values?.length !== 1 &&
      required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
  };
  const same: Readonly<Record<string, string>> = { NotIn: 'In', DoesNotExist: 'Exists', Lt: 'Gt' };
  const rule = operators[same[operator ?? ''] ?? operator ?? ''];
  return all(
    rule ? rule() : invalid(path.child('operator'), operator, notAnOperator),
    validateLabelName(key ?? '', path.child('key')),
    !allowBadValues &&
      each(values, at, (value, place) => allInvalid(place, value, isLabelValue(value))),
  );
}

function validateFieldRequirement(
  { key, operator, values }: Loose<NodeSelectorRequirement>,
  path: FieldPath,
): Found {
  const at = path.child('values');
  return [
    operator === 'In' || operator === 'NotIn'
      ? values?.length !== 1 &&
        required(
          at,
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        )
      : invalid(path.child('operator'), operator, notAnOperator),
    key === 'metadata.name'
      ? each(values, at, (value, place) => allInvalid(place, value, isDns1123Subdomain(value)))
      : invalid(path.child('key'), key, 'not a valid field selector key'),
  ];
}

/** Whether required terms have values that no label can have. */
export const hasBadRequiredValue = (terms: readonly NodeSelectorTerm[] | undefined): boolean =>
  (terms ?? [])
    .flatMap(({ matchExpressions }) => matchExpressions ?? [])
    .some(({ values }) => values?.some((value) => isLabelValue(value).length));

function validateAffinityTerm(
  term: PodAffinityTerm,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  const { badSelectorValues } = options;
  const { labelSelector, namespaceSelector, topologyKey } = term;
  return all(
    validateLabelSelector(labelSelector, path.child('labelSelector'), badSelectorValues),
    validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), badSelectorValues),
    term.namespaces?.map((name) => allInvalid(path.child('namespace'), name, isDns1123Label(name))),
    validateMatchLabelKeys(term.matchLabelKeys, term.mismatchLabelKeys, labelSelector, path),
    must(topologyKey, path.child('topologyKey'), 'can not be empty'),
    validateLabelName(topologyKey, path.child('topologyKey')),
  );
}

/** Models ValidateMatchLabelKeysAndMismatchLabelKeys. */
export function validateMatchLabelKeys(
  matchKeys: readonly string[] | undefined,
  mismatchKeys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  path: FieldPath,
): FieldError[] {
  const keys = (list: readonly string[] | undefined, at: FieldPath): Found =>
    list?.length &&
    (selector
      ? each(list, at, (key, place) => validateLabelName(key, place))
      : fieldForbidden(at, 'must not be specified when labelSelector is not set'));
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}));
  return all(
    keys(matchKeys, path.child('matchLabelKeys')),
    keys(mismatchKeys, path.child('mismatchLabelKeys')),
    selector?.matchExpressions?.map(({ key }) => {
      const index = matchKeys?.lastIndexOf(key) ?? -1;
      const isDouble = seen.has(key);
      seen.add(key);
      return (
        index >= 0 &&
        isDouble &&
        invalid(path.index(index), key, 'exists in both matchLabelKeys and labelSelector')
      );
    }),
    each(
      matchKeys,
      path.child('matchLabelKeys'),
      (key, at) =>
        mismatchKeys?.includes(key) &&
        invalid(at, key, 'exists in both matchLabelKeys and mismatchLabelKeys'),
    ),
  );
}

/** Today's rule for templates that broke the newer one before. Models ValidateMatchLabelKeysInTopologySpread. */
function validateOldMatchLabelKeys(
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  path: FieldPath,
): FieldError[] {
  const used = new Set([
    ...Object.keys(selector?.matchLabels ?? {}),
    ...(selector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  return all(
    keys?.length &&
      !selector &&
      fieldForbidden(path, 'must not be specified when labelSelector is not set'),
    each(keys, path, (key, at) => [
      validateLabelName(key, at),
      used.has(key) && invalid(at, key, 'exists in both matchLabelKeys and labelSelector'),
    ]),
  );
}

export const validateTopologySpread = (
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: FieldPath,
  options: PodOptions,
): FieldError[] =>
  each(constraints, path, (constraint, at, index) => {
    const { topologyKey, whenUnsatisfiable: action, minDomains } = constraint;
    const { matchLabelKeys, labelSelector } = constraint;
    const isRepeated = constraints
      ?.slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === action);
    const policies = ['Honor', 'Ignore'];
    return [
      aboveZero(constraint.maxSkew, at.child('maxSkew')),
      must(topologyKey, at.child('topologyKey'), 'can not be empty'),
      oneOf(action, ['DoNotSchedule', 'ScheduleAnyway'], at.child('whenUnsatisfiable')),
      isRepeated &&
        duplicate(at.child('{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${action}}`),
      minDomains !== undefined && [
        aboveZero(minDomains, at.child('minDomains')),
        action !== 'DoNotSchedule' &&
          invalid(
            at.child('minDomains'),
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action as string}`,
          ),
      ],
      mayBeOneOf(constraint.nodeAffinityPolicy, policies, at.child('nodeAffinityPolicy')),
      mayBeOneOf(constraint.nodeTaintsPolicy, policies, at.child('nodeTaintsPolicy')),
      options.badMatchLabelKeys
        ? validateOldMatchLabelKeys(matchLabelKeys, labelSelector, at.child('matchLabelKeys'))
        : validateMatchLabelKeys(matchLabelKeys, [], labelSelector, at),
      !options.badSpreadSelectors &&
        validateLabelSelector(labelSelector, at.child('labelSelector')),
    ];
  });

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export const validateTolerations = (
  tolerations: readonly Loose<Toleration>[] | undefined,
  path: FieldPath,
  options?: PodOptions,
): FieldError[] =>
  each(tolerations, path, (toleration, at) => {
    const { key, effect, tolerationSeconds } = toleration;
    const operator = toleration.operator ?? '';
    return [
      key && validateLabelName(key, at.child('key')),
      !key &&
        operator !== 'Exists' &&
        invalid(
          at.child('operator'),
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      typeof tolerationSeconds === 'number' &&
        effect !== 'NoExecute' &&
        invalid(
          at.child('effect'),
          effect ?? '',
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      validateTolerationValue(operator, toleration.value ?? '', at, options),
      effect && oneOf(effect, taintEffects, at.child('effect')),
    ];
  });

function validateTolerationValue(
  operator: string,
  value: string,
  path: FieldPath,
  options: PodOptions | undefined,
): Found {
  const at = path.child('operator');
  switch (operator) {
    case '':
    case 'Equal': {
      const bad = isLabelValue(value);
      return bad.length && invalid(at, value, bad.join(';'));
    }
    case 'Exists':
      return value && invalid(at, value, "value must be empty when `operator` is 'Exists'");
    case 'Lt':
    case 'Gt':
      return options?.comparingTolerations
        ? validateWholeNumber(value, path.child('value'))
        : notSupported(at, operator, ['Equal', 'Exists', 'Lt', 'Gt']);
    default:
      return oneOf(operator, ['Equal', 'Exists'], at);
  }
}

function validateWholeNumber(value: string, path: FieldPath): Found {
  const isDecimal = /^-?(?:0|[1-9]\d*)$/.test(value) && value !== '-0';
  const isNumber = /^[-+]?\d+$/.test(value);
  const big = isNumber ? BigInt(value.replace('+', '')) : 0n;
  const fits = big <= 9223372036854775807n && big >= -9223372036854775808n;
  return [
    !isDecimal &&
      invalid(
        path,
        value,
        value === '' ? 'must be non-empty' : 'must be a valid decimal integer in canonical form',
      ),
    !isNumber
      ? invalid(path, value, `strconv.ParseInt: parsing ${goQuote(value)}: invalid syntax`)
      : !fits &&
        invalid(path, value, `strconv.ParseInt: parsing ${goQuote(value)}: value out of range`),
  ];
}

export function validateSchedulingGates(
  gates: readonly PodSchedulingGate[] | undefined,
  path: FieldPath,
): FieldError[] {
  const seen = seenBefore();
  return each(gates, path, ({ name }, at) => [
    allInvalid(at, name, isQualifiedName(name)),
    seen(name) && duplicate(at, name),
  ]);
}
