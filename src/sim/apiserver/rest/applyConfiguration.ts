import { decodeUtf8 } from '../../../base/bytes.ts';
import {
  clone,
  groupVersion,
  parseGroupVersion,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../../../api/meta.ts';
import { shapeOfKind } from '../../../api/schema/shape.ts';
import { badRequest, failure, type StatusError } from '../../../api/status.ts';
import { decodeObject } from '../decode/decode.ts';
import { JsonSyntaxError, parseJson } from '../decode/json.ts';
import { parseYaml, YamlError } from '../decode/yaml.ts';
import type { Exchange } from '../exchange.ts';
import type { ServedResource } from '../registry/resources.ts';
import { typedErrors, validationText } from '../managedFields/typedErrors.ts';
import type { WriteOptions } from './options.ts';
import type { RestTarget } from './target.ts';

/**
 * The body of an apply patch, as it was written: fields that are not there are not applied, so no zero value may join.
 * Models handlers/patch.go applyPatcher and managedfields/internal/structuredmerge.go.
 */
export function readConfiguration(
  exchange: Exchange,
  target: RestTarget,
  body: Uint8Array | JsonObject,
  options: WriteOptions,
): KubeObject {
  const { value, strict } = parse(body);
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw badRequest(
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal the document into Go value of type map[string]interface {}',
    );
  if (exchange.server.audit.isOn) exchange.requestObject = clone(value);
  const config = { ...value } as unknown as Partial<KubeObject>;
  checkType(target, config);
  const metadata = config.metadata;
  config.metadata = { ...metadata };
  checkFields(target, config as KubeObject);
  if (strict.length && options.fieldValidation === 'Strict')
    throw badRequest(`error strict decoding YAML: ${strict.join(', ')}`);
  if (options.fieldValidation === 'Warn') for (const warning of strict) exchange.warn(warning);
  return config as KubeObject;
}

function parse(body: Uint8Array | JsonObject): {
  readonly value: JsonValue;
  readonly strict: readonly string[];
} {
  if (!(body instanceof Uint8Array)) return { value: body, strict: [] };
  const source = decodeUtf8(body);
  try {
    return /^\s*\{/.test(source) ? { value: parseJson(source), strict: [] } : parseYaml(source);
  } catch (error) {
    if (error instanceof YamlError || error instanceof JsonSyntaxError)
      throw badRequest(`error decoding YAML: ${error.message}`);
    throw error;
  }
}

function checkType({ resource }: RestTarget, config: Partial<KubeObject>): void {
  const { apiVersion = '', kind = '' } = config;
  const { group, version } = parseGroupVersion(apiVersion);
  const wanted = groupVersion(resource.gvk);
  if (!apiVersion || !kind || (apiVersion === wanted && kind !== resource.gvk.kind))
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`);
  if (apiVersion !== wanted)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: ${wanted}`,
    );
}

/** What does not fit the schema is refused by it, whatever fieldValidation says. */
function checkFields({ resource }: RestTarget, config: KubeObject): void {
  const shape = resource.custom?.shape ?? shapeOfKind(resource.gvk);
  const errors = shape ? typedErrors(config as unknown as JsonObject, shape) : [];
  if (errors.length) throw notTyped(resource, config, errors);
  if (resource.custom) return;
  const { warnings } = decodeObject(
    clone(config) as unknown as JsonObject,
    'application/json',
    resource.gvk,
    'Warn',
  );
  const unknown = warnings.flatMap((warning) => /^unknown field "(.*)"$/.exec(warning)?.[1] ?? []);
  const lines = unknown.map((field) => `.${field}: field not declared in schema`);
  if (lines.length) throw notTyped(resource, config, lines);
}

function notTyped(
  { gvk: { group, version, kind } }: ServedResource,
  { metadata }: KubeObject,
  lines: readonly string[],
): StatusError {
  const what = group ? `${group}/${version}` : `/${version}`;
  return failure(
    500,
    '',
    `failed to create typed patch object (${metadata.namespace ?? ''}/${metadata.name ?? ''}; ${what}, Kind=${kind}): ${validationText(lines)}`,
  );
}
