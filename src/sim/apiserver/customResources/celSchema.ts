import { decodeBase64 } from '../../../base/base64.ts';
import type { JsonObject, JsonValue } from '../../../api/meta.ts';
import type { Structs } from '../../cel/environment.ts';
import { fromJson } from '../../cel/jsonValues.ts';
import { parseDuration, parseTimestamp } from '../../cel/time.ts';
import * as t from '../../cel/types.ts';
import type { CelType } from '../../cel/types.ts';
import {
  ArrayList,
  CelError,
  CelList,
  CelMap,
  Duration,
  equals,
  Timestamp,
  type CelValue,
} from '../../cel/values.ts';
import {
  additionalOf,
  itemsOf,
  propertiesOf,
  type Schema,
} from '../registry/apiextensions/structural.ts';
import { canonical, keyOf } from './listTypes.ts';

const RESERVED = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let',
  'loop', 'package', 'namespace', 'return', 'var', 'void', 'while',
]); // prettier-ignore

/** A property as expressions name it; undefined for what they cannot name. Models apiserver/pkg/cel/escaping.go Escape. */
export function escapeName(name: string): string | undefined {
  if (!name || /^\d/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  if (!/^[a-zA-Z0-9_./-]+$/.test(name)) return undefined;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

const META: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** The root of a resource has its kind and its name, whatever the schema says. Models WithTypeAndObjectMeta. */
export const withTypeAndMeta = (schema: Schema): Schema => ({
  ...schema,
  properties: {
    ...schema.properties,
    kind: { type: 'string' },
    apiVersion: { type: 'string' },
    metadata: META,
  },
});

const rooted = (schema: Schema): Schema =>
  schema['x-kubernetes-embedded-resource'] ? withTypeAndMeta(schema) : schema;

/** The types of a schema, made as they are met. */
export class SchemaTypes implements Structs {
  readonly #fields = new Map<string, ReadonlyMap<string, CelType>>();

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  field(name: string, field: string): CelType | undefined {
    return this.#fields.get(name)?.get(field);
  }

  /** undefined for what expressions cannot look at. Models SchemaDeclType. */
  typeOf(given: Schema, name = 'object'): CelType | undefined {
    const schema = rooted(given);
    if (schema['x-kubernetes-int-or-string']) return t.dyn;
    switch (schema.type) {
      case 'array': {
        const items = itemsOf(schema);
        const of = items && this.typeOf(items, `${name}.@idx`);
        return of && t.list(of);
      }
      case 'object': {
        const additional = additionalOf(schema);
        if (!additional) return this.#struct(schema, name);
        const of = this.typeOf(additional, `${name}.@elem`);
        return of && t.map(t.string, of);
      }
      case 'string':
        return stringType(schema.format);
      case 'boolean':
        return t.bool;
      case 'number':
        return t.double;
      case 'integer':
        return t.int;
      default:
        return undefined;
    }
  }

  #struct(schema: Schema, name: string): CelType {
    const own = name;
    const fields = new Map<string, CelType>();
    this.#fields.set(own, fields);
    for (const [key, property] of propertiesOf(schema)) {
      const escaped = escapeName(key);
      const type = this.typeOf(property, `${own}.${key}`);
      if (escaped !== undefined && type) fields.set(escaped, type);
    }
    return t.struct(own);
  }
}

function stringType(format: string | undefined): CelType {
  if (format === 'byte') return t.bytes;
  if (format === 'duration') return t.duration;
  return format === 'date' || format === 'date-time' ? t.timestamp : t.string;
}

/** A value as its schema types it. Models apiserver/pkg/cel/common UnstructuredToVal. */
export function schemaValue(value: JsonValue | undefined, given: Schema | undefined): CelValue {
  if (value === null || value === undefined) return null;
  if (!given || given['x-kubernetes-int-or-string']) return fromJson(value);
  const schema = rooted(given);
  if (Array.isArray(value))
    return schema.type === 'array' ? new SchemaList(value, schema) : wrong(schema, value);
  if (typeof value === 'object')
    return schema.type === 'object' || !schema.type
      ? new SchemaMap(value, schema)
      : wrong(schema, value);
  if (typeof value === 'number') return schema.type === 'number' ? value : fromJson(value);
  if (typeof value === 'string') return textValue(value, schema.format);
  return value;
}

const wrong = (schema: Schema, value: JsonValue): CelError =>
  new CelError(
    `invalid data, expected ${schema.type ?? ''}, got ${Array.isArray(value) ? 'array' : typeof value}`,
  );

function textValue(text: string, format: string | undefined): CelValue {
  switch (format) {
    case 'byte':
      return decodeBase64(text) ?? new CelError(`Invalid byte formatted string ${text}`);
    case 'duration': {
      const nanos = parseDuration(text);
      return nanos === undefined ? new CelError(`Invalid duration ${text}`) : new Duration(nanos);
    }
    case 'date':
    case 'date-time': {
      const nanos = parseTimestamp(format === 'date' ? `${text}T00:00:00Z` : text);
      return nanos === undefined
        ? new CelError(`Invalid ${format} formatted string ${text}`)
        : new Timestamp(nanos);
    }
    default:
      return text;
  }
}

class SchemaList extends CelList {
  readonly #items: readonly JsonValue[];
  readonly #schema: Schema;

  constructor(items: readonly JsonValue[], schema: Schema) {
    super();
    this.#items = items;
    this.#schema = schema;
  }

  get size(): number {
    return this.#items.length;
  }

  at(index: number): CelValue {
    return schemaValue(this.#items[index], itemsOf(this.#schema));
  }

  /** Sets and lists with keys are equal in any order. */
  override equals(other: CelList): boolean {
    const type = this.#schema['x-kubernetes-list-type'];
    if (type !== 'set' && type !== 'map') return super.equals(other);
    if (this.size !== other.size) return false;
    const theirs = [...other];
    return [...this].every((item) => theirs.some((their) => equals(item, their)));
  }

  /** A set takes what it does not have; a list with keys takes over the elements of the same key. */
  override concat(other: CelList): CelList {
    const type = this.#schema['x-kubernetes-list-type'];
    if (type === 'set')
      return new ArrayList([
        ...this,
        ...[...other].filter((item) => ![...this].some((own) => equals(own, item))),
      ]);
    if (type !== 'map' || !(other instanceof SchemaList)) return super.concat(other);
    const id = (item: JsonValue): string => canonical(keyOf(item, this.#schema));
    const joined = new Map(this.#items.map((item) => [id(item), item]));
    for (const item of other.#items) joined.set(id(item), item);
    return new SchemaList([...joined.values()], this.#schema);
  }
}

class SchemaMap extends CelMap {
  readonly #object: JsonObject;
  readonly #schema: Schema;

  constructor(object: JsonObject, schema: Schema) {
    super();
    this.#object = object;
    this.#schema = schema;
  }

  get size(): number {
    return this.keys().length;
  }

  override get typeName(): string {
    return this.#schema.properties ? 'object' : 'map';
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const name = this.#nameOf(key);
    if (name === undefined || !Object.hasOwn(this.#object, name)) return undefined;
    const value = this.#object[name];
    if (value === undefined) return undefined;
    return schemaValue(value, this.#schema.properties?.[name] ?? additionalOf(this.#schema));
  }

  keys(): readonly string[] {
    const own = Object.keys(this.#object).filter((key) => this.#object[key] !== undefined);
    const { properties } = this.#schema;
    return properties
      ? own.flatMap((key) => (key in properties ? (escapeName(key) ?? []) : []))
      : own;
  }

  #nameOf(key: string): string | undefined {
    const { properties } = this.#schema;
    if (!properties) return key;
    if (key in properties && escapeName(key) === key) return key;
    return Object.keys(properties).find((name) => escapeName(name) === key);
  }
}
