import { encodeUtf8, decodeUtf8 } from '../../../base/bytes.ts';
import { internalForm } from '../../../api/goInternal.ts';
import type { JsonObject, JsonValue } from '../../../api/meta.ts';

// Models kubernetes/pkg/apis/autoscaling/v1/conversion.go: what v1 has no field for travels in annotations.
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

export function horizontalPodAutoscalerToV2(object: JsonObject): JsonObject {
  const spec = { ...asObject(object['spec']) };
  const status = { ...asObject(object['status']) };
  if (status['currentReplicas'] === 0) delete status['currentReplicas'];
  const metadata = { ...asObject(object['metadata']) };
  const annotations = { ...asObject(metadata['annotations']) };
  const metrics = parseList(annotations[METRICS]).map(metricToV2);
  const target = spec['targetCPUUtilizationPercentage'];
  delete spec['targetCPUUtilizationPercentage'];
  if (target !== undefined)
    metrics.push({
      type: 'Resource',
      resource: cpu('target', { type: 'Utilization', averageUtilization: target }),
    });
  if (metrics.length) spec['metrics'] = metrics;
  const behavior = parse(annotations[BEHAVIOR]);
  if (behavior !== undefined) spec['behavior'] = published(behavior);
  const current = parseList(annotations[CURRENT]).map(metricToV2);
  const utilization = status['currentCPUUtilizationPercentage'];
  delete status['currentCPUUtilizationPercentage'];
  if (utilization !== undefined)
    current.push({
      type: 'Resource',
      resource: cpu('current', { averageUtilization: utilization }),
    });
  if (current.length) status['currentMetrics'] = current;
  const conditions = parse(annotations[CONDITIONS]);
  if (conditions !== undefined) status['conditions'] = conditions;
  for (const key of [METRICS, CURRENT, CONDITIONS, BEHAVIOR]) delete annotations[key];
  return { ...object, metadata: withAnnotations(metadata, annotations), spec, status };
}

export function horizontalPodAutoscalerToV1(object: JsonObject): JsonObject {
  const spec = { ...asObject(object['spec']) };
  // v1 says zero where v2 says nothing.
  const status: JsonObject = { currentReplicas: 0, ...asObject(object['status']) };
  const metadata = { ...asObject(object['metadata']) };
  const annotations = { ...asObject(metadata['annotations']) };
  const others: JsonValue[] = [];
  let found = false;
  for (const metric of asList(spec['metrics'])) {
    const resource = asObject(asObject(metric)['resource']);
    const utilization = asObject(resource['target'])['averageUtilization'];
    if (!found && resource['name'] === 'cpu' && utilization !== undefined) {
      found = true;
      spec['targetCPUUtilizationPercentage'] = utilization;
    } else others.push(metricToV1(asObject(metric)));
  }
  delete spec['metrics'];
  if (others.length) annotations[METRICS] = JSON.stringify(others);
  if (spec['behavior'] !== undefined)
    annotations[BEHAVIOR] = JSON.stringify(
      internalForm('autoscaling.HorizontalPodAutoscalerBehavior', spec['behavior']),
    );
  delete spec['behavior'];
  const current: JsonValue[] = [];
  for (const metric of asList(status['currentMetrics'])) {
    const resource = asObject(asObject(metric)['resource']);
    const utilization = asObject(resource['current'])['averageUtilization'];
    if (resource['name'] === 'cpu' && utilization !== undefined)
      status['currentCPUUtilizationPercentage'] = utilization;
    current.push(metricToV1(asObject(metric)));
  }
  delete status['currentMetrics'];
  if (current.length) annotations[CURRENT] = JSON.stringify(current);
  if (status['conditions'] !== undefined)
    annotations[CONDITIONS] = JSON.stringify(status['conditions']);
  delete status['conditions'];
  return { ...object, metadata: withAnnotations(metadata, annotations), spec, status };
}

/** Behaviour travels in its internal form: `{"ScaleUp":{"Policies":…}}`; what is null there is absent here. */
function published(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(published);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([key, member]) => [
        key.charAt(0).toLowerCase() + key.slice(1),
        published(member as JsonValue),
      ]),
  );
}

const cpu = (key: string, value: JsonObject): JsonObject => ({ name: 'cpu', [key]: value });

/** v1's form of a metric has its numbers flat: `targetAverageValue`, `currentAverageUtilization` …. */
function metricToV1(metric: JsonObject): JsonObject {
  const type = typeof metric['type'] === 'string' ? metric['type'] : '';
  const key = type.charAt(0).toLowerCase() + type.slice(1);
  const source = { ...asObject(metric[key]) };
  const named = asObject(source['metric']);
  delete source['metric'];
  const flat: JsonObject = {};
  for (const side of ['target', 'current']) {
    const value = asObject(source[side]);
    delete source[side];
    const cap = (name: string): string => side + name.charAt(0).toUpperCase() + name.slice(1);
    for (const name of ['averageUtilization', 'averageValue', 'value'])
      if (value[name] !== undefined) flat[cap(name)] = value[name];
  }
  return {
    type,
    [key]: {
      ...source,
      ...(named['name'] !== undefined && { metricName: named['name'] }),
      ...(named['selector'] !== undefined && { selector: named['selector'] }),
      ...flat,
    },
  };
}

function metricToV2(value: JsonValue): JsonObject {
  const metric = asObject(value);
  const type = typeof metric['type'] === 'string' ? metric['type'] : '';
  const key = type.charAt(0).toLowerCase() + type.slice(1);
  const source = { ...asObject(metric[key]) };
  const sides: JsonObject = {};
  for (const side of ['target', 'current'])
    for (const name of ['AverageUtilization', 'AverageValue', 'Value']) {
      const flat = source[side + name];
      delete source[side + name];
      if (flat === undefined) continue;
      const plain = name.charAt(0).toLowerCase() + name.slice(1);
      const types = {
        averageUtilization: 'Utilization',
        averageValue: 'AverageValue',
        value: 'Value',
      } as Record<string, string>;
      sides[side] = {
        ...(side === 'target' && { type: types[plain] ?? 'Value' }),
        ...asObject(sides[side]),
        [plain]: flat,
      };
    }
  const name = source['metricName'];
  const selector = source['selector'];
  delete source['metricName'];
  delete source['selector'];
  return {
    type,
    [key]: {
      ...source,
      ...(name !== undefined && { metric: { name, ...(selector !== undefined && { selector }) } }),
      ...sides,
    },
  };
}

function withAnnotations(metadata: JsonObject, annotations: JsonObject): JsonObject {
  const rest = { ...metadata };
  delete rest['annotations'];
  return Object.keys(annotations).length ? { ...rest, annotations } : rest;
}

const asObject = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
const asList = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);

function parse(text: JsonValue | undefined): JsonValue | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(decodeUtf8(encodeUtf8(text))) as JsonValue;
  } catch {
    return undefined;
  }
}

const parseList = (text: JsonValue | undefined): JsonValue[] => asList(parse(text));
