import {
  clone,
  equal,
  type GroupVersionKind,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
} from '../../../api/meta.ts';
import { goTypeOfKind } from '../../../api/schema/goTypes.ts';
import { shapeOfKind, type Shape } from '../../../api/schema/shape.ts';
import { badRequest, failure } from '../../../api/status.ts';
import { decodeTyped } from '../decode/typed.ts';
import { applyConflict } from './conflict.ts';
import { capUpdaters, decodeManagers, encodeManagers, type Managers } from './managers.ts';
import { FieldSet } from './fieldSet.ts';
import {
  compareTyped,
  DuplicateEntry,
  fieldSetOf,
  mergeTyped,
  NoKeys,
  removeFields,
  withNamedFields,
  type Comparison,
} from './typedValue.ts';

// Who set which field. Models k8s.io/apimachinery/pkg/util/managedfields and structured-merge-diff's merge package.

export interface Write {
  /** The object to be stored; its metadata.managedFields is set in place. */
  readonly object: KubeObject;
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339. */
  readonly time: string;
  readonly gvk: GroupVersionKind;
  /** How the values of the kind merge, where it is not built in; what this write does not set is left out then. */
  readonly shape?: Shape;
  readonly resets?: readonly string[];
}

/** A create or an update: what it changed belongs to the manager now, and to nobody else. */
export function trackUpdate(write: Write & { readonly old?: KubeObject }): void {
  const { object, old, gvk } = write;
  const shape = write.shape ?? shapeOfKind(gvk) ?? anything;
  const managers = managersBefore(object, old, write.subresource !== '');
  delete object.metadata.managedFields;
  // What nobody owned before is not tracked. Models skipNonAppliedManager.
  if (old && !managers.size) return;
  try {
    const entries = encodeManagers(update(write, old ? plain(old) : emptyOf(gvk), shape, managers));
    if (entries.length) object.metadata.managedFields = entries;
  } catch (error) {
    // Of what cannot be told apart nobody is the manager.
    if (!(error instanceof NoKeys)) throw error;
  }
}

/** What the request says of managers counts, except for subresources; a list with one empty entry resets them. */
function managersBefore(
  object: KubeObject,
  old: KubeObject | undefined,
  isSubresource: boolean,
): Managers {
  const stored = () => decodeManagers(old?.metadata.managedFields ?? []) ?? noManagers();
  if (isSubresource) return stored();
  const sent = object.metadata.managedFields ?? [];
  if (sent.length === 1 && Object.keys(sent[0] ?? {}).length === 0) return new Map();
  const managers = decodeManagers(sent);
  return managers?.size ? managers : stored();
}

function update(write: Write, old: JsonObject, shape: Shape, managers: Managers): Managers {
  const ignored = write.resets ? topLevel(write.resets) : ignoredFields(write.subresource, shape);
  const comparison = without(compareTyped(old, plain(write.object), shape), ignored);
  const changed = comparison.modified.union(comparison.added);
  for (const [id, manager] of managers) {
    const set = manager.set.difference(changed).difference(comparison.removed);
    if (set.isEmpty) managers.delete(id);
    else managers.set(id, { ...manager, set });
  }
  const set = changed.difference(stripped);
  if (!set.isEmpty) {
    const entry: ManagedFieldsEntry = {
      manager: write.manager || 'unknown',
      operation: 'Update',
      apiVersion: write.apiVersion,
      time: write.time,
      ...(write.subresource && { subresource: write.subresource }),
    };
    const id = idOf(entry);
    managers.set(id, { entry, set: managers.get(id)?.set.union(set) ?? set });
  }
  capUpdaters(managers);
  return managers;
}

export interface Apply {
  readonly live?: KubeObject;
  readonly config: KubeObject;
  readonly manager: string;
  readonly force: boolean;
  readonly subresource: string;
  readonly time: string;
  readonly gvk: GroupVersionKind;
  readonly shape?: Shape;
  readonly resets?: readonly string[];
}

/**
 * Server-side apply: the live object with the configuration laid over it, without what this manager applied before and
 * nobody wants any more. Throws 409 when others own what it would change, unless forced.
 */
export function applyConfiguration(apply: Apply): KubeObject {
  const { config, gvk, subresource } = apply;
  const shape = apply.shape ?? shapeOfKind(gvk) ?? anything;
  const apiVersion = config.apiVersion;
  const live = apply.live ? plain(apply.live) : emptyOf(gvk);
  const managers = apply.live ? liveManagers(apply, apply.live, shape) : noManagers();
  const entry: ManagedFieldsEntry = {
    manager: apply.manager,
    operation: 'Apply',
    apiVersion,
    time: apply.time,
    ...(subresource && { subresource }),
  };
  const id = idOf(entry);
  const last = managers.get(id);
  const applied = sparse(config as unknown as JsonObject);
  const set = fieldSetOfPatch(applied, shape).recursiveDifference(
    ignoredFields(subresource, shape),
  );
  managers.set(id, { entry, set });
  const merged = merge(live, applied, shape);
  const pruned = last ? prune(merged, shape, managers, last.set) : merged;
  const isNoop = equal(live, pruned);
  transfer(
    managers,
    id,
    without(
      compareTyped(live, pruned, shape),
      apply.resets ? topLevel(apply.resets) : ignoredFields(subresource, shape),
    ),
    apply.force,
  );
  const own = set.difference(stripped);
  if (own.isEmpty) managers.delete(id);
  else
    managers.set(id, {
      // An apply that changes nothing has no time of its own.
      entry: isNoop ? withTime(entry, last?.entry.time) : entry,
      set: own,
    });
  const result = typed(pruned, gvk);
  const entries = encodeManagers(managers);
  if (entries.length) result.metadata.managedFields = entries;
  else delete result.metadata.managedFields;
  return result;
}

const noManagers = (): Managers => new Map();

function withTime(entry: ManagedFieldsEntry, time: string | undefined): ManagedFieldsEntry {
  const timed = { ...entry };
  if (time === undefined) delete timed.time;
  else timed.time = time;
  return timed;
}

/** Objects from before the first apply get a manager for what is there. */
function liveManagers(apply: Apply, live: KubeObject, shape: Shape): Managers {
  const managers = decodeManagers(live.metadata.managedFields ?? []) ?? noManagers();
  if (managers.size) return managers;
  const write = {
    object: live,
    manager: 'before-first-apply',
    apiVersion: apply.config.apiVersion,
    subresource: apply.subresource,
    time: apply.time,
    gvk: apply.gvk,
  };
  return update(write, emptyOf(apply.gvk), shape, managers);
}

function fieldSetOfPatch(applied: JsonObject, shape: Shape): FieldSet {
  try {
    return fieldSetOf(applied, shape);
  } catch (error) {
    if (error instanceof NoKeys)
      throw failure(500, '', `failed to create typed patch object: ${error.message}`);
    throw error;
  }
}

function merge(live: JsonObject, applied: JsonObject, shape: Shape): JsonObject {
  try {
    return (mergeTyped(live, applied, shape) ?? {}) as JsonObject;
  } catch (error) {
    if (error instanceof DuplicateEntry)
      throw badRequest(`failed to create typed patch object: ${error.message}`);
    throw error;
  }
}

/** Takes away what was applied last time and is owned by nobody now. */
function prune(merged: JsonObject, shape: Shape, managers: Managers, last: FieldSet): JsonObject {
  const named = (set: FieldSet) => withNamedFields(set, shape);
  const pruned = (removeFields(merged, named(last), shape) ?? {}) as JsonObject;
  let owned = new FieldSet();
  for (const { set } of managers.values()) owned = owned.union(set);
  const mergedSet = named(fieldSetOf(merged, shape));
  const keep = named(fieldSetOf(pruned, shape)).union(named(owned));
  const withOwned = (removeFields(merged, mergedSet.difference(keep), shape) ?? {}) as JsonObject;
  const dangling = mergedSet
    .difference(named(fieldSetOf(withOwned, shape)))
    .intersection(named(last));
  return (removeFields(merged, dangling, shape) ?? {}) as JsonObject;
}

/** Others lose what the apply changes or removes; without force, that is refused. */
function transfer(managers: Managers, own: string, comparison: Comparison, force: boolean): void {
  const changed = comparison.modified.union(comparison.added);
  const conflicts = [...managers]
    .filter(([id]) => id !== own)
    .map(([id, manager]) => ({ id, manager, set: manager.set.intersection(changed) }))
    .filter(({ set }) => !set.isEmpty);
  if (conflicts.length && !force)
    throw applyConflict(conflicts.map(({ manager, set }) => ({ entry: manager.entry, set })));
  for (const [id, manager] of managers) {
    if (id === own) continue;
    const set = manager.set.difference(changed).difference(comparison.removed);
    if (set.isEmpty) managers.delete(id);
    else managers.set(id, { ...manager, set });
  }
}

const anything: Shape = { kind: 'map', isAtomic: false, fields: undefined, of: { kind: 'scalar' } };

/** Fields that no manager owns. */
const stripped = ((): FieldSet => {
  const set = new FieldSet();
  for (const name of ['apiVersion', 'kind', 'metadata']) set.insert([`f:${name}`]);
  for (const name of [
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ])
    set.insert(['f:metadata', `f:${name}`]);
  return set;
})();

/** What a write through this door does not set anyway: status for the object itself, spec for its status. */
function ignoredFields(subresource: string, shape: Shape): FieldSet {
  const set = new FieldSet();
  const hasStatus = shape.kind === 'map' && shape.fields?.has('status') && shape.fields.has('spec');
  if (hasStatus && subresource === '') set.insert(['f:status']);
  if (hasStatus && subresource === 'status') set.insert(['f:spec']);
  return set;
}

const topLevel = (names: readonly string[]): FieldSet => {
  const set = new FieldSet();
  for (const name of names) set.insert([`f:${name}`]);
  return set;
};

const without = (comparison: Comparison, ignored: FieldSet): Comparison =>
  ignored.isEmpty
    ? comparison
    : {
        added: comparison.added.recursiveDifference(ignored),
        modified: comparison.modified.recursiveDifference(ignored),
        removed: comparison.removed.recursiveDifference(ignored),
      };

const idOf = ({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string =>
  JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource ?? '']);

function plain(object: KubeObject): JsonObject {
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata } as unknown as JsonObject;
}

const empties = new Map<string, JsonObject>();

/** A new object of the kind, as Go has it: its structs are there, so they are nobody's addition. */
function emptyOf(gvk: GroupVersionKind): JsonObject {
  const id = `${gvk.group}/${gvk.version}/${gvk.kind}`;
  let empty = empties.get(id);
  if (!empty) {
    const type = goTypeOfKind(gvk);
    empty = (type ? decodeTyped({}, type).value : { metadata: {} }) as JsonObject;
    empties.set(id, empty);
  }
  return empty;
}

/** The merged object with Go's zero values and order. */
function typed(object: JsonObject, gvk: GroupVersionKind): KubeObject {
  const type = goTypeOfKind(gvk);
  const value = type ? decodeTyped(object, type).value : object;
  return clone(value) as unknown as KubeObject;
}

/** A configuration without the zero values that decoding put there: only what was written counts as applied. */
function sparse(object: JsonObject): JsonObject {
  const metadata = { ...(object['metadata'] as JsonObject) };
  delete metadata['managedFields'];
  return { ...object, metadata };
}
