import { formatTime, parseTime, second } from '../../../base/time.ts';
import { clone, equal, type KubeObject } from '../../../api/meta.ts';
import type { Namespace } from '../../../api/types/coreV1.ts';
import type { CustomResourceDefinition } from '../../../api/types/apiextensionsV1.ts';
import { conflict, modified, notFound } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import { markForDeletion } from '../customResources/controller.ts';
import type { Exchange } from '../exchange.ts';
import { attributesOf, type Write } from '../pipeline.ts';
import { rulesOf, type Rules } from '../registry/rules.ts';
import type { ServedResource } from '../registry/resources.ts';
import type { Stored } from '../storage/objectStore.ts';
import { deleteOptions, type DeleteOptions } from './deleteOptions.ts';
import { negotiate } from './negotiate.ts';
import { respondObject, success } from './respond.ts';
import type { RestTarget } from './target.ts';

/** DELETE of one object. Models handlers/delete.go and registry.Store.Delete. */
export async function deleteObject(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const form = negotiate(exchange);
  const options = await deleteOptions(exchange);
  const { resource, name } = target;
  const { object, gone } = await deleteOne(exchange, target, options);
  const { uid } = object.metadata;
  const code = !gone && options.orphanDependents === false ? 202 : 200;
  const showsObject =
    rulesOf(resource).traits.returnsDeleted || !gone || object.metadata.finalizers?.length;
  const answer = showsObject
    ? object
    : success({ name, group: resource.group, kind: resource.resource, ...(uid && { uid }) });
  return respondObject(exchange, form, code, resource, stripped(answer));
}

/** An empty group is not shown. */
function stripped(answer: KubeObject): KubeObject {
  const { details } = answer as unknown as { details?: Record<string, unknown> };
  if (details && details['group'] === '') delete details['group'];
  return answer;
}

export interface Deleted {
  readonly object: KubeObject;
  /** Whether the key is gone, rather than marked. */
  readonly gone: boolean;
}

const MAX_RETRIES = 100;

export async function deleteOne(
  exchange: Exchange,
  target: RestTarget,
  options: DeleteOptions,
): Promise<Deleted> {
  const { resource, namespace, name } = target;
  const write: Write = {
    resource,
    subresource: '',
    namespace,
    name,
    dryRun: options.dryRun,
    options: options.sent,
    manager: '',
  };
  for (let attempt = 0; ; attempt++) {
    const old = await exchange.server.store.get(resource, namespace, name);
    if (!old) throw notFound(resource, name);
    checkPreconditions(resource, old.object, options);
    const attributes = attributesOf(exchange, write, 'DELETE', undefined, old.object);
    const intent = intentOf(exchange, rulesOf(resource), old.object, options);
    if (intent.kind === 'pending') return { object: old.object, gone: false };
    await exchange.server.admission.admit(exchange, attributes, undefined);
    await exchange.server.admission.validate(exchange, attributes);
    const deleted = await storeDeletion(exchange, write, old, intent);
    if (deleted) return deleted;
    if (attempt >= MAX_RETRIES) throw modified(resource, name);
  }
}

/** What a deletion comes to: remove the key, mark the object, or nothing because it is being deleted already. */
type Intent =
  /** With `marked`, the object is marked first, as it was deleted gracefully with no grace at all. */
  | { readonly kind: 'remove'; readonly marked?: KubeObject }
  | { readonly kind: 'mark'; readonly object: KubeObject }
  | { readonly kind: 'pending' };

function intentOf(
  exchange: Exchange,
  rules: Rules,
  live: KubeObject,
  options: DeleteOptions,
): Intent {
  const now = exchange.server.clock.now();
  const object = clone(live);
  const meta = object.metadata;
  const requested =
    options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0
      ? 1
      : options.gracePeriodSeconds;
  if (rules.gvk.group === '' && rules.gvk.kind === 'Namespace')
    return namespaceIntent(object, options, now);
  if (rules.gvk.kind === 'CustomResourceDefinition' && !meta.deletionTimestamp) {
    markForDeletion(object as CustomResourceDefinition, formatTime(now));
    return { kind: 'mark', object };
  }
  const graceful = gracefully(rules, object, live, requested, now);
  if (graceful === 'pending') return { kind: 'pending' };
  const finalizers = finalizersFor(rules, meta.finalizers ?? [], options);
  if (finalizers.length) meta.finalizers = finalizers;
  else delete meta.finalizers;
  if (graceful) {
    const { deletionGracePeriodSeconds } = meta;
    return finalizers.length || (deletionGracePeriodSeconds ?? 0) > 0
      ? { kind: 'mark', object }
      : { kind: 'remove', marked: object };
  }
  if (!finalizers.length) return { kind: 'remove' };
  if (!meta.deletionTimestamp && meta.generation) meta.generation++;
  const due = meta.deletionTimestamp === undefined ? undefined : parseTime(meta.deletionTimestamp);
  if (due === undefined || due > now) meta.deletionTimestamp = formatTime(now);
  meta.deletionGracePeriodSeconds = 0;
  return { kind: 'mark', object };
}

/** A Namespace is emptied first: the namespace controller takes away spec.finalizers. Models core/namespace/storage REST.Delete. */
function namespaceIntent(object: KubeObject, options: DeleteOptions, now: number): Intent {
  const namespace = object as Namespace;
  const { metadata } = namespace;
  if (metadata.deletionTimestamp)
    return namespace.spec?.finalizers?.length || metadata.finalizers?.length
      ? { kind: 'pending' }
      : { kind: 'remove' };
  metadata.deletionTimestamp = formatTime(now);
  namespace.status = { ...namespace.status, phase: 'Terminating' };
  const has = new Set(metadata.finalizers ?? []);
  const { orphanDependents: orphans, propagationPolicy: policy } = options;
  const wants = (finalizer: string, byFlag: boolean, name: string): boolean =>
    orphans !== undefined ? byFlag : policy !== undefined ? policy === name : has.has(finalizer);
  for (const [finalizer, wanted] of [
    [ORPHAN, wants(ORPHAN, orphans === true, 'Orphan')],
    [FOREGROUND, wants(FOREGROUND, orphans === false, 'Foreground')],
  ] as const)
    if (wanted) has.add(finalizer);
    else has.delete(finalizer);
  if (has.size) metadata.finalizers = [...has];
  else delete metadata.finalizers;
  return { kind: 'mark', object };
}

/** Models rest.BeforeDelete for kinds that are deleted gracefully (Pods): whether the object was marked with a later time. */
function gracefully(
  rules: Rules,
  object: KubeObject,
  live: KubeObject,
  requested: number | undefined,
  now: number,
): boolean | 'pending' {
  const { strategy } = rules;
  if (!strategy.gracePeriodSeconds) return false;
  const meta = object.metadata;
  const old = live.metadata;
  if (old.deletionTimestamp !== undefined) {
    const running = old.deletionGracePeriodSeconds ?? 0;
    if (running === 0) return false;
    if (requested === undefined || requested >= running) return 'pending';
    const begun = (parseTime(old.deletionTimestamp) ?? now) - running * second;
    const due = begun + requested * second;
    meta.deletionTimestamp = formatTime(Math.max(due, now));
    meta.deletionGracePeriodSeconds = due < now && requested !== 0 ? 1 : requested;
    return true;
  }
  const grace = strategy.gracePeriodSeconds(object, requested);
  meta.deletionTimestamp = formatTime(now + grace * second);
  meta.deletionGracePeriodSeconds = grace;
  if (meta.generation) meta.generation++;
  return true;
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** Models registry deletionFinalizersForGarbageCollection. */
function finalizersFor(
  rules: Rules,
  finalizers: readonly string[],
  options: DeleteOptions,
): string[] {
  const { collection } = rules.traits;
  const { orphanDependents, propagationPolicy } = options;
  let orphan: boolean;
  let foreground: boolean;
  if (collection === 'unsupported') orphan = foreground = false;
  else if (orphanDependents !== undefined) {
    orphan = orphanDependents;
    foreground = false;
  } else if (propagationPolicy !== undefined) {
    orphan = propagationPolicy === 'Orphan';
    foreground = propagationPolicy === 'Foreground';
  } else {
    const named = finalizers.find((name) => name === ORPHAN || name === FOREGROUND);
    orphan = named === ORPHAN || (named === undefined && collection === 'orphan');
    foreground = named === FOREGROUND;
  }
  return [
    ...finalizers.filter((name) => name !== ORPHAN && name !== FOREGROUND),
    ...(orphan ? [ORPHAN] : []),
    ...(foreground ? [FOREGROUND] : []),
  ];
}

function checkPreconditions(
  resource: ServedResource,
  live: KubeObject,
  { preconditions }: DeleteOptions,
): void {
  const { uid = '', resourceVersion = '', name = '' } = live.metadata;
  const about = { group: resource.group, resource: resource.gvk.kind };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid)
    throw conflict(
      about,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  const wanted = preconditions?.resourceVersion;
  if (wanted !== undefined && wanted !== resourceVersion)
    throw conflict(
      about,
      name,
      `the ResourceVersion in the precondition (${wanted}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
}

function storeDeletion(
  exchange: Exchange,
  write: Write,
  old: Stored,
  intent: Exclude<Intent, { kind: 'pending' }>,
): Promise<Deleted | undefined> {
  const { store } = exchange.server;
  return exchange.stage('storage', async (note) => {
    await exchange.settle();
    if (write.dryRun) {
      note.summary = 'Dry run: nothing is deleted.';
      return intent.kind === 'mark'
        ? { object: withVersion(intent.object, old), gone: false }
        : { object: intent.marked ? withVersion(intent.marked, old) : old.object, gone: true };
    }
    if (intent.kind === 'mark') {
      if (equal(intent.object, old.object)) {
        note.summary = 'It is being deleted already.';
        return { object: old.object, gone: false };
      }
      const outcome = await store.replace(write.resource, old, intent.object, exchange.event);
      if (!outcome.done) return undefined;
      const { object, kv } = outcome.stored;
      note.summary = `Marked for deletion at revision ${kv.modRevision}.`;
      note.facts = { revision: String(kv.modRevision) };
      return { object, gone: false };
    }
    let last = old;
    if (intent.marked) {
      const outcome = await store.replace(write.resource, old, intent.marked, exchange.event);
      if (!outcome.done) return undefined;
      last = outcome.stored;
    }
    const ops = (await rulesOf(write.resource).releases?.(exchange, last.object)) ?? [];
    const revision = await store.delete(last, exchange.event, ops);
    if (revision === undefined) return undefined;
    note.summary = `Deleted at revision ${revision}.`;
    note.facts = { revision: String(revision) };
    const metadata = { ...last.object.metadata, resourceVersion: String(revision) };
    return { object: { ...last.object, metadata }, gone: true };
  });
}

function withVersion(object: KubeObject, old: Stored): KubeObject {
  object.metadata.resourceVersion = old.object.metadata.resourceVersion ?? '';
  return object;
}
