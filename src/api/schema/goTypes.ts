import facts from '../facts/v1.36/goTypes.json' with { type: 'json' };
import schemas from '../facts/v1.36/schemas.json' with { type: 'json' };
import { defined } from '../../base/assert.ts';
import type { GroupVersionKind } from '../meta.ts';

// How Go decodes and encodes the API's types. From facts: field order, json tags, type names (scripts/generateGoTypes.ts).

interface RawType {
  readonly fields?: readonly (readonly [name: string, flags: string, type: string])[];
  readonly is?: string;
}

export interface GoField {
  readonly name: string;
  /** The embedded structs through which the field belongs to its struct: Go names them in the path of a wrong type. */
  readonly embeddedIn: readonly string[];
  readonly type: GoType;
  /** The field disappears when it is empty: false, 0, '', no pointer, no elements. Structs are never empty so. */
  readonly omitEmpty: boolean;
  /** The field disappears when it is the zero value, structs too. */
  readonly omitZero: boolean;
}

export type GoType =
  | {
      readonly kind: 'struct';
      readonly name: string;
      readonly fields: readonly GoField[];
      readonly byName: ReadonlyMap<string, GoField>;
    }
  | { readonly kind: 'pointer'; readonly to: GoType; readonly name: string }
  | { readonly kind: 'slice'; readonly of: GoType; readonly name: string }
  | { readonly kind: 'map'; readonly of: GoType; readonly name: string }
  | { readonly kind: 'string' | 'bool' | 'bytes' | 'any'; readonly name: string }
  | { readonly kind: 'int'; readonly name: string; readonly min: number; readonly max: number }
  | { readonly kind: 'float'; readonly name: string }
  /** A schema, or something else in its place. */
  | {
      readonly kind: 'schemaOr';
      readonly name: string;
      readonly schema: GoType;
      readonly other: 'bool' | 'schemas' | 'strings';
    }
  /** Types with a decoder of their own. */
  | {
      readonly kind: 'quantity' | 'time' | 'microTime' | 'intOrString' | 'raw' | 'duration';
      readonly name: string;
    };

const types = facts as Readonly<Record<string, RawType>>;
const cache = new Map<string, GoType>();

/** The type of a schema name (`io.k8s.api.apps.v1.Deployment`) or of a Go type expression over such names. */
export function goType(expression: string): GoType {
  const known = cache.get(expression);
  if (known) return known;
  return build(expression);
}

const special: Readonly<
  Record<
    string,
    Exclude<GoType['kind'], 'struct' | 'pointer' | 'slice' | 'map' | 'int' | 'float' | 'schemaOr'>
  >
> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'microTime',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': 'duration',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'raw',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'raw',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'raw',
};

const schemaType = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
const schemaUnions: Readonly<Record<string, 'bool' | 'schemas' | 'strings'>> = {
  [`${schemaType}OrArray`]: 'schemas',
  [`${schemaType}OrBool`]: 'bool',
  [`${schemaType}OrStringArray`]: 'strings',
};

const integers: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-2147483648, 2147483647],
  int64: [-9223372036854775808, 9223372036854775807],
  int: [-9223372036854775808, 9223372036854775807],
  uint32: [0, 4294967295],
  uint64: [0, 18446744073709551615],
  uint8: [0, 255],
};

function build(expression: string): GoType {
  const remember = <T extends GoType>(type: T): T => {
    cache.set(expression, type);
    return type;
  };
  if (expression.startsWith('*')) {
    const to = goType(expression.slice(1));
    return remember({ kind: 'pointer', to, name: to.name });
  }
  if (expression === '[]byte') return remember({ kind: 'bytes', name: '[]uint8' });
  if (expression.startsWith('[]'))
    return remember({
      kind: 'slice',
      of: goType(expression.slice(2)),
      name: `[]${shortName(expression.slice(2))}`,
    });
  if (expression.startsWith('map[string]')) {
    const rest = expression.slice('map[string]'.length);
    return remember({ kind: 'map', of: goType(rest), name: `map[string]${shortName(rest)}` });
  }
  const name = shortName(expression);
  if (expression === 'string' || expression === 'bool') return remember({ kind: expression, name });
  const range = integers[expression];
  if (range) return remember({ kind: 'int', name, min: range[0], max: range[1] });
  if (expression === 'float64' || expression === 'float32')
    return remember({ kind: 'float', name });
  const own = special[expression];
  if (own) return remember({ kind: own, name });
  const other = schemaUnions[expression];
  if (other) return remember({ kind: 'schemaOr', name, schema: goType(schemaType), other });
  const raw = types[expression];
  if (raw?.is !== undefined) return remember({ ...goType(raw.is), name });
  if (!raw?.fields) return remember({ kind: expression.endsWith('.UID') ? 'string' : 'any', name });
  return buildStruct(expression, name, raw.fields);
}

/** The JSON names of a struct's own fields, by schema name. */
export const fieldNamesOf = (expression: string): string[] =>
  (types[expression]?.fields ?? []).map(([name]) => name).filter(Boolean);

/** The structs that a struct embeds, by schema name. */
export const embeddedIn = (expression: string): string[] =>
  (types[expression]?.fields ?? [])
    .filter(([, flags]) => flags.includes('i'))
    .map(([, , type]) => type.replace(/^\*/, ''));

/** A struct that is not among the facts; its fields may name it and those made before it. */
export const structType = (name: string, fields: NonNullable<RawType['fields']>): GoType =>
  buildStruct(name, name, fields);

/** Known before its fields are built: schemas of schemas are recursive. */
function buildStruct(
  expression: string,
  name: string,
  raw: NonNullable<RawType['fields']>,
): GoType {
  const fields: GoField[] = [];
  const byName = new Map<string, GoField>();
  const type: GoType = { kind: 'struct', name, fields, byName };
  cache.set(expression, type);
  for (const [fieldName, flags, fieldType] of raw) {
    if (flags.includes('i')) {
      const inner = goType(fieldType.replace(/^\*/, ''));
      if (inner.kind !== 'struct') continue;
      const outer = inner.name.split('.').at(-1) ?? '';
      fields.push(
        ...inner.fields.map((field) => ({ ...field, embeddedIn: [outer, ...field.embeddedIn] })),
      );
      continue;
    }
    fields.push({
      name: fieldName,
      embeddedIn: [],
      type: goType(fieldType),
      omitEmpty: flags.includes('e'),
      omitZero: flags.includes('z'),
    });
  }
  for (const field of fields) byName.set(field.name, field);
  return type;
}

/** `io.k8s.api.core.v1.Container` → `v1.Container`, with what stands before it. */
function shortName(expression: string): string {
  const match = /^((?:\*|\[\]|map\[string\])*)(.*)$/.exec(expression);
  const parts = (match?.[2] ?? '').split('.');
  const name = parts.length > 2 ? parts.slice(-2).join('.') : parts.join('.');
  return `${match?.[1] ?? ''}${name}`.replaceAll('[]byte', '[]uint8');
}

let kinds: Map<string, string> | undefined;

/** The schema name of a kind: `io.k8s.api.apps.v1.Deployment`; undefined for kinds that are not built in. */
export function schemaNameOf({ group, version, kind }: GroupVersionKind): string | undefined {
  if (!kinds) {
    kinds = new Map();
    for (const [name, schema] of Object.entries(
      schemas as Record<string, { 'x-kubernetes-group-version-kind'?: GroupVersionKind[] }>,
    )) {
      for (const gvk of schema['x-kubernetes-group-version-kind'] ?? [])
        kinds.set(`${gvk.group}/${gvk.version}/${gvk.kind}`, name);
    }
  }
  return kinds.get(`${group}/${version}/${kind}`);
}

export function goTypeOfKind(
  gvk: GroupVersionKind,
): Extract<GoType, { kind: 'struct' }> | undefined {
  const name = schemaNameOf(gvk);
  if (name === undefined) return undefined;
  const type = goType(name);
  return defined(type.kind === 'struct' ? type : undefined, `${name} is no struct`);
}
