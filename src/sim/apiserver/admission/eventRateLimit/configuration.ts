import { FieldPath, invalid, notSupported, type FieldError } from '../../../../api/field.ts';
import type { JsonObject, JsonValue } from '../../../../api/meta.ts';
import { AdmissionConfigurationError, aggregateOf, expectKind } from '../configuration.ts';

const LIMIT_TYPES = ['Namespace', 'Server', 'SourceAndObject', 'User'] as const;
export type LimitType = (typeof LIMIT_TYPES)[number];

export interface Limit {
  readonly type: LimitType;
  readonly qps: number;
  readonly burst: number;
  /** 0: 4096. */
  readonly cacheSize: number;
}

/**
 * Reads an eventratelimit.admission.k8s.io/v1alpha1 Configuration; there is no default for one. Throws an
 * AdmissionConfigurationError. Models plugin/pkg/admission/eventratelimit/apis/eventratelimit/validation.
 */
export function limitsOf(configuration: JsonObject | undefined): readonly Limit[] {
  if (configuration)
    expectKind(configuration, ['eventratelimit.admission.k8s.io/v1alpha1'], 'Configuration');
  const given = configuration?.['limits'];
  const list = Array.isArray(given) ? given : [];
  const limits = list.map((it) => rawLimit(it));
  const errors = validate(limits, Array.isArray(given) ? given : null);
  if (errors.length) throw new AdmissionConfigurationError(aggregateOf(errors));
  return limits as readonly Limit[];
}

type RawLimit = Omit<Limit, 'type'> & { readonly type: string };

function rawLimit(value: JsonValue): RawLimit {
  const fields = value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  const { type } = fields;
  return {
    type: typeof type === 'string' ? type : '',
    qps: int32(fields, 'qps'),
    burst: int32(fields, 'burst'),
    cacheSize: int32(fields, 'cacheSize'),
  };
}

function int32(fields: JsonObject, name: string): number {
  const value = fields[name] ?? 0;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31)
    return value;
  const what = typeof value === 'number' ? `number ${value}` : typeof value;
  throw new AdmissionConfigurationError(
    `json: cannot unmarshal ${what} into Go struct field Limit.limits.${name} of type int32`,
  );
}

function validate(limits: readonly RawLimit[], given: JsonValue): readonly FieldError[] {
  const path = FieldPath.of('limits');
  if (!limits.length) return [invalid(path, given, 'must not be empty')];
  return limits.flatMap(({ type, qps, burst, cacheSize }, index) => {
    const at = path.index(index);
    return [
      ...(LIMIT_TYPES.some((it) => it === type)
        ? []
        : [notSupported(at.child('type'), type, LIMIT_TYPES)]),
      ...(burst > 0 ? [] : [invalid(at.child('burst'), burst, 'must be positive')]),
      ...(qps > 0 ? [] : [invalid(at.child('qps'), qps, 'must be positive')]),
      ...(type === 'Server' || cacheSize >= 0
        ? []
        : [invalid(at.child('cacheSize'), cacheSize, 'must not be negative')]),
    ];
  });
}
