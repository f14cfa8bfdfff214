import {
  groupVersion,
  parseGroupVersion,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../../../../api/meta.ts';
import { goTypeOfKind } from '../../../../api/schema/goTypes.ts';
import type { Shape } from '../../../../api/schema/shape.ts';
import { toJson } from '../../../cel/jsonValues.ts';
import { CelList, CelMap, ObjectValue, typeNameOf, type CelValue } from '../../../cel/values.ts';
import { decodeTyped } from '../../decode/typed.ts';
import { typedErrors, validationText } from '../../managedFields/typedErrors.ts';
import { mergeTyped } from '../../managedFields/typedValue.ts';
import { applyJsonPatch, JsonPatchError, type Operation } from '../../patch/jsonPatch.ts';

/** A mutation that cannot be made; the message is the API server's. */
export class MutationError extends Error {}

/** Lays `Object{…}` over an object by the types' merge rules. Models policy/mutating/patch/smd.go. */
export function applyObject(
  object: KubeObject,
  value: CelValue,
  shape: Shape | undefined,
): KubeObject {
  if (!(value instanceof ObjectValue))
    throw new MutationError(
      `unsupported return type from ApplyConfiguration expression: ${typeNameOf(value)}`,
    );
  checkNames(value);
  const patch = {
    ...(toJson(value) as JsonObject),
    apiVersion: object.apiVersion,
    kind: object.kind,
  };
  const untyped = shape ? typedErrors(patch, shape) : [];
  if (untyped.length)
    throw new MutationError(
      `error applying patch: failed to convert patch object to typed object: ${validationText(untyped)}`,
    );
  const atomics = shape ? atomicsIn(patch, shape, '') : [];
  if (atomics.length)
    throw new MutationError(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  const merged = mergeTyped(
    object as unknown as JsonObject,
    patch,
    shape ?? { kind: 'map', isAtomic: false, fields: undefined, of: { kind: 'scalar' } },
  );
  return typed(merged as JsonObject, object);
}

/** Applies `[JSONPatch{…}]`; a test that fails leaves the object alone. Models policy/mutating/patch/json_patch.go. */
export function applyPatches(object: KubeObject, value: CelValue): KubeObject {
  if (!(value instanceof CelList))
    throw new MutationError('type mismatch: JSONPatchType.expression should evaluate to array');
  const operations = [...value].map(operationOf);
  try {
    const patched = applyJsonPatch(object as unknown as JsonObject, operations);
    return typed(patched as JsonObject, object);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    if (/^testing value .* failed/.test(error.message)) return object;
    throw new MutationError(`JSON Patch: ${error.message}`);
  }
}

function operationOf(value: CelValue): Operation {
  if (!(value instanceof ObjectValue) || value.name !== 'JSONPatch')
    throw new MutationError(
      `type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch: type conversion error from '${typeNameOf(value)}'`,
    );
  const field = (name: string): CelValue | undefined => value.fields.get(name);
  const wanted = field('value');
  if (wanted instanceof ObjectValue) checkNames(wanted);
  return {
    op: (field('op') as string | undefined) ?? '',
    path: (field('path') as string | undefined) ?? '',
    ...(field('from') !== undefined && { from: field('from') as string }),
    ...(wanted !== undefined && { value: toJson(wanted) }),
  };
}

/** `Object{spec: Object.metadata{…}}` names a type that does not belong there. */
function checkNames(value: CelValue, path: readonly string[] = ['Object']): void {
  if (value instanceof ObjectValue) {
    if (path.length === 1 && !value.name.startsWith('Object')) return;
    const expected = path.join('.');
    if (path.length > 1 && value.name !== expected)
      throw new MutationError(
        `type mismatch: unexpected type name "${value.name}", expected "${expected}", which matches field name path from root Object type`,
      );
    for (const [name, field] of value.fields) checkNames(field, [...value.name.split('.'), name]);
  } else if (value instanceof CelList) for (const item of value) checkNames(item, path);
  else if (value instanceof CelMap)
    for (const key of value.keys()) checkNames(value.find(key) ?? null, path);
}

const kindOf = ({
  apiVersion,
  kind,
}: KubeObject): { group: string; version: string; kind: string } => ({
  ...parseGroupVersion(apiVersion),
  kind,
});

/** Paths of values that can only be replaced as a whole. */
function atomicsIn(value: JsonValue | undefined, shape: Shape, path: string): string[] {
  if (value === null || value === undefined || typeof value !== 'object') return [];
  if (Array.isArray(value)) {
    if (shape.kind !== 'list') return [];
    return [
      ...(shape.type === 'atomic' ? [path] : []),
      ...value.flatMap((item, at) => atomicsIn(item, shape.of, `${path}[${at}]`)),
    ];
  }
  if (shape.kind !== 'map') return [];
  const fields = shape.fields;
  return [
    ...(shape.isAtomic && path ? [path] : []),
    ...Object.entries(value).flatMap(([key, item]) => {
      const field = fields?.get(key);
      return field ? atomicsIn(item, field.shape, `${path}.${key}`) : [];
    }),
  ];
}

/** With Go's zero values and order, and its complaints. */
function typed(object: JsonObject, old: KubeObject): KubeObject {
  const type = goTypeOfKind(kindOf(old));
  if (!type) return object as unknown as KubeObject;
  const { value, error } = decodeTyped(object, type);
  if (error !== undefined) throw new MutationError(error);
  return {
    ...(value as JsonObject),
    apiVersion: groupVersion(kindOf(old)),
    kind: old.kind,
  } as unknown as KubeObject;
}
