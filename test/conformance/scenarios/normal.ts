import type { JsonObject, JsonValue } from '../../../src/api/meta.ts';

export const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const dropped = new Set([
  'managedFields',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'selfLink',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
]);

/** A value with its keys in order and without what differs from run to run. */
export function normal(value: JsonValue, key = ''): JsonValue {
  if (Array.isArray(value)) return value.map((item) => normal(item, key));
  if (isObject(value)) {
    const out: JsonObject = {};
    for (const name of Object.keys(value).sort()) {
      const inner = value[name];
      if (inner === undefined) continue;
      const isDropped = typeof inner === 'string' || inner === null || name === 'managedFields';
      if (dropped.has(name) && isDropped) continue;
      out[name] = normal(inner, name);
    }
    return out;
  }
  if (typeof value === 'string') return normalText(value, key);
  if (key === 'nodePort' && Number(value) >= 30000) return '<nodePort>';
  if (key === 'healthCheckNodePort' && value) return '<nodePort>';
  return value;
}

function normalText(text: string, key: string): string {
  if (time.test(text)) return '<time>';
  if ((key === 'clusterIP' || key === 'clusterIPs') && text && text !== 'None')
    return '<clusterIP>';
  if (/^10\.96\.\d+\.\d+$/.test(text)) return '<clusterIP>';
  if (key === 'podCIDR' || key === 'podCIDRs') return '<podCIDR>';
  if (key === 'caBundle' || key === 'ca.crt' || key === 'token') return '<data>';
  return text
    .replace(uid, '<uid>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replace(/kube-api-access-[a-z0-9]{5}\b/g, 'kube-api-access-#');
}

type Condition = JsonObject & { type: string };

/** What changed, as a merge patch; of a list of conditions only those that changed. */
export function delta(before: JsonObject, after: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[key];
    const now = after[key];
    if (same(old, now)) continue;
    if (now === undefined) out[key] = null;
    else if (isObject(old) && isObject(now)) out[key] = delta(old, now);
    else if (key === 'conditions' && Array.isArray(now))
      out[key] = changedConditions((old ?? []) as Condition[], now as Condition[]);
    else out[key] = now;
  }
  return out;
}

function changedConditions(old: readonly Condition[], now: readonly Condition[]): JsonObject[] {
  const before = new Map(old.map((condition) => [condition.type, condition]));
  const types = new Set(now.map(({ type }) => type));
  return [
    ...now.filter((condition) => !same(condition, before.get(condition.type))),
    ...[...before.keys()]
      .filter((type) => !types.has(type))
      .map((type) => ({ type, $removed: true })),
  ];
}

export function includes(whole: unknown, part: unknown): boolean {
  if (isObject(part))
    return (
      isObject(whole) && Object.entries(part).every(([key, value]) => includes(whole[key], value))
    );
  if (Array.isArray(part))
    return (
      Array.isArray(whole) &&
      whole.length === part.length &&
      part.every((item, i) => includes(whole[i], item))
    );
  return whole === part;
}

/** A text without the numbers of generated names, nodes and addresses. */
export const wild = (text: string): string =>
  text
    .replace(/#\d+/g, '#*')
    .replace(/10\.244\.0\.\d+/g, '10.244.0.*')
    .replace(/node-\d\b/g, 'node-*')
    .replace(/192\.168\.0\.\d+/g, '192.168.0.*');

/** The key fields of an object, for end states. */
export function essence(object: JsonObject): JsonObject {
  const { kind } = object;
  const metadata = (object['metadata'] ?? {}) as JsonObject;
  const out: JsonObject = { kind, name: metadata['name'] };
  for (const key of ['generation', 'labels', 'annotations', 'finalizers', 'ownerReferences'])
    if (metadata[key] !== undefined) out[key] = metadata[key];
  if (metadata['deletionTimestamp']) out['deleting'] = true;
  if (kind === 'Pod') podEssence(object, out);
  else otherEssence(object, out);
  const { endpoints } = out;
  const addresses = (endpoint: JsonValue) => JSON.stringify((endpoint as JsonObject)['addresses']);
  if (Array.isArray(endpoints))
    out['endpoints'] = [...endpoints].sort((a, b) => (addresses(a) < addresses(b) ? -1 : 1));
  return JSON.parse(JSON.stringify(out)) as JsonObject;
}

const picked = (object: JsonObject | undefined, ...keys: string[]): JsonObject =>
  Object.fromEntries(keys.map((key) => [key, object?.[key]]));

function podEssence({ spec, status }: JsonObject, out: JsonObject): void {
  out['spec'] = picked(spec as JsonObject, 'nodeName', 'schedulingGates', 'priority');
  out['status'] = picked(
    status as JsonObject | undefined,
    'phase',
    'reason',
    'message',
    'conditions',
    'podIP',
    'nominatedNodeName',
    'qosClass',
  );
}

const parts = [
  'status',
  'endpoints',
  'ports',
  'subsets',
  'addressType',
  'rules',
  'aggregationRule',
  'revision',
];

const nodeNoise = ['capacity', 'allocatable', 'nodeInfo', 'images', 'daemonEndpoints'];

export const without = (object: JsonObject, ...keys: string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

function otherEssence(object: JsonObject, out: JsonObject): void {
  const { kind, spec, data } = object;
  if (isObject(spec)) out['spec'] = without(spec, 'template', 'jobTemplate');
  for (const key of parts) if (object[key] !== undefined) out[key] = object[key];
  if (kind === 'Node' && isObject(out['status']))
    out['status'] = without(out['status'], ...nodeNoise);
  if (kind === 'ConfigMap' && isObject(data)) out['keys'] = Object.keys(data).sort();
  if (kind !== 'CertificateSigningRequest') return;
  out['spec'] = picked(spec as JsonObject, 'signerName');
  const status = out['status'] as JsonObject | undefined;
  if (status?.['certificate']) status['certificate'] = '<certificate>';
}
