import { decodeUtf8 } from '../../../base/bytes.ts';
import { formatTime } from '../../../base/time.ts';
import { clone, groupVersion, type JsonObject, type KubeObject } from '../../../api/meta.ts';
import { badRequest, failure, isStatus } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import { changes } from '../../../api/diff.ts';
import { decodeObject } from '../decode/decode.ts';
import { decodeCustom } from '../customResources/decoding.ts';
import type { Exchange } from '../exchange.ts';
import { applyConfiguration } from '../managedFields/managedFields.ts';
import { applyPatch } from '../patch/patch.ts';
import { customTracking, updateObject, type UpdatePlan, type Write } from '../pipeline.ts';
import { checkName, matchNamespace } from '../registry/metadata.ts';
import type { ServedResource } from '../registry/resources.ts';
import { rulesOf } from '../registry/rules.ts';
import { bytesOf, mediaType, readBody } from './body.ts';
import { readConfiguration } from './applyConfiguration.ts';
import { managerOf } from './manager.ts';
import { negotiate } from './negotiate.ts';
import { writeOptions, type WriteOptions } from './options.ts';
import { patchRefusal, type PatchMade } from './patchRefusal.ts';
import { respondObject } from './respond.ts';
import type { RestTarget } from './target.ts';

const APPLY = 'application/apply-patch+yaml';

const PATCH_TYPES: Readonly<Record<string, 'json' | 'merge' | 'strategic'>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** As a real server lists them in a refusal. */
export const ACCEPTED_PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  APPLY,
];

/** Models handlers/patch.go MaxRetryWhenPatchConflicts. */
const MAX_RETRIES = 5;

export async function patchObject(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const { resource, subresource, namespace, name } = target;
  const contentType = await requirePatchType(exchange);
  const form = negotiate(exchange);
  const isApply = contentType === APPLY;
  const { body } = await readBody(exchange, ACCEPTED_PATCHES);
  const options = await exchange.stage('decoding', (note) => {
    note.summary = isApply
      ? 'An apply configuration.'
      : `A ${PATCH_TYPES[contentType] ?? ''} patch.`;
    return writeOptions(exchange, 'PatchOptions', isApply);
  });
  const write: Write = {
    resource,
    subresource: subresource?.name ?? '',
    namespace,
    name,
    dryRun: options.dryRun,
    options: options.sent,
    manager: managerOf(options.fieldManager, exchange.userAgent),
  };
  const plan = isApply
    ? applyPlan(exchange, target, write, body, options)
    : patchPlan(exchange, target, contentType, body, options);
  const { object, created } = await updateObject(exchange, write, plan);
  return respondObject(exchange, form, created ? 201 : 200, resource, object);
}

/** The media type of a patch, which comes before anything else about it. */
export async function requirePatchType(exchange: Exchange): Promise<string> {
  const contentType = mediaType(exchange.header('content-type'));
  if (!ACCEPTED_PATCHES.includes(contentType))
    await exchange.stage('body', () => {
      // The multiplexer has no route for it: its own words.
      throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
    });
  return contentType;
}

export const patchTypeOf = (contentType: string): 'json' | 'merge' | 'strategic' | 'apply' =>
  contentType === APPLY ? 'apply' : (PATCH_TYPES[contentType] ?? 'merge');

function patchPlan(
  exchange: Exchange,
  target: RestTarget,
  contentType: string,
  body: Uint8Array | JsonObject,
  options: WriteOptions,
): UpdatePlan {
  const { resource, namespace, name } = target;
  const type = PATCH_TYPES[contentType] ?? 'merge';
  if (exchange.server.audit.isOn) exchange.requestObject = parsed(body);
  return {
    retries: MAX_RETRIES,
    createsMissing: false,
    produce: (live) =>
      exchange.stage('patch', (note) => {
        if (!live) throw badRequest('a patch needs an object');
        const patched = applyPatch(type, clone(live), body, resource.gvk);
        const made: PatchMade = {
          type,
          patch: parsed(body) ?? null,
          patched,
          gvk: resource.gvk,
        };
        const object = revalidated(exchange, resource, made, options);
        matchNamespace(object.metadata, namespace);
        checkName(object.metadata, name, namespace);
        rulesOf(resource).default_(object);
        note.changes = changes(live, object);
        note.summary = note.changes.length
          ? `Changes ${note.changes.length} ${note.changes.length === 1 ? 'field' : 'fields'}.`
          : 'Changes nothing.';
        return { object };
      }),
  };
}

/** What a patch makes must decode as strictly as a body. */
function revalidated(
  exchange: Exchange,
  resource: ServedResource,
  made: PatchMade,
  options: WriteOptions,
): KubeObject {
  const { patched, gvk } = made;
  try {
    const { fieldValidation } = options;
    const body = patched as unknown as JsonObject;
    const { object, warnings } = resource.custom
      ? decodeCustom(body, 'application/json', gvk, resource.custom, fieldValidation)
      : decodeObject(body, 'application/json', gvk, fieldValidation);
    for (const warning of warnings) exchange.warn(warning);
    return object;
  } catch (error) {
    throw isStatus(error, 'BadRequest') ? patchRefusal(made, error) : error;
  }
}

function applyPlan(
  exchange: Exchange,
  target: RestTarget,
  write: Write,
  body: Uint8Array | JsonObject,
  options: WriteOptions,
): UpdatePlan {
  const { resource, namespace, name } = target;
  const parsedConfig = readConfiguration(exchange, target, body, options);
  return {
    retries: MAX_RETRIES,
    createsMissing: !target.subresource,
    produce: (live) =>
      exchange.stage('patch', (note) => {
        const config = clone(parsedConfig);
        if (config.metadata.managedFields?.length)
          throw badRequest('metadata.managedFields must be nil');
        matchNamespace(config.metadata, namespace);
        checkName(config.metadata, name, namespace);
        const object = applyConfiguration({
          ...(live && { live }),
          config,
          manager: write.manager,
          force: options.force === true,
          subresource: write.subresource,
          time: formatTime(exchange.server.clock.now()),
          gvk: resource.gvk,
          ...customTracking(write),
        });
        rulesOf(resource).default_(object);
        note.changes = changes(live, object);
        note.summary = live
          ? `Merged into the live object; its fields belong to ${write.manager} now.`
          : `There is none yet: the configuration creates it for ${write.manager}.`;
        note.facts = { manager: write.manager, apiVersion: groupVersion(resource) };
        return { object, tracked: true };
      }),
  };
}

function parsed(body: Uint8Array | JsonObject): JsonObject | undefined {
  try {
    return JSON.parse(decodeUtf8(bytesOf(body))) as JsonObject;
  } catch {
    return undefined;
  }
}
