import { FieldPath, invalid, type FieldError } from '../../../api/field.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../../api/meta.ts';
import type { Scale } from '../../../api/types/autoscalingV1.ts';
import type { ScalePaths } from '../registry/resources.ts';
import { goMap } from '../rest/patchRefusal.ts';

const MAX_INT32 = 2147483647;

/** Models customResourceValidator.ValidateScaleSpec. */
export const specErrors = (object: JsonObject, scale: ScalePaths | undefined): FieldError[] =>
  scale ? replicasErrors(object, scale.specReplicasPath) : [];

/** Models customResourceValidator.ValidateScaleStatus. */
export function statusErrors(object: JsonObject, scale: ScalePaths | undefined): FieldError[] {
  if (!scale) return [];
  const errors = replicasErrors(object, scale.statusReplicasPath);
  if (scale.labelSelectorPath === undefined) return errors;
  const selector = nested(object, scale.labelSelectorPath, 'string');
  if (selector.problem !== undefined)
    errors.push(invalid(FieldPath.of(scale.labelSelectorPath), '', selector.problem));
  return errors;
}

function replicasErrors(object: JsonObject, path: string): FieldError[] {
  const { value, problem } = nested(object, path, 'int64');
  const wrong = (shown: number, why: string): FieldError[] => [
    invalid(FieldPath.of(path), shown, why),
  ];
  if (problem !== undefined) return wrong(0, problem);
  const replicas = (value as number | undefined) ?? 0;
  if (replicas < 0) return wrong(replicas, 'should be a non-negative integer');
  return replicas > MAX_INT32
    ? wrong(replicas, `should be less than or equal to ${MAX_INT32}`)
    : [];
}

interface Nested {
  readonly value?: JsonValue;
  readonly problem?: string;
}

const keysOf = (path: string): string[] => path.replace(/^\./, '').split('.');

/** Models unstructured.NestedInt64 and NestedString. */
function nested(object: JsonObject, path: string, type: 'int64' | 'string'): Nested {
  const keys = keysOf(path);
  let value: JsonValue | undefined = object;
  for (const [at, key] of keys.entries()) {
    if (value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value))
      return { problem: accessorError(keys.slice(0, at + 1), value, 'map[string]interface{}') };
    value = value[key];
    if (value === undefined) return {};
  }
  return goType(value) === type ? { value } : { problem: accessorError(keys, value, type) };
}

const accessorError = (keys: readonly string[], value: JsonValue, wanted: string): string =>
  `.${keys.join('.')} accessor error: ${goMap(value)} is of the type ${goType(value)}, expected ${wanted}`;

function goType(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'int64' : 'float64';
    default:
      return 'map[string]interface {}';
  }
}

export interface ScaleView {
  readonly scale: Scale & KubeObject;
  /** Whether the number of wanted replicas is there at all. */
  readonly hasReplicas: boolean;
}

/** A custom resource as a Scale; a text says why it is none. Models scaleFromCustomResource. */
export function customScaleOf(object: KubeObject, paths: ScalePaths): ScaleView | string {
  const json = object as unknown as JsonObject;
  const spec = nested(json, paths.specReplicasPath, 'int64');
  const status = nested(json, paths.statusReplicasPath, 'int64');
  const selector: Nested =
    paths.labelSelectorPath === undefined ? {} : nested(json, paths.labelSelectorPath, 'string');
  const problem = spec.problem ?? status.problem ?? selector.problem;
  if (problem !== undefined) return problem;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = (spec.value as number | undefined) ?? 0;
  return {
    hasReplicas: spec.value !== undefined,
    scale: {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: {
        ...(name && { name }),
        ...(namespace && { namespace }),
        ...(uid && { uid }),
        ...(resourceVersion && { resourceVersion }),
        ...(creationTimestamp && { creationTimestamp }),
      },
      spec: replicas ? { replicas } : {},
      status: {
        replicas: (status.value as number | undefined) ?? 0,
        ...(selector.value !== undefined &&
          selector.value !== '' && { selector: selector.value as string }),
      },
    },
  };
}

/** Writes the number of wanted replicas into an object, in place. */
export function setReplicas(object: KubeObject, paths: ScalePaths, replicas: number): void {
  const keys = keysOf(paths.specReplicasPath);
  let at = object as unknown as JsonObject;
  for (const key of keys.slice(0, -1)) {
    const next = at[key];
    if (next === undefined || next === null || typeof next !== 'object' || Array.isArray(next))
      at[key] = {};
    at = at[key] as JsonObject;
  }
  at[keys.at(-1) ?? ''] = replicas;
}
