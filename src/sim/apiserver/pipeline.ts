import { assert } from '../../base/assert.ts';
import { changes } from '../../api/diff.ts';
import { invalidObject, FieldPath, goQuote, invalid } from '../../api/field.ts';
import { cloneAsGiven } from '../../api/emptied.ts';
import { clone, groupVersion, type GroupVersionKind, type KubeObject } from '../../api/meta.ts';
import { alreadyExists, conflict, failure, modified, notFound } from '../../api/status.ts';
import type { Shape } from '../../api/schema/shape.ts';
import { safeSuffix } from '../../base/random.ts';
import { formatTime } from '../../base/time.ts';
import type { RequestAttributes } from './attributes.ts';
import { authenticate } from './authn/authenticate.ts';
import { impersonate } from './authn/impersonate.ts';
import { beginAudit } from './audit/audit.ts';
import { authorize, forbiddenRequest, questionOf } from './authz/authorize.ts';
import { checkEscalation } from './authz/escalation.ts';
import type { Exchange } from './exchange.ts';
import { prioritize } from './flowcontrol/classify.ts';
import { trackUpdate } from './managedFields/managedFields.ts';
import {
  dedupOwnerReferences,
  fillSystemFields,
  keepSystemFields,
  matchNamespace,
  sameButTimes,
} from './registry/metadata.ts';
import { rulesOf, type Rules } from './registry/rules.ts';
import { keyText, type ServedResource } from './registry/resources.ts';
import type { StrategyContext } from './registry/strategy.ts';
import type { Stored } from './storage/objectStore.ts';

/*
 * The order of the stages, once:
 *
 *   every request     authentication → audit → impersonation → priorityAndFairness → authorization
 *   what is written   body → decoding (the verb's own: create.ts, update.ts, patch.ts)
 *                     → patch → managedFields → mutatingAdmission → strategy → validation → validatingAdmission → storage
 *   what is deleted   mutatingAdmission → validatingAdmission → storage (delete.ts)
 */

/** The stages that every request goes through before anybody looks at what it asks for. */
export async function enter(exchange: Exchange): Promise<void> {
  await authenticate(exchange);
  await beginAudit(exchange);
  await impersonate(exchange);
  await prioritize(exchange);
  await authorize(exchange);
}

/** What the stages of a write have to know beside the object. */
export interface Write {
  readonly resource: ServedResource;
  readonly subresource: string;
  /** '' for what is in no namespace. */
  readonly namespace: string;
  /** '' for a creation with generateName. */
  readonly name: string;
  readonly dryRun: boolean;
  /** CreateOptions … as sent. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Who owns the fields that are set. */
  readonly manager: string;
  /** The kind of the body where a subresource has another (Scale); the resource's unless given. */
  readonly gvk?: GroupVersionKind;
}

export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
  /** The object is gone: the update took away its last finalizer. */
  readonly deleted?: boolean;
}

/** A creation: from the decoded object to the stored one. */
export async function createObject(
  exchange: Exchange,
  write: Write,
  decoded: KubeObject,
): Promise<KubeObject> {
  const { resource } = write;
  const about = dedupOwnerReferences(decoded.metadata);
  if (about.length) exchange.warn(duplicateOwners(about, false));
  await exchange.stage('managedFields', (note) => {
    note.summary = track(exchange, write, decoded, undefined);
  });
  await exchange.server.admission.admit(
    exchange,
    attributesOf(exchange, write, 'CREATE', decoded),
    decoded,
  );
  const again = dedupOwnerReferences(decoded.metadata);
  if (again.length) exchange.warn(duplicateOwners(again, true));
  const generated = !decoded.metadata.name && decoded.metadata.generateName;
  for (let attempt = 1; ; attempt++) {
    const object = generated ? cloneAsGiven(decoded) : decoded;
    await prepareCreation(exchange, write, object);
    const stored = await storeCreation(exchange, write, object);
    if (stored) return stored;
    if (!generated || attempt === MAX_NAME_ATTEMPTS)
      throw await existsError(exchange, resource, object);
  }
}

const MAX_NAME_ATTEMPTS = 8;

/** System fields, name, strategy, validation, validating admission. Models registry.Store.create up to storage. */
async function prepareCreation(
  exchange: Exchange,
  write: Write,
  object: KubeObject,
): Promise<void> {
  const { resource } = write;
  const { random, clock } = exchange.server;
  const rules = rulesOf(resource);
  const meta = object.metadata;
  fillSystemFields(meta, clock.now(), random);
  if (meta.generateName && !meta.name) meta.name = meta.generateName + safeSuffix(random);
  const attributes = attributesOf(exchange, write, 'CREATE', object);
  await exchange.stage('strategy', async (note) => {
    await checkEscalation(exchange, resource, object, undefined);
    matchNamespace(meta, resource.namespaced ? write.namespace : '');
    const before = clone(object);
    rules.prepareForCreate(object, contextOf(exchange, attributes));
    await rules.allocate?.(exchange, object, undefined);
    noteChanges(note, before, object, 'Nothing to prepare.', 'Prepared for creation.');
  });
  await validateStage(exchange, rules, object, async () => [
    ...((await rules.forbids?.(exchange, object)) ?? []),
    ...rules.validate(object, contextOf(exchange, attributes)),
  ]);
  for (const text of rules.warningsOnCreate(object, contextOf(exchange, attributes)))
    exchange.warn(text);
  rules.canonicalize(object);
  await exchange.server.admission.validate(exchange, { ...attributes, name: meta.name ?? '' });
}

/** The object as it was stored; undefined when there is one of that name. */
function storeCreation(
  exchange: Exchange,
  write: Write,
  object: KubeObject,
): Promise<KubeObject | undefined> {
  const { resource } = write;
  const { store } = exchange.server;
  return exchange.stage('storage', async (note) => {
    await exchange.settle();
    const { name = '', namespace = '' } = object.metadata;
    if (write.dryRun) {
      note.summary = 'Dry run: nothing is written.';
      return (await store.get(resource, namespace, name)) ? undefined : object;
    }
    const { resourceVersion } = object.metadata;
    if (resourceVersion && resourceVersion !== '0')
      throw plainFailure('resourceVersion should not be set on objects to be created');
    const rules = rulesOf(resource);
    const ops = (await rules.sideEffects?.(exchange, object, undefined)) ?? [];
    const outcome = await store.create(resource, object, exchange.event, ops);
    if (!outcome.done) {
      note.verdict = 'rejected';
      note.summary = `There is one of the name ${name} already.`;
      return undefined;
    }
    const { object: stored, kv } = outcome.stored;
    note.summary = `Written at revision ${kv.modRevision}.`;
    note.facts = { revision: String(kv.modRevision), bytes: String(kv.value.length) };
    return stored;
  });
}

async function existsError(
  exchange: Exchange,
  resource: ServedResource,
  object: KubeObject,
): Promise<Error> {
  const { name = '', namespace = '', generateName } = object.metadata;
  const error = alreadyExists(resource, name);
  if (generateName) {
    error.status.message = `${error.message}, the server was not able to generate a unique name for the object`;
    error.status.details = { ...error.status.details, retryAfterSeconds: 1 };
  }
  const there = await exchange.server.store.get(resource, namespace, name);
  if (there?.object.metadata.deletionTimestamp)
    error.status.message = `object is being deleted: ${error.status.message ?? ''}`;
  error.message = error.status.message ?? '';
  return error;
}

/** How an update gets its object: from the body alone (PUT) or from the live one (PATCH, apply, scale). */
export interface UpdatePlan {
  /**
   * The new state, made of a live object that must not be changed; `live` is undefined when there is none. Managed
   * fields are tracked afterwards unless `tracked`.
   */
  produce(
    live: KubeObject | undefined,
  ): Promise<{ readonly object: KubeObject; readonly tracked?: boolean }>;
  /** PATCH tries again when somebody was faster, unless its patch names a resourceVersion. */
  readonly retries: number;
  /** Whether it may create: by apply always, by PUT where the strategy says so. */
  readonly createsMissing: boolean;
  /** A PUT's uid must be the live object's; a patch that changes it is an invalid update. */
  readonly uidIsPrecondition?: boolean;
  /** The object that admission sees, where that is not the stored one (Scale). */
  readonly view?: (stored: KubeObject) => KubeObject;
}

/** An update of any sort: patch → managedFields → mutatingAdmission → … → storage. Models registry.Store.Update. */
export async function updateObject(
  exchange: Exchange,
  write: Write,
  plan: UpdatePlan,
): Promise<Written> {
  const { resource, namespace, name } = write;
  const { store } = exchange.server;
  for (let attempt = 0; ; attempt++) {
    const old = await store.get(resource, namespace, name);
    if (!old) return createMissing(exchange, write, plan);
    const live = old.object;
    const { object, tracked } = await plan.produce(live);
    const outcome = await updateOnce(exchange, write, plan, old, object, tracked === true);
    if (outcome) return outcome;
    if (attempt >= plan.retries) throw modified(resource, name);
  }
}

async function createMissing(exchange: Exchange, write: Write, plan: UpdatePlan): Promise<Written> {
  const { resource, name } = write;
  if (!plan.createsMissing) throw notFound(resource, name);
  const { object, tracked } = await plan.produce(undefined);
  assert(!object.metadata.resourceVersion || !tracked, 'an applied object has no resourceVersion');
  if (object.metadata.uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${object.metadata.uid}, UID in object meta: `,
    );
  if (!tracked)
    await exchange.stage('managedFields', (note) => {
      note.summary = track(exchange, write, object, undefined);
    });
  await exchange.server.admission.admit(
    exchange,
    attributesOf(exchange, write, 'CREATE', object),
    object,
  );
  delete object.metadata.resourceVersion;
  const question = { ...questionOf(exchange, exchange.user), verb: 'create' };
  const answer = await exchange.server.authorizer.authorize(question);
  await prepareCreation(exchange, write, object);
  if (!answer.allowed) throw forbiddenRequest(question, answer.reason);
  const stored = await storeCreation(exchange, write, object);
  if (!stored) throw modified(resource, name);
  return { object: stored, created: true };
}

/** One attempt; undefined when somebody else wrote in between. */
async function updateOnce(
  exchange: Exchange,
  write: Write,
  plan: UpdatePlan,
  old: Stored,
  object: KubeObject,
  tracked: boolean,
): Promise<Written | undefined> {
  const { resource } = write;
  // A Scale is written through the rules of the object itself.
  const subresource = plan.view ? '' : write.subresource;
  const live = old.object;
  const rules = rulesOf(resource);
  if (plan.uidIsPrecondition) checkPreconditions(write, object, live);
  const again = dedupOwnerReferences(object.metadata);
  if (again.length) exchange.warn(duplicateOwners(again, false));
  if (!tracked)
    await exchange.stage('managedFields', (note) => {
      note.summary = track(exchange, write, object, live);
    });
  const view = plan.view ?? ((it: KubeObject): KubeObject => it);
  const seen = view(object);
  const attributes = attributesOf(exchange, write, 'UPDATE', seen, view(live));
  await exchange.server.admission.admit(exchange, attributes, seen);
  checkVersion(rules, write, object, live);
  matchNamespace(object.metadata, resource.namespaced ? write.namespace : '');
  await exchange.stage('strategy', async (note) => {
    await checkEscalation(exchange, resource, object, live);
    const before = clone(object);
    if (live.metadata.generation === undefined) delete object.metadata.generation;
    else object.metadata.generation = live.metadata.generation;
    rules.prepareForUpdate(object, live, subresource, contextOf(exchange, attributes));
    await rules.allocate?.(exchange, object, live);
    keepSystemFields(object.metadata, live.metadata);
    noteChanges(note, before, object, 'Nothing to prepare.', 'Prepared for the update.');
  });
  await validateStage(exchange, rules, object, () =>
    rules.validateUpdate(object, live, subresource, contextOf(exchange, attributes)),
  );
  for (const text of rules.warningsOnUpdate(
    object,
    live,
    subresource,
    contextOf(exchange, attributes),
  ))
    exchange.warn(text);
  rules.canonicalize(object);
  await exchange.server.admission.validate(exchange, { ...attributes, object: view(object) });
  return storeUpdate(exchange, write, old, object);
}

function storeUpdate(
  exchange: Exchange,
  write: Write,
  old: Stored,
  object: KubeObject,
): Promise<Written | undefined> {
  const { resource } = write;
  const { store } = exchange.server;
  return exchange.stage('storage', async (note) => {
    await exchange.settle();
    if (lastFinalizerGone(object, old.object)) {
      if (!write.dryRun && (await store.delete(old, exchange.event)) === undefined)
        return undefined;
      note.summary = 'The last finalizer is gone: the object was deleted.';
      return { object, created: false, deleted: true };
    }
    if (sameButTimes(object, old.object)) {
      note.summary = 'Nothing changed: nothing is written.';
      return { object: old.object, created: false };
    }
    if (exchange.server.explain || exchange.dryRun) note.changes = changes(old.object, object);
    if (write.dryRun) {
      note.summary = 'Dry run: nothing is written.';
      object.metadata.resourceVersion = old.object.metadata.resourceVersion ?? '';
      return { object, created: false };
    }
    const ops = (await rulesOf(resource).sideEffects?.(exchange, object, old.object)) ?? [];
    const outcome = await store.replace(resource, old, object, exchange.event, ops);
    if (!outcome.done) {
      note.verdict = 'rejected';
      note.summary = 'Somebody else wrote it in between.';
      return undefined;
    }
    const { kv, object: stored } = outcome.stored;
    note.summary = `Written at revision ${kv.modRevision}.`;
    note.facts = { revision: String(kv.modRevision), bytes: String(kv.value.length) };
    return { object: stored, created: false };
  });
}

/** Models registry.ShouldDeleteDuringUpdate. */
const lastFinalizerGone = (object: KubeObject, old: KubeObject): boolean =>
  !object.metadata.finalizers?.length &&
  !(object as NamespaceLike).spec?.finalizers?.length &&
  old.metadata.deletionTimestamp !== undefined &&
  !old.metadata.deletionGracePeriodSeconds;

/** How the storage layer words a precondition that fails; a dry run does not know the prefix of its keys. */
function invalidObjectError(
  { resource, namespace, name, dryRun }: Write,
  live: KubeObject,
  uid: string,
): string {
  const key = resource.storage ? keyText(resource.storage, namespace, name) : '';
  return `StorageError: invalid object, Code: 4, Key: ${dryRun ? key.replace(/^\/registry/, '') : key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`;
}

/** A Namespace has finalizers of its own in its spec. */
interface NamespaceLike extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
}

/** A uid in the sent object is a precondition. Models storage.Preconditions.Check. */
function checkPreconditions(write: Write, object: KubeObject, live: KubeObject): void {
  const { resource, name } = write;
  const { uid } = object.metadata;
  if (uid && uid !== live.metadata.uid)
    throw conflict(resource, name, invalidObjectError(write, live, uid));
}

function checkVersion(rules: Rules, write: Write, object: KubeObject, live: KubeObject): void {
  const { resource, name } = write;
  const sent = object.metadata.resourceVersion;
  if (sent && !/^\d+$/.test(sent))
    throw plainFailure(`strconv.ParseUint: parsing ${goQuote(sent)}: invalid syntax`);
  if (!sent || sent === '0') {
    if (rules.allowUnconditionalUpdate) {
      object.metadata.resourceVersion = live.metadata.resourceVersion ?? '';
      return;
    }
    throw invalidObject({ group: resource.group, kind: resource.resource }, name, [
      invalid(FieldPath.of('metadata', 'resourceVersion'), 0, 'must be specified for an update'),
    ]);
  }
  if (sent !== live.metadata.resourceVersion) throw modified(resource, name);
}

/** An error that upstream does not dress up: a 500 without a reason. */
const plainFailure = (message: string): Error => failure(500, '', message);

function validateStage(
  exchange: Exchange,
  rules: Rules,
  object: KubeObject,
  check: () => ReturnType<Rules['validate']> | Promise<ReturnType<Rules['validate']>>,
): Promise<void> {
  return exchange.stage('validation', async (note) => {
    const { allowPrivileged } = exchange.server;
    const errors = (await check()).filter((it) => !it.unlessAllowed || !allowPrivileged);
    if (errors.length) {
      const about = { ...rules.errorKind, kind: object.kind };
      throw invalidObject(about, object.metadata.name ?? '', errors);
    }
    note.summary = `A valid ${rules.gvk.kind}.`;
  });
}

function track(
  exchange: Exchange,
  write: Write,
  object: KubeObject,
  old: KubeObject | undefined,
): string {
  const gvk = write.resource.gvk;
  trackUpdate({
    ...(old && { old }),
    object,
    manager: write.manager,
    apiVersion: groupVersion(gvk),
    subresource: write.subresource,
    time: formatTime(exchange.server.clock.now()),
    gvk,
    ...customTracking(write),
  });
  return `The fields that were set belong to ${write.manager}.`;
}

/** How the fields of custom resources are told apart, and which of them this door resets. */
export function customTracking({ resource, subresource }: Write): {
  shape?: Shape;
  resets?: readonly string[];
} {
  const { custom, subresources } = resource;
  // Models kubernetes/pkg/registry/certificates/certificates GetResetFields.
  if (resource.group === 'certificates.k8s.io' && subresource === '')
    return { resets: ['spec', 'status'] };
  if (!custom) return {};
  if (subresource === 'status') return { shape: custom.shape, resets: custom.besidesStatus };
  const resets = subresource === '' && subresources.has('status') ? ['status'] : [];
  return { shape: custom.shape, resets };
}

export function attributesOf(
  exchange: Exchange,
  write: Write,
  operation: RequestAttributes['operation'],
  object?: KubeObject,
  oldObject?: KubeObject,
): RequestAttributes {
  const { resource } = write;
  const isNamespace = resource.group === '' && resource.resource === 'namespaces';
  const name = write.name || (object?.metadata.name ?? '');
  return {
    operation,
    user: exchange.user,
    group: resource.group,
    version: resource.version,
    resource: resource.resource,
    subresource: write.subresource,
    kind: (write.gvk ?? resource.gvk).kind,
    namespace: isNamespace ? name : write.namespace,
    name,
    dryRun: write.dryRun,
    options: write.options,
    userAgent: exchange.userAgent,
    ...(object && { object }),
    ...(oldObject && { oldObject }),
  };
}

const contextOf = (exchange: Exchange, attributes: RequestAttributes): StrategyContext => ({
  attributes,
  now: exchange.server.clock.now(),
  random: exchange.server.random,
  warn: (text) => {
    exchange.warn(text);
  },
});

function noteChanges(
  note: { verdict: string; summary: string; changes?: readonly unknown[] },
  before: KubeObject,
  after: KubeObject,
  nothing: string,
  something: string,
): void {
  const made = changes(before, after);
  note.summary = made.length ? something : nothing;
  if (made.length) note.verdict = 'mutated';
  note.changes = made;
}

const duplicateOwners = (uids: readonly string[], afterMutation: boolean): string =>
  afterMutation
    ? `.metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids.join(', ')}`
    : `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids.join(', ')}`;
