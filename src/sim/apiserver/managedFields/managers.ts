import type { ManagedFieldsEntry } from '../../../api/meta.ts';
import { FieldSet } from './fieldSet.ts';

export interface Manager {
  readonly entry: ManagedFieldsEntry;
  readonly set: FieldSet;
}

/** By identity: manager, operation, apiVersion (of updates) and subresource. */
export type Managers = Map<string, Manager>;

const maxUpdaters = 10;

/** undefined when the entries are not well-formed. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[]): Managers | undefined {
  const managers: Managers = new Map();
  for (const { fieldsV1, fieldsType, ...entry } of entries) {
    if (
      fieldsType !== 'FieldsV1' ||
      !fieldsV1 ||
      (entry.operation !== 'Apply' && entry.operation !== 'Update')
    )
      return undefined;
    const id = JSON.stringify([
      entry.manager ?? '',
      entry.operation,
      entry.operation === 'Apply' ? '' : (entry.apiVersion ?? ''),
      entry.subresource ?? '',
    ]);
    managers.set(id, { entry, set: FieldSet.fromFields(fieldsV1) });
  }
  return managers;
}

/** Appliers first, then by second, name, version and subresource. Models sortEncodedManagedFields. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] {
  const entries = [...managers.values()].map(({ entry, set }): ManagedFieldsEntry => {
    const { manager, operation, apiVersion, time, subresource } = entry;
    return {
      ...(manager !== undefined && { manager }),
      ...(operation !== undefined && { operation }),
      ...(apiVersion !== undefined && { apiVersion }),
      ...(time !== undefined && { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: set.toFields(),
      ...(subresource && { subresource }),
    };
  });
  const rank = (entry: ManagedFieldsEntry) =>
    [
      entry.operation,
      entry.time?.slice(0, 19) ?? '',
      entry.manager,
      entry.apiVersion,
      entry.subresource ?? '',
    ].map((part) => part ?? '');
  return entries.sort((a, b) => {
    const left = rank(a);
    const right = rank(b);
    for (let i = 0; i < left.length; i++) {
      const [l = '', r = ''] = [left[i], right[i]];
      if (l !== r) return l < r ? -1 : 1;
    }
    return 0;
  });
}

/** More than ten updaters are joined, the oldest first, under `ancient-changes`. Models capManagersManager. */
export function capUpdaters(managers: Managers): void {
  const updaters = [...managers].filter(([, { entry }]) => entry.operation === 'Update');
  if (updaters.length <= maxUpdaters) return;
  const age = ([id, { entry }]: [string, Manager]) => `${entry.time ?? ''} ${id}`;
  updaters.sort((a, b) => (age(a) < age(b) ? -1 : 1));
  const first = new Map<string, string>();
  let length = updaters.length;
  for (const [id, manager] of updaters) {
    if (length <= maxUpdaters) return;
    const version = manager.entry.apiVersion ?? '';
    const bucket = JSON.stringify(['ancient-changes', 'Update', version, '']);
    const oldest = first.get(version);
    if (oldest === undefined) {
      first.set(version, id);
      continue;
    }
    const held = managers.get(bucket) ?? managers.get(oldest);
    if (!managers.has(bucket)) managers.delete(oldest);
    const entry: ManagedFieldsEntry = {
      manager: 'ancient-changes',
      operation: 'Update',
      apiVersion: version,
      ...(manager.entry.time !== undefined && { time: manager.entry.time }),
    };
    managers.set(bucket, { entry, set: manager.set.union(held?.set ?? new FieldSet()) });
    if (id !== bucket) managers.delete(id);
    length--;
  }
}
