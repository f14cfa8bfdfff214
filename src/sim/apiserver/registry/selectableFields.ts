import type { KubeObject } from '../../../api/meta.ts';

/** Reads a field of an object as text; '' when it has none. */
type Read = (path: string) => string;

/** Fields of kinds whose strategy does not name them, as `selector field` → `path in the object`. */
const PATHS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'v1 Event': {
    ...prefixed('involvedObject', 'involvedObject'),
    reason: 'reason',
    reportingComponent: 'reportingComponent',
    type: 'type',
  },
  'events.k8s.io/v1 Event': {
    ...prefixed('regarding', 'regarding'),
    reason: 'reason',
    reportingController: 'reportingController',
    type: 'type',
  },
  'v1 ReplicationController': { 'status.replicas': 'status.replicas' },
  'batch/v1 Job': { 'status.successful': 'status.succeeded' },
  'certificates.k8s.io/v1 CertificateSigningRequest': { 'spec.signerName': 'spec.signerName' },
  'resource.k8s.io/v1 ResourceSlice': {
    'spec.nodeName': 'spec.nodeName',
    'spec.driver': 'spec.driver',
  },
};

/** Kinds whose fields their strategies name, and whose unknown fields are refused in the same short words. */
const NAMED_ELSEWHERE = new Set(['v1 Pod', 'v1 Node', 'v1 Namespace', 'v1 Secret', 'v1 Service']);

/** Numbers count as there when they are not. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'status.replicas': '0',
  'status.succeeded': '0',
};

/** What a fieldSelector may name for a kind. Models the ToSelectableFields of kubernetes/pkg/registry. */
export function selectableFieldsOf(kind: string, object: KubeObject): Record<string, string> {
  const read: Read = (path) => readPath(object, path) ?? DEFAULTS[path] ?? '';
  const fields: Record<string, string> = {};
  for (const [field, path] of Object.entries(PATHS[kind] ?? {})) fields[field] = read(path);
  if (kind === 'v1 Event')
    fields['source'] = read('source.component') || read('reportingComponent');
  return fields;
}

/** What an unknown field is answered with. Models the field label conversions of kubernetes/pkg/apis. */
export function unknownField(kind: string, field: string): string {
  if (kind === 'batch/v1 Job') return `field label ${JSON.stringify(field)} not supported for Job`;
  if (kind === 'resource.k8s.io/v1 ResourceSlice')
    return `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`;
  if (NAMED_ELSEWHERE.has(kind) || kind in PATHS) return `field label not supported: ${field}`;
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function prefixed(name: string, path: string): Record<string, string> {
  const parts = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
  return Object.fromEntries(parts.map((part) => [`${name}.${part}`, `${path}.${part}`]));
}

function readPath(object: KubeObject, path: string): string | undefined {
  let value: unknown = object;
  for (const part of path.split('.'))
    value = (value as Record<string, unknown> | undefined)?.[part];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
