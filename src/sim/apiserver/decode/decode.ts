import { goTypeOfKind, type GoType } from '../../../api/schema/goTypes.ts';
import {
  parseGroupVersion,
  groupVersion,
  type GroupVersionKind,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../../../api/meta.ts';
import { badRequest, type StatusError } from '../../../api/status.ts';
import { decodeUtf8 } from '../../../base/bytes.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';
import { JsonSyntaxError, parseJson } from './json.ts';
import { decodeTyped, type Decoded } from './typed.ts';
import { parseYaml, YamlError } from './yaml.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface DecodedObject {
  readonly object: KubeObject;
  readonly warnings: string[];
}

const scheme = 'no kind "%k" is registered for version "%v" in scheme "pkg/runtime/scheme.go:111"';

/**
 * Decodes a body into a kind as the API server does: typed, with Go's zero values, and strict about unknown and double
 * fields if told so. Throws 400 in the server's words. Models apiserver handlers/create.go and transformDecodeError.
 */
export function decodeObject(
  body: Uint8Array | JsonObject,
  contentType: string,
  expected: GroupVersionKind,
  validation: FieldValidation,
): DecodedObject {
  const parsed = parseBody(body, contentType, expected);
  const gvk = kindOf(parsed.value, expected, parsed.source);
  const type = typeFor(gvk, expected, parsed.value);
  if (!type) return untyped(parsed.value, gvk);
  const decoded = decodeTyped(parsed.value, type);
  if (decoded.error !== undefined) throw cannotHandle(gvk, expected, decoded.error);
  return {
    object: finish(decoded.value as JsonObject, gvk),
    warnings: strictness(decoded, parsed.strict, validation, gvk, expected),
  };
}

/** Unknown and double fields: a refusal, warnings, or nothing. */
function strictness(
  decoded: Decoded,
  parsed: readonly string[],
  validation: FieldValidation,
  gvk: GroupVersionKind,
  expected: GroupVersionKind,
): string[] {
  const strict = [...parsed, ...decoded.strict];
  if (!strict.length || validation === 'Ignore') return [];
  if (validation === 'Warn') return strict;
  throw cannotHandle(gvk, expected, `strict decoding error: ${strict.join(', ')}`);
}

const finish = (object: JsonObject, gvk: GroupVersionKind): KubeObject =>
  Object.assign(object, { kind: gvk.kind, apiVersion: groupVersion(gvk) }) as unknown as KubeObject;

export interface ParsedBody {
  readonly value: JsonValue;
  readonly source: string;
  readonly strict: readonly string[];
}

/** The JSON of a body, whatever it is written in. */
export function parseBody(
  body: Uint8Array | JsonObject,
  contentType: string,
  expected: GroupVersionKind,
): ParsedBody {
  if (!(body instanceof Uint8Array)) return { value: body, source: '', strict: [] };
  if (contentType === 'application/vnd.kubernetes.protobuf') return parseProtobuf(body, expected);
  const source = decodeUtf8(body);
  const isYaml =
    contentType === 'application/yaml' || contentType === 'application/apply-patch+yaml';
  try {
    if (isYaml && !/^\s*\{/.test(source)) return { ...parseYaml(source), source };
    return { value: parseJson(source), source, strict: [] };
  } catch (error) {
    if (error instanceof YamlError) throw unrecognized(expected, error.message, source);
    if (error instanceof JsonSyntaxError)
      throw unrecognized(
        expected,
        `couldn't get version/kind; json parse error: ${error.message}`,
        source,
      );
    throw error;
  }
}

function parseProtobuf(body: Uint8Array, expected: GroupVersionKind): ParsedBody {
  if (body[0] !== 0x6b || body[1] !== 0x38 || body[2] !== 0x73 || body[3] !== 0) {
    throw unrecognized(
      expected,
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
      decodeUtf8(body),
    );
  }
  const { apiVersion, kind, object } = decodeProtobuf(body);
  return { value: { apiVersion, kind, ...object }, source: '', strict: [] };
}

/** What Go says of a body whose kind cannot be read. */
export class KindError extends Error {}

/** What a body says it is; what it leaves out is ''. Throws KindError. */
export function statedKind(value: JsonValue): {
  readonly apiVersion: string;
  readonly kind: string;
} {
  const goStruct =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  const problem = (what: string) =>
    new KindError(`couldn't get version/kind; json parse error: json: cannot unmarshal ${what}`);
  if (value === null) return { apiVersion: '', kind: '' };
  if (Array.isArray(value)) throw problem(`array into Go value of type ${goStruct}`);
  if (typeof value !== 'object')
    throw problem(
      `${typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type ${goStruct}`,
    );
  const { apiVersion = '', kind = '' } = value;
  for (const [name, given] of [
    ['apiVersion', apiVersion],
    ['kind', kind],
  ] as const) {
    if (typeof given === 'string' || given === null) continue;
    const what = Array.isArray(given)
      ? 'array'
      : typeof given === 'boolean'
        ? 'bool'
        : typeof given;
    throw problem(`${what} into Go struct field .${name} of type string`);
  }
  return {
    apiVersion: (apiVersion as string | null) ?? '',
    kind: (kind as string | null) ?? '',
  };
}

/** The kind that the body says it is; what it leaves out is the expected one's. */
export function kindOf(
  value: JsonValue,
  expected: GroupVersionKind,
  source: string,
): GroupVersionKind {
  let stated;
  try {
    stated = statedKind(value);
  } catch (error) {
    if (error instanceof KindError) throw unrecognized(expected, error.message, source);
    throw error;
  }
  const { apiVersion: version, kind } = stated;
  if (version.split('/').length > 2)
    throw unrecognized(expected, `unexpected GroupVersion string: ${version}`, source);
  const given = version
    ? parseGroupVersion(version)
    : { group: expected.group, version: expected.version };
  return { ...given, kind: kind || expected.kind };
}

function typeFor(
  gvk: GroupVersionKind,
  expected: GroupVersionKind,
  value: JsonValue,
): GoType | undefined {
  if (
    gvk.group === expected.group &&
    gvk.version === expected.version &&
    gvk.kind === expected.kind
  )
    return goTypeOfKind(expected);
  const type =
    goTypeOfKind(gvk) ??
    (gvk.kind.endsWith('List') ? goTypeOfKind({ ...gvk, kind: gvk.kind.slice(0, -4) }) : undefined);
  if (!type) {
    throw cannotHandle(
      gvk,
      expected,
      scheme.replace('%k', gvk.kind).replace('%v', groupVersion(gvk)),
    );
  }
  if (gvk.group !== expected.group || gvk.kind !== expected.kind) {
    // It is read as what it says it is before it turns out to be something else.
    const { error } = decodeTyped(value, type);
    if (error !== undefined) throw cannotHandle(gvk, expected, error);
    const internal = expected.group ? (expected.group.split('.')[0] ?? '') : 'core';
    throw cannotHandle(
      gvk,
      expected,
      `converting (${gvk.version}.${gvk.kind}) to (${internal}.${expected.kind}): unknown conversion`,
    );
  }
  throw badRequest(
    `the API version in the data (${groupVersion(gvk)}) does not match the expected API version (${groupVersion(expected)})`,
  );
}

/** A kind that is not built in: a custom resource, whose schema is applied elsewhere. */
function untyped(value: JsonValue, gvk: GroupVersionKind): DecodedObject {
  const object = (value ?? {}) as JsonObject;
  return {
    object: {
      ...object,
      metadata: object['metadata'] ?? {},
      kind: gvk.kind,
      apiVersion: groupVersion(gvk),
    } as unknown as KubeObject,
    warnings: [],
  };
}

export const cannotHandle = (
  gvk: GroupVersionKind,
  expected: GroupVersionKind,
  why: string,
): StatusError =>
  badRequest(
    `${gvk.kind} in version "${gvk.version}" cannot be handled as a ${expected.kind}: ${why}`,
  );

const unrecognized = (expected: GroupVersionKind, why: string, source: string): StatusError =>
  badRequest(
    `the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summary(source)})`,
  );

/** Models apiserver handlers summarizeData: the first 30 bytes, as text for an object and in hexadecimal otherwise. */
function summary(source: string): string {
  if (source === '') return '<empty>';
  const cut = source.length > 30;
  const head = source.slice(0, 30);
  const shown = source.startsWith('{')
    ? head
    : Array.from(head, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return cut ? `${shown} ...` : shown;
}

/** The options of a deletion in its body, which need no kind. */
export function decodeOptions(body: Uint8Array | JsonObject, contentType: string): JsonObject {
  const expected = { group: '', version: 'v1', kind: 'DeleteOptions' };
  const { value } = parseBody(body, contentType, expected);
  const type = goTypeOfKind(expected);
  if (!type || value === null) return {};
  const decoded = decodeTyped(value, type);
  if (decoded.error !== undefined)
    throw badRequest(
      `DeleteOptions in version "v1" cannot be handled as a DeleteOptions: ${decoded.error}`,
    );
  return decoded.value as JsonObject;
}
