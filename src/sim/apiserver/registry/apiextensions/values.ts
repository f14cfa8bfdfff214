import {
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { equal, type JsonValue } from '../../../../api/meta.ts';
import { compileRegex } from '../../../cel/regex.ts';
import { hasFormat } from './valueFormats.ts';
import { isKnownFormat } from './formats.ts';
import { additionalOf, itemsOf, type Schema } from './structural.ts';

/** One thing that is wrong with a value; `count` is what anyOf and oneOf compare by. */
interface Result {
  readonly errors: readonly FieldError[];
  readonly count: number;
}

const ok: Result = { errors: [], count: 1 };

/**
 * A value against a schema, in the words of kube-openapi. `name` is the way within the value: `spec.ports[0]`.
 * Models k8s.io/kube-openapi/pkg/validation/validate SchemaValidator and kubeOpenAPIResultToFieldErrors.
 */
export function validateValue(
  schema: Schema,
  value: JsonValue,
  path: FieldPath,
  name = '',
): FieldError[] {
  return [...validate(schema, value, path, name).errors];
}

function validate(schema: Schema, value: JsonValue, path: FieldPath, name: string): Result {
  const at = name ? path.child(name.replace(/^\./, '')) : path;
  const typeError = typeProblem(schema, value, at, name);
  if (value === null)
    return merge(typeError ? [fail(typeError)] : [ok], enumResult(schema, value, at));
  const results: Result[] = [
    typeError ? fail(typeError) : ok,
    junctions(schema, value, path, name),
  ];
  if (typeof value === 'string') results.push(text(schema, value, at, name));
  if (typeof value === 'number') results.push(number(schema, value, path, name, at));
  if (Array.isArray(value)) results.push(array(schema, value, path, name, at));
  results.push(enumResult(schema, value, at));
  if (typeof value === 'object' && !Array.isArray(value))
    results.push(object(schema, value, path, name, at));
  return merge(results);
}

const fail = (...errors: readonly FieldError[]): Result => ({ errors, count: 1 });

function merge(results: readonly Result[] | Result, ...more: readonly Result[]): Result {
  const list = [...(Array.isArray(results) ? (results as Result[]) : [results as Result]), ...more];
  return {
    errors: list.flatMap(({ errors }) => errors),
    count: list.reduce((sum, { count }) => sum + count, 0),
  };
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return isInteger(value, undefined) ? 'integer' : 'number';
  return typeof value;
}

function typesOf(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string'];
  return schema.type ? [schema.type] : [];
}

const formatOf = ({ type, format }: Schema): string =>
  format && isKnownFormat(type, format) ? format : '';

function typeProblem(
  schema: Schema,
  value: JsonValue,
  at: FieldPath,
  name: string,
): FieldError | undefined {
  const types = typesOf(schema);
  const format = formatOf(schema);
  if (!types.length && !format) return undefined;
  const is = typeName(value);
  if (value === null)
    return !types.length || schema.nullable ? undefined : wrongType(types.join(','), is, at, name);
  const isNumeric = types.includes('number') || types.includes('integer');
  if (!isNumeric && format && (typeof value === 'string' || Array.isArray(value))) return undefined;
  const fits = types.includes(is) || (is === 'integer' && types.includes('number'));
  if (format && typeof value !== 'string' && !Array.isArray(value) && !fits)
    return wrongType(format, '', at, name);
  return fits ? undefined : wrongType(types.join(','), is, at, name);
}

/** `value` is what the message shows: the type that there is, or the text without the format. */
const wrongType = (type: string, value: string, at: FieldPath, name: string): FieldError => ({
  type: 'FieldValueTypeInvalid',
  field: at.toString(),
  value,
  detail: `${name} in body must be of type ${type}: ${JSON.stringify(value)}`,
});

function text(schema: Schema, value: string, at: FieldPath, name: string): Result {
  const { maxLength, minLength, pattern } = schema;
  const length = Array.from(value).length;
  const results: Result[] = [];
  const regex = pattern ? compileRegex(pattern) : undefined;
  if (maxLength !== undefined && length > maxLength) results.push(fail(tooLong(at, maxLength)));
  else if (minLength !== undefined && length < minLength)
    results.push(
      fail(invalid(at, value, `${name} in body should be at least ${minLength} chars long`)),
    );
  else if (regex && (typeof regex === 'string' || !regex.test(value)))
    results.push(fail(invalid(at, value, `${name} in body should match '${pattern ?? ''}'`)));
  const format = formatOf(schema);
  if (format && !hasFormat(format, value)) results.push(fail(wrongType(format, value, at, name)));
  return merge(results);
}

/** Models IsValueValidAgainstRange. */
function isInteger(value: number, format: string | undefined): boolean {
  const limit = format === 'int32' ? 2 ** 31 : 2 ** 63;
  return Number.isInteger(value) && value >= -limit && value < limit;
}

function number(
  schema: Schema,
  value: number,
  path: FieldPath,
  name: string,
  at: FieldPath,
): Result {
  const { multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const errors: FieldError[] = [];
  const say = (detail: string): void => {
    errors.push(invalid(at, value, `${name} in body ${detail}`));
  };
  if (schema.type === 'integer' && !isInteger(value, schema.format)) {
    const kind = schema.format ? `with format ${schema.format}` : '(default format)';
    errors.push(invalid(path, '', `Checked value must be of type integer ${kind} in ${name}`));
  }
  /** A bound must be of the type, too; whole numbers are judged by the whole part of other bounds. */
  const bound = (limit: number, what: string): number => {
    if (schema.type !== 'integer' || Number.isInteger(limit))
      return Number.isInteger(value) ? Math.trunc(limit) : limit;
    const kind = schema.format ? `with format ${schema.format}` : '(default format)';
    errors.push(invalid(path, '', `${what} value must be of type integer ${kind} in ${name}`));
    return limit;
  };
  if (multipleOf !== undefined) {
    const factor = bound(multipleOf, 'MultipleOf');
    if (factor <= 0)
      errors.push(
        invalid(at, factor, `factor MultipleOf declared for ${name} must be positive: ${factor}`),
      );
    else if (!Number.isInteger(value / factor)) say(`should be a multiple of ${factor}`);
  }
  const least = minimum === undefined ? undefined : bound(minimum, 'Minimum boundary');
  const most = maximum === undefined ? undefined : bound(maximum, 'Maximum boundary');
  if (least !== undefined && (exclusiveMinimum ? value <= least : value < least))
    say(`should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${least}`);
  if (most !== undefined && (exclusiveMaximum ? value >= most : value > most))
    say(`should be less than ${exclusiveMaximum ? '' : 'or equal to '}${most}`);
  return { errors, count: 1 };
}

function array(
  schema: Schema,
  value: readonly JsonValue[],
  path: FieldPath,
  name: string,
  at: FieldPath,
): Result {
  const { minItems, maxItems, uniqueItems } = schema;
  const items = itemsOf(schema);
  const errors: FieldError[] = [];
  if (minItems !== undefined && value.length < minItems)
    errors.push(
      invalid(at, value.length, `${name} in body should have at least ${minItems} items`),
    );
  if (maxItems !== undefined && value.length > maxItems)
    errors.push(tooMany(at, value.length, maxItems));
  const isRepeated = (item: JsonValue, index: number): boolean =>
    value.slice(0, index).some((earlier) => equal(earlier, item));
  if (uniqueItems && value.some(isRepeated))
    errors.push(invalid(at, '', `${name} in body shouldn't contain duplicates`));
  return merge(
    items ? value.map((item, index) => validate(items, item, path, `${name}[${index}]`)) : [],
    { errors, count: 1 },
  );
}

function enumResult(schema: Schema, value: JsonValue, at: FieldPath): Result {
  const allowed = schema.enum;
  if (!allowed?.length || allowed.some((one) => equal(one, value))) return ok;
  const shown = allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return fail(notSupported(at, value, shown));
}

function object(
  schema: Schema,
  value: Readonly<Record<string, JsonValue | undefined>>,
  path: FieldPath,
  name: string,
  at: FieldPath,
): Result {
  const { minProperties, maxProperties, properties = {} } = schema;
  const keys = Object.keys(value);
  const additional = additionalOf(schema);
  const within = (key: string): string => (name ? `${name}.${key}` : key);
  const results: Result[] = [];
  if (minProperties !== undefined && keys.length < minProperties)
    results.push(
      fail(
        invalid(
          at,
          keys.length,
          `${name} in body should have at least ${minProperties} properties`,
        ),
      ),
    );
  if (maxProperties !== undefined && keys.length > maxProperties)
    results.push(fail(tooMany(at, keys.length, maxProperties)));
  for (const key of keys) {
    if (key in properties) continue;
    if (schema.additionalProperties === false)
      results.push(fail(invalid(at, key, `${name}.${key} in body is a forbidden property`)));
    else if (additional)
      results.push(validate(additional, value[key] ?? null, path, `${name}.${key}`));
  }
  for (const [key, of] of Object.entries(properties))
    if (value[key] !== undefined) results.push(validate(of, value[key], path, within(key)));
  for (const key of schema.required ?? [])
    if (value[key] === undefined) results.push(fail(required(path.child(within(key)))));
  return merge(results);
}

/** anyOf, oneOf, allOf and not. Models schemaPropsValidator. */
function junctions(schema: Schema, value: JsonValue, path: FieldPath, name: string): Result {
  const say = (detail: string): Result =>
    fail(invalid(path, '', `${JSON.stringify(name)} ${detail}`));
  const judge = (clause: Schema): Result => validate(clause, value, path, name);
  const best = (results: readonly Result[]): Result =>
    results.reduce((most, one) => (one.count > most.count ? one : most));
  const results: Result[] = [];
  if (schema.anyOf?.length) {
    const judged = schema.anyOf.map(judge);
    const good = judged.find(({ errors }) => !errors.length);
    if (good) results.push(good);
    else results.push(say('must validate at least one schema (anyOf)'), best(judged));
  }
  if (schema.oneOf?.length) {
    const judged = schema.oneOf.map(judge);
    const good = judged.filter(({ errors }) => !errors.length);
    if (good.length === 1) results.push(good[0] ?? ok);
    else if (good.length)
      results.push(
        say(
          `must validate one and only one schema (oneOf). Found ${good.length} valid alternatives`,
        ),
      );
    else
      results.push(
        say('must validate one and only one schema (oneOf). Found none valid'),
        best(judged),
      );
  }
  if (schema.allOf?.length) {
    const judged = schema.allOf.map(judge);
    const good = judged.filter(({ errors }) => !errors.length).length;
    results.push(...judged);
    if (good < judged.length)
      results.push(say(`must validate all the schemas (allOf)${good ? '' : '. None validated'}`));
  }
  if (schema.not && !judge(schema.not).errors.length)
    results.push(say('must not validate the schema (not)'));
  return merge(results, ok);
}
