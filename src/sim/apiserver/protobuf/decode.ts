import facts from '../../../api/facts/v1.36/protobuf.json' with { type: 'json' };
import { encodeBase64 } from '../../../base/base64.ts';
import { decodeUtf8 } from '../../../base/bytes.ts';
import { formatMicroTime, formatTime } from '../../../base/time.ts';
import type { JsonObject, JsonValue } from '../../../api/meta.ts';
import { embeddedIn, fieldNamesOf } from '../../../api/schema/goTypes.ts';
import { parseGroupVersion } from '../../../api/meta.ts';

// kubectl 1.36 sends its typed creates as protobuf: "k8s\0" and a runtime.Unknown that holds the object. Field numbers
// and types are facts of the published descriptors (protobuf.json).

type FieldFact = readonly [number: number, type: string, label?: string];
const messages = facts as Readonly<Record<string, Readonly<Record<string, FieldFact>>>>;

interface Field {
  readonly name: string;
  readonly type: string;
  readonly isRepeated: boolean;
  /** A struct that Go embeds: its fields belong to the outer object in JSON. */
  readonly isInline: boolean;
}

export interface ProtobufObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly object: JsonObject;
}

/** Decodes a body that begins with `k8s\0`. Throws a RangeError when it is cut off. */
export function decodeProtobuf(bytes: Uint8Array): ProtobufObject {
  const unknown = decodeMessage(bytes.subarray(4), 'k8s.io.apimachinery.pkg.runtime.Unknown', true);
  const meta = (unknown['typeMeta'] ?? {}) as { apiVersion?: string; kind?: string };
  const { apiVersion = '', kind = '' } = meta;
  const raw = unknown['raw'] as unknown as Uint8Array | undefined;
  const message = messageOf(apiVersion, kind);
  const object = raw && message ? decodeMessage(raw, message, false) : {};
  return { apiVersion, kind, object };
}

const packages: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'k8s.io.kube_aggregator.pkg.apis.apiregistration',
  'meta.k8s.io': 'k8s.io.apimachinery.pkg.apis.meta',
};

function messageOf(apiVersion: string, kind: string): string | undefined {
  const { group, version } = parseGroupVersion(apiVersion);
  const head =
    packages[group] ??
    `k8s.io.api.${group === '' ? 'core' : group === 'flowcontrol.apiserver.k8s.io' ? 'flowcontrol' : (group.split('.')[0] ?? '')}`;
  const names = [`${head}.${version}.${kind}`, `k8s.io.apimachinery.pkg.apis.meta.v1.${kind}`];
  return names.find((name) => name in messages);
}

const tables = new Map<string, Map<number, Field>>();

function fieldsOf(message: string): Map<number, Field> {
  let table = tables.get(message);
  if (!table) {
    table = new Map(
      Object.entries(messages[message] ?? {}).map(([name, [number, type, label]]) => [
        number,
        {
          name: jsonName(message, name),
          type,
          isRepeated: label === 'repeated',
          isInline: embeddedIn(schemaOf(message)).includes(schemaOf(type)),
        },
      ]),
    );
    tables.set(message, table);
  }
  return table;
}

/** k8s.io.api.core.v1.Pod → io.k8s.api.core.v1.Pod */
const schemaOf = (message: string): string =>
  message.replace(/^k8s\.io\./, 'io.k8s.').replaceAll('_', '-');

/** Protobuf has no `$ref` and `x-kubernetes-list-type`, and its tools write `aPIGroup`: JSON's names are Go's tags. */
function jsonName(message: string, name: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const names = fieldNamesOf(schemaOf(message));
  return names.includes(name) ? name : (names.find((it) => plain(it) === plain(name)) ?? name);
}

class Reader {
  at = 0;
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError('the protobuf message is cut off');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
  }
  chunk(length: number): Uint8Array {
    if (this.at + length > this.bytes.length)
      throw new RangeError('the protobuf message is cut off');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function decodeMessage(bytes: Uint8Array, message: string, keepRaw: boolean): JsonObject {
  const reader = new Reader(bytes);
  const fields = fieldsOf(message);
  const object: JsonObject = {};
  while (reader.at < bytes.length) {
    const tag = Number(reader.varint());
    const wire = tag & 7;
    const raw =
      wire === 0
        ? reader.varint()
        : wire === 2
          ? reader.chunk(Number(reader.varint()))
          : reader.chunk(wire === 1 ? 8 : 4);
    const field = fields.get(tag >>> 3);
    if (field) put(object, field, raw, keepRaw);
  }
  return object;
}

function put(object: JsonObject, field: Field, raw: bigint | Uint8Array, keepRaw: boolean): void {
  const map = /^map<string,\s*(.+)>$/.exec(field.type);
  if (map) {
    const [key, value] = mapEntry(raw as Uint8Array, map[1] ?? 'string');
    object[field.name] = { ...(object[field.name] as JsonObject | undefined), [key]: value };
    return;
  }
  if (keepRaw && field.type === 'bytes') {
    object[field.name] = raw as unknown as JsonValue;
    return;
  }
  const value = valueOf(field.type, raw);
  if (field.isRepeated)
    object[field.name] = [...((object[field.name] as JsonValue[] | undefined) ?? []), value];
  else if (field.isInline && value !== null && typeof value === 'object' && !Array.isArray(value))
    Object.assign(object, value);
  else object[field.name] = value;
}

function mapEntry(bytes: Uint8Array, type: string): [string, JsonValue] {
  const reader = new Reader(bytes);
  let key = '';
  let value: JsonValue = valueOf(type, new Uint8Array());
  while (reader.at < bytes.length) {
    const tag = Number(reader.varint());
    const raw = (tag & 7) === 0 ? reader.varint() : reader.chunk(Number(reader.varint()));
    if (tag >>> 3 === 1) key = decodeUtf8(raw as Uint8Array);
    else value = valueOf(type, raw);
  }
  return [key, value];
}

function valueOf(type: string, raw: bigint | Uint8Array): JsonValue {
  switch (type) {
    case 'string':
      return decodeUtf8(raw as Uint8Array);
    case 'bool':
      return raw !== 0n && typeof raw === 'bigint';
    case 'int32':
      return Number(BigInt.asIntN(32, typeof raw === 'bigint' ? raw : 0n));
    case 'int64':
    case 'uint32':
    case 'uint64':
      return Number(BigInt.asIntN(64, typeof raw === 'bigint' ? raw : 0n));
    case 'bytes':
      return encodeBase64(raw as Uint8Array);
    case 'double': {
      const bytes = raw as Uint8Array;
      return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
    }
    default:
      return messageValue(type, raw as Uint8Array);
  }
}

const metaV1 = 'k8s.io.apimachinery.pkg.apis.meta.v1';

function messageValue(type: string, bytes: Uint8Array): JsonValue {
  if (
    type === 'k8s.io.apimachinery.pkg.runtime.RawExtension' ||
    type === `${metaV1}.FieldsV1` ||
    type.endsWith('.apiextensions.v1.JSON')
  ) {
    const raw = decodeMessage(bytes, type, true);
    const text = Object.values(raw).find(
      (value) => (value as unknown) instanceof Uint8Array,
    ) as unknown as Uint8Array | undefined;
    return text?.length ? (JSON.parse(decodeUtf8(text)) as JsonValue) : null;
  }
  const object = decodeMessage(bytes, type, false);
  switch (type) {
    case 'k8s.io.apimachinery.pkg.api.resource.Quantity':
      return object['string'] ?? '0';
    case `${metaV1}.Time`:
      return microsOf(object) ? formatTime(microsOf(object)) : null;
    case `${metaV1}.MicroTime`:
      return microsOf(object) ? formatMicroTime(microsOf(object)) : null;
    case `${metaV1}.Duration`:
      return `${Number(object['duration'] ?? 0) / 1e9}s`;
    case 'k8s.io.apimachinery.pkg.util.intstr.IntOrString':
      return object['type'] === 1 ? (object['strVal'] ?? '') : (object['intVal'] ?? 0);
    default:
      return choiceOf(type, object);
  }
}

/** Lists and alternatives that are messages here and stand for themselves in JSON. */
function choiceOf(type: string, object: JsonObject): JsonValue {
  switch (type.split('.').at(-1)) {
    case 'ExtraValue':
    case 'Verbs':
      return object['items'] ?? [];
    case 'JSONSchemaPropsOrArray':
      return object['schema'] ?? object['jSONSchemas'] ?? [];
    case 'JSONSchemaPropsOrBool':
      return object['schema'] ?? object['allows'] ?? false;
    case 'JSONSchemaPropsOrStringArray':
      return object['schema'] ?? object['property'] ?? [];
    default:
      return object;
  }
}

const microsOf = ({ seconds, nanos }: JsonObject): number =>
  Number(seconds ?? 0) * 1_000_000 + Math.floor(Number(nanos ?? 0) / 1000);
