import schemas from '../facts/v1.36/schemas.json' with { type: 'json' };
import type { GroupVersionKind, JsonValue } from '../meta.ts';
import { schemaNameOf } from './goTypes.ts';

/**
 * How a value of the API merges: what is one piece, what has parts, and how the elements of a list are told apart.
 * Read off the schemas' x-kubernetes extensions. Models kube-openapi schemaconv.
 */
export type Shape =
  | { readonly kind: 'scalar'; readonly type?: ScalarType }
  | {
      readonly kind: 'map';
      readonly isAtomic: boolean;
      /** A struct's fields; undefined for maps with free keys. */
      readonly fields: ReadonlyMap<string, Field> | undefined;
      /** Of values of free keys. */
      readonly of: Shape;
      /** Without a schema: values of any kind fit. */
      readonly isLoose?: true;
      /** There are no other fields. */
      readonly isClosed?: true;
    }
  | {
      readonly kind: 'list';
      readonly type: 'atomic' | 'set' | 'map';
      readonly keys: readonly ListKey[];
      readonly of: Shape;
    };

/** What a scalar is; of the others anything goes. */
export type ScalarType = 'numeric' | 'string' | 'boolean';

export interface Field {
  readonly shape: Shape;
  /** For strategic merge patches. */
  readonly patch: PatchMeta;
}

export interface PatchMeta {
  readonly merge: boolean;
  readonly retainKeys: boolean;
  readonly mergeKey: string | undefined;
}

export interface ListKey {
  readonly name: string;
  /** What stands for a key that an element leaves out. */
  readonly default: JsonValue | undefined;
}

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly default?: JsonValue;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
}

const all = schemas as Readonly<Record<string, Schema>>;
const named = new Map<string, Shape>();
const scalar: Shape = { kind: 'scalar' };
const numeric: Shape = { kind: 'scalar', type: 'numeric' };
const boolean: Shape = { kind: 'scalar', type: 'boolean' };
const text: Shape = { kind: 'scalar', type: 'string' };
/** Values without a schema are compared whole. */
const untyped: Shape = scalar;

export function shapeOfKind(gvk: GroupVersionKind): Shape | undefined {
  const name = schemaNameOf(gvk);
  return name === undefined ? undefined : shapeOfName(name);
}

function shapeOfName(name: string): Shape {
  const known = named.get(name);
  if (known) return known;
  const schema = all[name];
  if (!schema?.properties) {
    const shape = schema ? shapeOf(schema) : untyped;
    named.set(name, shape);
    return shape;
  }
  // Known before its fields are built: JSONSchemaProps holds itself.
  const fields = new Map<string, Field>();
  const shape: Shape = {
    kind: 'map',
    isAtomic: schema['x-kubernetes-map-type'] === 'atomic',
    fields,
    of: untyped,
    isClosed: true,
  };
  named.set(name, shape);
  for (const [key, property] of Object.entries(schema.properties))
    fields.set(key, { shape: shapeOf(property), patch: patchOf(property) });
  return shape;
}

const refOf = (schema: Schema): string | undefined =>
  (schema.$ref ?? schema.allOf?.[0]?.$ref)?.replace(/^.*\//, '');

function shapeOf(schema: Schema): Shape {
  const ref = refOf(schema);
  if (ref !== undefined) {
    const shape = shapeOfName(ref);
    const type = schema['x-kubernetes-map-type'];
    return type !== undefined && shape.kind === 'map'
      ? { ...shape, isAtomic: type === 'atomic' }
      : shape;
  }
  if (schema.type === 'array') return listShape(schema);
  if (typeof schema.additionalProperties === 'object') {
    return {
      kind: 'map',
      isAtomic: schema['x-kubernetes-map-type'] === 'atomic',
      fields: undefined,
      of: shapeOf(schema.additionalProperties),
    };
  }
  return scalarShape(schema);
}

/** Models schemaconv convertPrimitive: texts of a format may be anything. */
export function scalarShape({
  type,
  format = '',
}: {
  readonly type?: string;
  readonly format?: string;
}): Shape {
  if (type === 'integer' || type === 'number') return numeric;
  if (type === 'boolean') return boolean;
  return type === 'string' && (format === '' || format === 'byte') ? text : scalar;
}

function listShape(schema: Schema): Shape {
  const items = schema.items ?? {};
  const of = shapeOf(items);
  const { type, keys } = relationship(schema);
  const itemSchema = all[refOf(items) ?? ''] ?? items;
  return {
    kind: 'list',
    type,
    of,
    keys: keys.map((name) => ({ name, default: itemSchema.properties?.[name]?.default })),
  };
}

function relationship(schema: Schema): { type: 'atomic' | 'set' | 'map'; keys: readonly string[] } {
  switch (schema['x-kubernetes-list-type']) {
    case 'map':
      return { type: 'map', keys: schema['x-kubernetes-list-map-keys'] ?? [] };
    case 'set':
      return { type: 'set', keys: [] };
    case 'atomic':
      return { type: 'atomic', keys: [] };
    default:
      break;
  }
  // Lists from before list types were told by how they are patched.
  const { merge, mergeKey } = patchOf(schema);
  if (!merge) return { type: 'atomic', keys: [] };
  return mergeKey === undefined ? { type: 'set', keys: [] } : { type: 'map', keys: [mergeKey] };
}

function patchOf(schema: Schema): PatchMeta {
  const strategies = schema['x-kubernetes-patch-strategy']?.split(',') ?? [];
  return {
    merge: strategies.includes('merge'),
    retainKeys: strategies.includes('retainKeys'),
    mergeKey: schema['x-kubernetes-patch-merge-key'],
  };
}
