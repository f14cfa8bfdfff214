import { stringify } from 'yaml';
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

/** A stored value for reading: JSON as YAML, anything else as it is. Data of Secrets is left out unless it is asked for. */
export function renderStored(key: string, text: string, showSecrets: boolean): string {
  const value = parseJson(text);
  if (value === undefined) return text;
  return toYaml(!showSecrets && key.startsWith('/registry/secrets/') ? redact(value) : value);
}

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
