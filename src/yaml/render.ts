import { stringify } from 'yaml';
import type { Change } from '../api/diff.ts';
import type { JsonValue } from '../api/meta.ts';

/** A value as YAML, as kubectl prints it: no line folding, lists not indented. */
export const toYaml = (value: JsonValue): string =>
  stringify(value, {
    lineWidth: 0,
    indentSeq: false,
    aliasDuplicateObjects: false,
    defaultStringType: 'PLAIN',
    version: '1.1',
  });

export interface RenderOptions {
  /** Data of Secrets is left out unless this is set. */
  readonly showSecrets: boolean;
  /** Without metadata.managedFields, as kubectl prints. */
  readonly brief?: boolean;
}

/** A stored value for reading: JSON as YAML, anything else as it is. */
export function renderStored(key: string, text: string, options: RenderOptions): string {
  const value = parseJson(text);
  if (value === undefined) return text;
  const shown = options.brief ? withoutManagedFields(value) : value;
  const isHidden = !options.showSecrets && key.startsWith('/registry/secrets/');
  return toYaml(isHidden ? redact(shown) : shown);
}

function withoutManagedFields(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const metadata = { ...(value['metadata'] as Record<string, JsonValue> | undefined) };
  delete metadata['managedFields'];
  return { ...value, metadata };
}

/** Changes of a Secret without what it keeps: its data, and the annotation that repeats it. */
export const redactChanges = (changes: readonly Change[]): Change[] =>
  changes.map((change) =>
    /^(\/(data|stringData)\b|\/metadata\/annotations|$)/.test(change.path)
      ? {
          path: change.path,
          ...(change.before !== undefined && { before: '(redacted)' }),
          ...(change.after !== undefined && { after: '(redacted)' }),
        }
      : change,
  );

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined; // not JSON: it is shown as it is
  }
}

function redact(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const data = value['data'];
  const annotations = (value['metadata'] as { annotations?: Record<string, string> } | undefined)
    ?.annotations;
  const isApplied = annotations?.['kubectl.kubernetes.io/last-applied-configuration'] !== undefined;
  const metadata = {
    ...(value['metadata'] as object),
    ...(isApplied && {
      annotations: {
        ...annotations,
        'kubectl.kubernetes.io/last-applied-configuration': '(redacted)',
      },
    }),
  };
  const hidden =
    data !== null && typeof data === 'object' && !Array.isArray(data)
      ? Object.fromEntries(Object.keys(data).map((name) => [name, '(redacted)']))
      : data;
  return {
    ...value,
    metadata: metadata as JsonValue,
    ...(hidden !== undefined && { data: hidden }),
  };
}
