import type { ManagedFieldsEntry } from '../../../api/meta.ts';
import { failure, type StatusCause, type StatusError } from '../../../api/status.ts';
import { pathText, type FieldSet } from './fieldSet.ts';

interface Conflict {
  readonly entry: ManagedFieldsEntry;
  readonly set: FieldSet;
}

/** 409 with a cause for each field that somebody else owns. Models managedfields/internal/conflict.go. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const fields = conflicts.flatMap(({ entry, set }) => {
    const paths: string[] = [];
    set.forEach((path) => paths.push(pathText(path)));
    return paths.map((path) => ({ manager: managerText(entry), path }));
  });
  const causes: StatusCause[] = fields.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field: path,
  }));
  return failure(409, 'Conflict', message(fields), { causes });
}

function message(fields: readonly { readonly manager: string; readonly path: string }[]): string {
  const [only] = fields;
  if (fields.length === 1 && only)
    return `Apply failed with 1 conflict: conflict with ${only.manager}: ${only.path}`;
  const lines: string[] = [];
  for (const manager of [...new Set(fields.map((field) => field.manager))].sort()) {
    lines.push(`conflicts with ${manager}:`);
    for (const field of fields) if (field.manager === manager) lines.push(`- ${field.path}`);
  }
  return `Apply failed with ${fields.length} conflicts: ${lines.join('\n')}`;
}

function managerText({
  manager = '',
  subresource,
  operation,
  apiVersion = '',
}: ManagedFieldsEntry): string {
  const named = subresource
    ? `${JSON.stringify(manager)} with subresource ${JSON.stringify(subresource)}`
    : JSON.stringify(manager);
  if (operation !== 'Update') return named;
  return `${named} using ${apiVersion}`;
}
