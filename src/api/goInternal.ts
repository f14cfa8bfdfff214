import { assert } from '../base/assert.ts';
import facts from './facts/v1.36/goInternalTypes.json' with { type: 'json' };
import { asGiven, cloneAsGiven } from './emptied.ts';
import type { JsonObject, JsonValue } from './meta.ts';

/** [Go name ('' when embedded), JSON name of the published field, Go type] */
type Field = readonly [name: string, json: string, type: string];

const { structs, named } = facts as {
  readonly structs: Readonly<Record<string, readonly Field[]>>;
  readonly named: Readonly<Record<string, string>>;
};

/** Fields that stand elsewhere in the published form: of the pod spec, not of its security context. */
const hostFields = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

/**
 * A published value as the API server prints it in validation messages: in its internal form, whose JSON has Go's field
 * names, all of them, in order. Empty lists and maps are null, as after decoding.
 *
 *     internalForm('core.Taint', { key: 'a', effect: 'NoSchedule' })
 *       → { Key: 'a', Value: '', Effect: 'NoSchedule', TimeAdded: null }
 */
export function internalForm(type: string, value: unknown): JsonValue {
  if (type.startsWith('*'))
    return value === undefined || value === null ? null : internalForm(type.slice(1), value);
  if (type.startsWith('[]')) {
    if (!Array.isArray(value)) return null;
    return value.map((item: unknown) => internalForm(type.slice(2), item));
  }
  if (type.startsWith('map[string]')) return mapForm(type.slice('map[string]'.length), value);
  if (type in unions) return unionForm(type, value);
  const fields = structs[type];
  if (fields) return structForm(type, fields, (value ?? {}) as JsonObject);
  const is = named[type];
  return is === undefined ? basicForm(type, value) : internalForm(is, value);
}

/** Schemas in whose place something else may stand: the member that holds it, and that of the schema. */
const unions: Readonly<Record<string, string>> = {
  'apiextensions.JSONSchemaPropsOrArray': 'JSONSchemas',
  'apiextensions.JSONSchemaPropsOrBool': 'Allows',
  'apiextensions.JSONSchemaPropsOrStringArray': 'Property',
};

function unionForm(type: string, value: unknown): JsonValue {
  const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value);
  const schema = isSchema ? internalForm('apiextensions.JSONSchemaProps', value) : null;
  switch (unions[type]) {
    case 'Allows':
      return { Allows: isSchema || value === true, Schema: schema };
    case 'Property':
      return { Schema: schema, Property: Array.isArray(value) ? (value as JsonValue[]) : null };
    default:
      return {
        Schema: schema,
        JSONSchemas: Array.isArray(value)
          ? internalForm('[]apiextensions.JSONSchemaProps', value)
          : null,
      };
  }
}

function mapForm(of: string, value: unknown): JsonValue {
  if (value === undefined || value === null) return null;
  const map = value as JsonObject;
  const form: JsonObject = {};
  for (const key of Object.keys(map).sort()) form[key] = internalForm(of, map[key]);
  return form;
}

function structForm(type: string, fields: readonly Field[], value: JsonObject): JsonObject {
  const form: JsonObject = {};
  for (const [name, json, fieldType] of fields) {
    if (name === '') Object.assign(form, embeddedForm(fieldType, value));
    else if (type === 'core.PodSpec' && name === 'SecurityContext')
      form[name] = internalForm(
        fieldType,
        Object.assign(cloneAsGiven((value[json] ?? {}) as JsonObject), hostPart(value)),
      );
    else form[name] = internalForm(fieldType, asGiven(value, json || lowerFirst(name)));
  }
  return form;
}

/** Embedded metadata keeps its JSON names; other embedded structs have their fields in the same object in both forms. */
const embeddedForm = (type: string, value: JsonObject): JsonObject =>
  type === 'metav1.ObjectMeta'
    ? ((value['metadata'] ?? {}) as JsonObject)
    : (internalForm(type, value) as JsonObject);

const hostPart = (spec: JsonObject): JsonObject =>
  Object.fromEntries(hostFields.map((name) => [name, spec[name]]));

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

function basicForm(type: string, value: unknown): JsonValue {
  const given = value as JsonValue | undefined;
  switch (type) {
    case 'string':
    case 'types.UID':
    case 'types.NodeName':
      return given ?? '';
    case 'bool':
      return given ?? false;
    case 'float64':
      return given ?? 0;
    case 'apiextensions.JSON':
      return given ?? null;
    case 'resource.Quantity':
      return given ?? '0';
    case 'intstr.IntOrString':
      return given ?? 0;
    default:
      if (/^u?int\d*$/.test(type)) return given ?? 0;
      // Types of apimachinery have JSON names of their own: labels selectors, times, raw objects.
      assert(/^(?:metav1|runtime|intstr|types)\./.test(type), `no layout of the Go type ${type}`);
      return given ?? (type === 'metav1.LabelSelector' ? {} : null);
  }
}
