import { formatTime } from '../../../base/time.ts';
import { changes } from '../../../api/diff.ts';
import { FieldPath, invalid, invalidObject } from '../../../api/field.ts';
import {
  clone,
  groupVersion,
  type GroupVersionKind,
  type JsonObject,
  type KubeObject,
} from '../../../api/meta.ts';
import { selectorOf } from '../../../api/selectors.ts';
import type { LabelSelector } from '../../../api/types/metaV1.ts';
import { badRequest, conflict, internalError, notFound } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import { decodeObject } from '../decode/decode.ts';
import { customScaleOf, setReplicas } from '../customResources/scale.ts';
import type { Exchange } from '../exchange.ts';
import { trackUpdate } from '../managedFields/managedFields.ts';
import { applyPatch } from '../patch/patch.ts';
import { customTracking, updateObject, type UpdatePlan, type Write } from '../pipeline.ts';
import { checkName, matchNamespace } from '../registry/metadata.ts';
import type { ScalePaths } from '../registry/resources.ts';
import { readBody } from './body.ts';
import { decodeInto } from './create.ts';
import { managerOf } from './manager.ts';
import { negotiate } from './negotiate.ts';
import { writeOptions } from './options.ts';
import { ACCEPTED_PATCHES, patchTypeOf, requirePatchType } from './patch.ts';
import { respondObject } from './respond.ts';
import type { RestTarget } from './target.ts';

const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelector | Record<string, string> };
  status?: { replicas?: number };
}
interface Scale extends KubeObject {
  spec?: { replicas?: number };
  status?: { replicas?: number; selector?: string };
}

/** The scale subresource: the object seen as a number of replicas. Models apps/deployment/storage ScaleREST. */
export async function serveScale(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const form = negotiate(exchange);
  const { resource, namespace, name } = target;
  const { scale: custom } = resource.custom ?? {};
  const view = (object: KubeObject): Scale =>
    custom ? customView(custom, object) : scaleOf(object);
  if (exchange.info.verb === 'get') {
    const scale = await exchange.stage('storage', async (note) => {
      await exchange.settle();
      const stored = await exchange.server.store.get(resource, namespace, name);
      if (!stored) throw notFound(resource, name);
      note.summary = 'Read.';
      return custom ? readCustom(custom, stored.object) : scaleOf(stored.object);
    });
    return respondObject(exchange, form, 200, resource, scale);
  }
  const { write, change } = await (exchange.info.verb === 'patch'
    ? patchedScale(exchange, target)
    : sentScale(exchange, target));
  const plan: UpdatePlan = {
    produce: async (live) => {
      if (!live) throw notFound(resource, name);
      const old = view(live);
      const scale = await change(old);
      checkScale(resource, name, scale, live);
      const object = clone(live) as Scalable;
      const replicas = scale.spec?.replicas ?? 0;
      if (custom) setReplicas(object, custom, replicas);
      else object.spec = { ...object.spec, replicas };
      const { resourceVersion } = scale.metadata;
      if (resourceVersion) object.metadata.resourceVersion = resourceVersion;
      else if (!custom) delete object.metadata.resourceVersion;
      await exchange.stage('managedFields', (note) => {
        trackScale(exchange, write, object, live, replicas);
        note.summary = `The number of replicas belongs to ${write.manager}.`;
      });
      return { object, tracked: true };
    },
    retries: exchange.info.verb === 'patch' ? 5 : 100,
    createsMissing: false,
    view,
  };
  const { object } = await updateObject(exchange, write, plan);
  return respondObject(exchange, form, 200, resource, view(object));
}

/** A custom resource as a Scale. */
function customView(paths: ScalePaths, object: KubeObject): Scale {
  const seen = customScaleOf(object, paths);
  if (typeof seen === 'string') throw internalError(seen);
  return seen.scale;
}

/** Read alone, a Scale needs a number. */
function readCustom(paths: ScalePaths, object: KubeObject): Scale {
  const seen = customScaleOf(object, paths);
  if (typeof seen === 'string') throw internalError(seen);
  if (!seen.hasReplicas)
    throw internalError(
      `the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`,
    );
  return seen.scale;
}

/** As any update; but a Scale of 0 has no field for it, so nobody owns the number then. */
function trackScale(
  exchange: Exchange,
  write: Write,
  object: KubeObject,
  old: KubeObject,
  replicas: number,
): void {
  const { gvk } = write.resource;
  trackUpdate({
    old,
    object,
    manager: write.manager,
    apiVersion: groupVersion(gvk),
    subresource: 'scale',
    time: formatTime(exchange.server.clock.now()),
    gvk,
    ...customTracking(write),
  });
  if (replicas === 0)
    object.metadata.managedFields = (object.metadata.managedFields ?? []).filter(
      (entry) => entry.subresource !== 'scale',
    );
}

interface ScaleChange {
  readonly write: Write;
  readonly change: (live: Scale) => Promise<Scale>;
}

async function sentScale(exchange: Exchange, target: RestTarget): Promise<ScaleChange> {
  const { body, contentType } = await readBody(exchange);
  const { scale, options } = await exchange.stage('decoding', (note) => {
    const options = writeOptions(exchange, 'UpdateOptions');
    const scale = decodeInto(exchange, target, body, contentType, options);
    matchNamespace(scale.metadata, target.namespace);
    checkName(scale.metadata, target.name, target.namespace);
    note.summary = `A Scale; unknown fields: ${options.fieldValidation}.`;
    return { scale, options };
  });
  const manager = managerOf(options.fieldManager, exchange.userAgent);
  const write = writeOf(target, options.dryRun, options.sent, manager);
  return { write, change: () => Promise.resolve(clone(scale)) };
}

async function patchedScale(exchange: Exchange, target: RestTarget): Promise<ScaleChange> {
  const contentType = await requirePatchType(exchange);
  const { body } = await readBody(exchange, ACCEPTED_PATCHES);
  const isApply = patchTypeOf(contentType) === 'apply';
  const options = await exchange.stage('decoding', (note) => {
    note.summary = 'A patch of a Scale.';
    return writeOptions(exchange, 'PatchOptions', isApply);
  });
  const manager = managerOf(options.fieldManager, exchange.userAgent);
  const change = (live: Scale): Promise<Scale> =>
    exchange.stage('patch', (note) => {
      const type = patchTypeOf(contentType);
      const patched =
        type === 'apply'
          ? applyPatch('merge', clone(live), body, SCALE)
          : applyPatch(type, clone(live), body, SCALE);
      const { object, warnings } = decodeObject(
        patched as unknown as JsonObject,
        'application/json',
        SCALE,
        options.fieldValidation,
      );
      for (const warning of warnings) exchange.warn(warning);
      note.changes = changes(live, object);
      note.summary = 'Applied to the Scale of the live object.';
      return object;
    });
  return { write: writeOf(target, options.dryRun, options.sent, manager), change };
}

const writeOf = (
  target: RestTarget,
  dryRun: boolean,
  options: JsonObject,
  manager: string,
): Write => ({
  resource: target.resource,
  subresource: 'scale',
  namespace: target.namespace,
  name: target.name,
  dryRun,
  options,
  manager,
  gvk: SCALE,
});

function checkScale(
  resource: RestTarget['resource'],
  name: string,
  scale: Scale,
  live: KubeObject,
): void {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas < 0 && !resource.custom)
    throw invalidObject(SCALE, name, [
      invalid(FieldPath.of('spec', 'replicas'), replicas, 'must be greater than or equal to 0'),
    ]);
  const { uid } = scale.metadata;
  if (uid && uid !== live.metadata.uid)
    throw conflict(
      { group: resource.group, resource: `${resource.resource}/scale` },
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`,
    );
}

export function scaleOf(object: KubeObject): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { spec, status } = object as Scalable;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name && { name }),
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
    },
    spec: spec?.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status?.replicas ?? 0, ...selectorText(spec?.selector) },
  };
}

function selectorText(selector: LabelSelector | Record<string, string> | undefined): {
  selector?: string;
} {
  if (!selector) return {};
  // A ReplicationController has plain labels, the others a LabelSelector.
  const isPlain = !('matchLabels' in selector || 'matchExpressions' in selector);
  try {
    const text = selectorOf(
      isPlain ? { matchLabels: selector as Record<string, string> } : selector,
    ).toString();
    return text ? { selector: text } : {};
  } catch {
    throw badRequest('the selector of the object cannot be read');
  }
}
