import { noteEmptied } from '../../../api/emptied.ts';
import { canonicalQuantity, QuantityError } from '../../../api/quantity.ts';
import type { JsonObject, JsonValue } from '../../../api/meta.ts';
import type { GoField, GoType } from '../../../api/schema/goTypes.ts';
import { formatMicroTime, formatTime, parseTime } from '../../../base/time.ts';
import { layouts, timeProblem } from './goTime.ts';
import { writtenKeys, type WithWrittenKeys } from './json.ts';

/** What decoding a value into a Go type gives. */
export interface Decoded {
  /** As Go would encode it again: fields in order, empty ones gone where their tags say so, quantities canonical. */
  readonly value: JsonValue | undefined;
  /** The first wrong type or value, in Go's words: nothing was decoded then. */
  readonly error: string | undefined;
  /** `unknown field "spec.foo"`, `duplicate field "metadata.name"`. At most 100. */
  readonly strict: readonly string[];
}

const maxStrictErrors = 100;

/** Decodes a JSON value. Models sigs.k8s.io/json UnmarshalStrict followed by encoding/json Marshal. */
export function decodeTyped(value: JsonValue, type: GoType): Decoded {
  const decoder = new Decoder();
  const result = decoder.decode(value, type);
  return { value: result, error: decoder.error, strict: decoder.strict };
}

class Decoder {
  error: string | undefined;
  readonly strict: string[] = [];
  /** Names on the way to the value; `[2]` for elements, `\0key` for keys of maps, `\x01Name` for embedded structs. */
  readonly #path: string[] = [];
  /** Within a schema that may be something else. */
  #isLenient = false;
  /** The struct whose field is being decoded. */
  #struct = '';

  decode(value: JsonValue | undefined, type: GoType): JsonValue | undefined {
    switch (type.kind) {
      case 'pointer':
        return value === null || value === undefined ? null : this.decode(value, type.to);
      case 'struct':
        return this.#decodeStruct(value, type);
      case 'slice':
        return this.#decodeSlice(value, type);
      case 'map':
        return this.#decodeMap(value, type);
      case 'string':
        if (value === null || value === undefined) return '';
        return typeof value === 'string' ? value : this.#wrongType(value, type);
      case 'bool':
        if (value === null || value === undefined) return false;
        return typeof value === 'boolean' ? value : this.#wrongType(value, type);
      case 'int':
        return this.#decodeInt(value, type);
      case 'float':
        if (value === null || value === undefined) return 0;
        return typeof value === 'number' ? value : this.#wrongType(value, type);
      case 'bytes':
        return this.#decodeBytes(value, type);
      case 'quantity':
        return this.#decodeQuantity(value);
      case 'time':
      case 'microTime':
        return this.#decodeTime(value, type.kind);
      case 'intOrString':
        return this.#decodeIntOrString(value);
      case 'duration':
        if (value === null || value === undefined) return '0s';
        return typeof value === 'string' ? value : this.#wrongType(value, { name: 'string' });
      case 'schemaOr':
        return this.#decodeSchemaOr(value, type);
      case 'raw':
      case 'any':
        return value ?? null;
    }
  }

  #decodeStruct(
    value: JsonValue | undefined,
    type: Extract<GoType, { kind: 'struct' }>,
  ): JsonValue {
    const given = value === null || value === undefined ? {} : isObject(value) ? value : undefined;
    if (!given) {
      this.#wrongType(value as JsonValue, type);
      return {};
    }
    const decoded = new Map<GoField, JsonValue | undefined>();
    const outer = this.#struct;
    const seen = new Set<string>();
    for (const key of (given as WithWrittenKeys)[writtenKeys] ?? Object.keys(given)) {
      const field = type.byName.get(key);
      if (seen.has(key)) this.#strictError('duplicate', key);
      else if (!field) this.#strictError('unknown', key);
      seen.add(key);
      if (!field) continue;
      if (!this.#isLenient) this.#struct = type.name;
      this.#path.push(...field.embeddedIn.map((name) => `\x01${name}`), key);
      decoded.set(field, this.decode(given[key], field.type));
      this.#path.length -= field.embeddedIn.length + 1;
    }
    this.#struct = outer;
    return encodeStruct(type, decoded);
  }

  #decodeSlice(
    value: JsonValue | undefined,
    type: Extract<GoType, { kind: 'slice' }>,
  ): JsonValue | undefined {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return this.#wrongType(value, type);
    return value.map((item, index) => {
      this.#path.push(`[${index}]`);
      const decoded = this.decode(item, type.of) ?? null;
      this.#path.pop();
      return decoded;
    });
  }

  #decodeMap(
    value: JsonValue | undefined,
    type: Extract<GoType, { kind: 'map' }>,
  ): JsonValue | undefined {
    if (value === null || value === undefined) return null;
    if (!isObject(value)) return this.#wrongType(value, type);
    const result: JsonObject = {};
    const seen = new Set<string>();
    for (const key of (value as WithWrittenKeys)[writtenKeys] ?? Object.keys(value)) {
      if (seen.has(key)) this.#strictError('duplicate', key);
      seen.add(key);
      this.#path.push(`\0${key}`);
      const item = this.decode(value[key], type.of) ?? null;
      this.#path.pop();
      if (key === '__proto__')
        Object.defineProperty(result, key, {
          value: item,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      else result[key] = item;
    }
    return result;
  }

  #decodeInt(
    value: JsonValue | undefined,
    type: Extract<GoType, { kind: 'int' }>,
  ): JsonValue | undefined {
    if (value === null || value === undefined) return 0;
    if (typeof value !== 'number') return this.#wrongType(value, type);
    if (Number.isInteger(value) && value >= type.min && value <= type.max) return value;
    return this.#wrongType(value, type, `number ${goNumber(value)}`);
  }

  #decodeBytes(value: JsonValue | undefined, type: GoType): JsonValue | undefined {
    if (value === null || value === undefined) return null;
    if (typeof value !== 'string') return this.#wrongType(value, type);
    const problem = base64Problem(value);
    return problem === undefined
      ? value.replace(/[\r\n]/g, '')
      : this.#fail(`illegal base64 data at input byte ${problem}`);
  }

  #decodeQuantity(value: JsonValue | undefined): JsonValue | undefined {
    if (value === null || value === undefined) return '0';
    // Go's decoder parses the text of the value, whatever it is.
    const text =
      typeof value === 'string'
        ? value.trim()
        : typeof value === 'number'
          ? goNumber(value)
          : JSON.stringify(value);
    try {
      return canonicalQuantity(text);
    } catch (error) {
      if (error instanceof QuantityError) return this.#fail(error.message);
      throw error;
    }
  }

  #decodeTime(value: JsonValue | undefined, kind: 'time' | 'microTime'): JsonValue | undefined {
    if (value === null || value === undefined) return null;
    if (typeof value !== 'string') return this.#wrongType(value, { name: 'string' });
    const problem = timeProblem(value, layouts[kind]);
    if (problem !== undefined) return this.#fail(problem);
    const time = parseTime(value) ?? 0;
    return kind === 'time' ? formatTime(time) : formatMicroTime(time);
  }

  #decodeIntOrString(value: JsonValue | undefined): JsonValue | undefined {
    if (value === null || value === undefined) return 0;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2147483647)
      return value;
    const what = typeof value === 'number' ? `number ${goNumber(value)}` : nameOf(value);
    return this.#wrongType(value, { name: 'int32' }, what);
  }

  /** Models apiextensions v1 marshal.go: what is within knows no strictness, and wrong types are told of the outer struct. */
  #decodeSchemaOr(
    value: JsonValue | undefined,
    type: Extract<GoType, { kind: 'schemaOr' }>,
  ): JsonValue | undefined {
    const { schema, other } = type;
    const wasLenient = this.#isLenient;
    this.#isLenient = true;
    let decoded: JsonValue | undefined = null;
    if (value !== undefined && value !== null && isObject(value))
      decoded = this.decode(value, schema);
    else if (Array.isArray(value) && other !== 'bool')
      decoded = this.decode(value, other === 'strings' ? strings : schemas(schema));
    else if (other === 'bool' && typeof value === 'boolean') decoded = value;
    else if (other === 'bool') this.#fail('boolean or JSON schema expected');
    this.#isLenient = wasLenient;
    return decoded;
  }

  /** `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32` */
  #wrongType(
    value: JsonValue,
    type: { readonly name: string },
    what = nameOf(value),
  ): JsonValue | undefined {
    const path = this.#path
      .filter((part) => !part.startsWith('[') && !part.startsWith('\0'))
      .map((part) => part.replace('\x01', ''))
      .join('.');
    const struct = this.#struct.split('.').at(-1) ?? '';
    this.#fail(
      path
        ? `json: cannot unmarshal ${what} into Go struct field ${struct}.${path} of type ${type.name}`
        : `json: cannot unmarshal ${what} into Go value of type ${type.name}`,
    );
    return undefined;
  }

  #fail(message: string): JsonValue | undefined {
    this.error ??= message;
    return undefined;
  }

  #strictError(what: 'unknown' | 'duplicate', key: string): void {
    if (this.#isLenient || this.strict.length >= maxStrictErrors) return;
    let path = '';
    for (const part of this.#path) {
      if (part.startsWith('\x01')) continue;
      const name = part.startsWith('\0') ? part.slice(1) : part;
      path += part.startsWith('[') || path === '' ? name : `.${name}`;
    }
    this.strict.push(`${what} field ${JSON.stringify(path ? `${path}.${key}` : key)}`);
  }
}

const strings: GoType = {
  kind: 'slice',
  of: { kind: 'string', name: 'string' },
  name: '[]string',
};
const schemas = (of: GoType): GoType => ({ kind: 'slice', of, name: `[]${of.name}` });

const isObject = (value: JsonValue): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** What Go's decoder calls a JSON value. */
function nameOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return { string: 'string', number: 'number', boolean: 'bool', object: 'object' }[
    typeof value as 'string'
  ];
}

/** A number as it most likely stood in the text. */
const goNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);

/** Lists that are an error when they are empty but have a default when they are not given. */
const keptWhenEmpty = new Set(['v2.HPAScalingRules.policies']);

function encodeStruct(
  type: Extract<GoType, { kind: 'struct' }>,
  given: ReadonlyMap<GoField, JsonValue | undefined>,
): JsonObject {
  const result: JsonObject = {};
  for (const field of type.fields) {
    const value = given.has(field) ? given.get(field) : zeroOf(field.type);
    if (field.omitZero && (isEmpty(value, field.type) || isZeroStruct(value, field.type))) continue;
    const isKept = Array.isArray(value) && keptWhenEmpty.has(`${type.name}.${field.name}`);
    if (field.omitEmpty && isEmpty(value, field.type) && !isKept) {
      noteEmptied(result, field.name, value);
      continue;
    }
    result[field.name] = value ?? null;
  }
  return result;
}

/** The value of a field that was not given, encoded. */
function zeroOf(type: GoType): JsonValue {
  switch (type.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int':
    case 'float':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'duration':
      return '0s';
    case 'struct':
      return encodeStruct(type, new Map());
    default:
      return null;
  }
}

/** What `omitempty` leaves out. Structs stay, and so do the types that are structs in Go: times, quantities. */
function isEmpty(value: JsonValue | undefined, type: GoType): boolean {
  switch (type.kind) {
    case 'pointer':
      return value === null || value === undefined;
    case 'slice':
    case 'bytes':
    case 'map':
      return (
        value === null ||
        value === undefined ||
        value === '' ||
        (typeof value === 'object' && Object.keys(value).length === 0)
      );
    case 'string':
      return value === '';
    case 'bool':
      return value === false;
    case 'int':
    case 'float':
      return value === 0;
    case 'any':
      return value === null || value === undefined || value === '';
    default:
      return false;
  }
}

function isZeroStruct(value: JsonValue | undefined, type: GoType): boolean {
  if (type.kind === 'struct')
    return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return type.kind === 'time' || type.kind === 'microTime' || type.kind === 'raw'
    ? value === null || value === undefined
    : false;
}

/** The byte at which Go's base64 decoder stops; undefined when the text is base64. */
function base64Problem(text: string): number | undefined {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\n' || char === '\r') continue;
    if (char === '=') return paddingProblem(text, at, count);
    if (!/[A-Za-z0-9+/]/.test(char)) return at;
    count++;
  }
  return count % 4 === 0 ? undefined : text.length - (count % 4);
}

function paddingProblem(text: string, at: number, count: number): number | undefined {
  const used = count % 4;
  if (used < 2) return at;
  const rest = text.slice(at).replace(/[\r\n]/g, '');
  if (used === 2 && !rest.startsWith('==')) return at + 1 < text.length ? at + 1 : text.length;
  const wanted = used === 2 ? 2 : 1;
  return rest.length > wanted ? at + wanted : undefined;
}
