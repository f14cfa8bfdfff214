import {
  FieldPath,
  duplicate,
  fieldForbidden,
  invalid,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { parseQuantity } from '../../../../api/quantity.ts';
import type { LimitRange, LimitRangeItem } from '../../../../api/types/coreV1.ts';
import { uuid } from '../../../../base/random.ts';
import { all, allInvalid, each, type Found } from '../shared/checks.ts';
import { isQualifiedName } from '../shared/names.ts';
import { roundAmounts } from '../shared/resourceLists.ts';
import {
  compareTexts,
  isOvercommitAllowed,
  validateContainerResourceName,
  validateResourceName,
} from '../shared/resources.ts';
import type { Strategy } from '../strategy.ts';

/** Models kubernetes/pkg/registry/core/limitrange and core/validation ValidateLimitRange. */
export const limitRangeStrategy: Strategy<LimitRange> = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['create'],
  default_: defaultLimitRange,
  prepareForCreate({ metadata }, { random }) {
    metadata.name ||= uuid(random);
  },
  validate,
  validateUpdate: validate,
};

/** Defaults follow from the bounds: a limit from max, a request from the limit or min. Models SetDefaults_LimitRangeItem. */
function defaultLimitRange({ spec }: LimitRange): void {
  for (const item of spec?.limits ?? []) {
    roundAmounts(item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio);
    if (item.type !== 'Container') continue;
    const limits: Record<string, string> = { ...item.default };
    for (const [name, max] of Object.entries(item.max ?? {})) limits[name] ??= max;
    const requests: Record<string, string> = { ...item.defaultRequest };
    for (const [name, limit] of Object.entries(limits)) requests[name] ??= limit;
    for (const [name, min] of Object.entries(item.min ?? {})) requests[name] ??= min;
    if (Object.keys(limits).length) item.default = limits;
    if (Object.keys(requests).length) item.defaultRequest = requests;
  }
}

const types = ['Pod', 'Container', 'PersistentVolumeClaim'];

function validate({ spec }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return each(spec?.limits, FieldPath.of('spec', 'limits'), (item, at) => {
    const bad = allInvalid(at.child('type'), item.type, isQualifiedName(item.type));
    const isDouble = seen.has(item.type);
    seen.add(item.type);
    return [
      bad,
      !bad.length &&
        !item.type.includes('/') &&
        !types.includes(item.type) &&
        invalid(at.child('type'), item.type, 'must be a standard limit type or fully qualified'),
      isDouble && duplicate(at.child('type'), item.type),
      validateNames(item, at),
      validateBounds(item, at),
    ];
  });
}

function validateNames(item: LimitRangeItem, path: FieldPath): Found {
  const isCompute = item.type === 'Pod' || item.type === 'Container';
  const rule = isCompute ? validateContainerResourceName : validateResourceName;
  const names = (key: keyof LimitRangeItem): Found =>
    Object.keys(item[key] ?? {}).map((name) => rule(name, path.child(key).key(name)));
  const isPod = item.type === 'Pod';
  const notOfPods = (key: 'default' | 'defaultRequest'): Found =>
    isPod
      ? Object.keys(item[key] ?? {}).length > 0 &&
        fieldForbidden(path.child(key), "may not be specified when `type` is 'Pod'")
      : names(key);
  return [
    names('max'),
    names('min'),
    notOfPods('default'),
    notOfPods('defaultRequest'),
    item.type === 'PersistentVolumeClaim' &&
      item.min?.['storage'] === undefined &&
      item.max?.['storage'] === undefined &&
      required(
        path.child('limits'),
        'either minimum or maximum storage value is required, but neither was provided',
      ),
    names('maxLimitRequestRatio'),
  ];
}

/** min ≤ default request ≤ default ≤ max, and ratios that can be kept. */
function validateBounds(item: LimitRangeItem, path: FieldPath): FieldError[] {
  const isPod = item.type === 'Pod';
  const given = isPod ? {} : item.default;
  const requested = isPod ? {} : item.defaultRequest;
  const lists = [item.max, item.min, given, requested, item.maxLimitRequestRatio];
  const names = new Set(lists.flatMap((list) => Object.keys(list ?? {})));
  return [...names].flatMap((name) => {
    // Names are free: `constructor` is one that every object seems to have.
    const ofName = (list: Readonly<Record<string, string>> | undefined): string | undefined =>
      list && Object.hasOwn(list, name) ? list[name] : undefined;
    const min = ofName(item.min);
    const max = ofName(item.max);
    const limit = ofName(given);
    const request = ofName(requested);
    const ratio = ofName(item.maxLimitRequestRatio);
    const at = (key: keyof LimitRangeItem): FieldPath => path.child(key).key(name);
    /** `low` must not be above `high`; `shown` stands in the error. */
    const ordered = (
      low: readonly [string, string | undefined],
      high: readonly [string, string | undefined],
      key: keyof LimitRangeItem,
      shown: string | undefined,
    ): Found =>
      low[1] !== undefined &&
      high[1] !== undefined &&
      compareTexts(low[1], high[1]) > 0 &&
      invalid(
        at(key),
        shown,
        `${low[0]} value ${low[1]} is greater than ${high[0]} value ${high[1]}`,
      );
    return all(
      ordered(['min', min], ['max', max], 'min', min),
      ordered(['min', min], ['default request', request], 'defaultRequest', request),
      ordered(['default request', request], ['max', max], 'defaultRequest', request),
      ordered(['default request', request], ['default limit', limit], 'defaultRequest', request),
      ordered(['min', min], ['default', limit], 'default', min),
      ordered(['default', limit], ['max', max], 'default', max),
      ratio !== undefined && [
        compareTexts(ratio, '1') < 0 &&
          invalid(at('maxLimitRequestRatio'), ratio, `ratio ${ratio} is less than 1`),
        min !== undefined &&
          max !== undefined &&
          validateRatio(ratio, min, max, at('maxLimitRequestRatio')),
      ],
      !isOvercommitAllowed(name) &&
        limit !== undefined &&
        request !== undefined &&
        compareTexts(limit, request) !== 0 &&
        invalid(
          at('defaultRequest'),
          request,
          `default value ${limit} must equal to defaultRequest value ${request} in ${name}`,
        ),
    );
  });
}

const amount = (text: string): number => Number(parseQuantity(text).nanos);

function validateRatio(ratio: string, min: string, max: string, path: FieldPath): Found {
  const possible = amount(max) / amount(min);
  const shown = Number.isFinite(possible) ? possible.toFixed(6) : possible > 0 ? '+Inf' : 'NaN';
  return (
    amount(ratio) / 1e9 > possible &&
    invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${shown}`)
  );
}
