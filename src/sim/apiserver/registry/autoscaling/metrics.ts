import {
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { compareQuantities, tryQuantity, zeroQuantity } from '../../../../api/quantity.ts';
import type {
  HorizontalPodAutoscalerSpec,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../../../../api/types/autoscalingV2.ts';
import { all, allInvalid, each, must, type Found, type Loose } from '../shared/checks.ts';
import { isDns1123Label, isPathSegment } from '../shared/names.ts';
import { validateContainerResourceName } from '../shared/resources.ts';
import { validateReference, type ReferenceOptions } from './references.ts';

type Metric = Loose<MetricSpec>;
type Target = Loose<MetricTarget>;

/** Members of a metric in the order in which they are looked at, with the type that asks for each. */
const sources = [
  ['object', 'Object'],
  ['external', 'External'],
  ['pods', 'Pods'],
  ['resource', 'Resource'],
  ['containerResource', 'ContainerResource'],
] as const;
const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** Models autoscaling/validation validateMetrics. */
export function validateMetrics(
  own: Loose<HorizontalPodAutoscalerSpec>,
  path: FieldPath,
  options: ReferenceOptions,
): FieldError[] {
  const scalesToZero = own.metrics?.some(({ type }) => type === 'Object' || type === 'External');
  return all(
    each(own.metrics, path, (metric, at) => validateMetric(metric, at, options)),
    own.minReplicas === 0 &&
      !scalesToZero &&
      fieldForbidden(
        path,
        'must specify at least one Object or External metric to support scaling to zero replicas',
      ),
  );
}

function validateMetric(metric: Metric, at: FieldPath, options: ReferenceOptions): FieldError[] {
  const { type } = metric;
  const typeAt = at.child('type');
  const isKnown = types.includes(type ?? '');
  const unknown = !isKnown && notSupported(typeAt, type ?? '', types);
  const given = sources.filter(([key]) => metric[key]);
  const [first] = given;
  const expected = sources.find(([, of]) => of === type)?.[0];
  return all(
    must(type, typeAt, 'must specify a metric source type'),
    unknown,
    first && validateSource(first[0], metric, at.child(first[0]), options),
    expected &&
      !metric[expected] &&
      required(at.child(expected), 'must populate information for the given metric source'),
    unknown,
    given.length !== 1 &&
      given
        .filter(([key]) => key !== expected)
        .map(([key]) =>
          fieldForbidden(at.child(key), 'must populate the given metric source only'),
        ),
  );
}

function validateSource(
  key: (typeof sources)[number][0],
  metric: Metric,
  at: FieldPath,
  options: ReferenceOptions,
): Found {
  const targetAt = at.child('target');
  switch (key) {
    case 'object': {
      const { describedObject, metric: id, target } = metric.object ?? {};
      return [
        validateReference(describedObject ?? {}, at.child('describedObject'), options),
        validateIdentifier(id, at.child('metric')),
        validateTarget(target, targetAt),
        !has(target, 'value', 'averageValue') &&
          required(
            targetAt.child('averageValue'),
            'must set either a target value or averageValue',
          ),
      ];
    }
    case 'external': {
      const { metric: id, target } = metric.external ?? {};
      return [
        validateIdentifier(id, at.child('metric')),
        validateTarget(target, targetAt),
        !has(target, 'value', 'averageValue') &&
          required(
            targetAt.child('averageValue'),
            'must set either a target value for metric or a per-pod target',
          ),
        has(target, 'value') &&
          has(target, 'averageValue') &&
          fieldForbidden(
            targetAt.child('value'),
            'may not set both a target value for metric and a per-pod target',
          ),
      ];
    }
    case 'pods': {
      const { metric: id, target } = metric.pods ?? {};
      return [
        validateIdentifier(id, at.child('metric')),
        validateTarget(target, targetAt),
        !has(target, 'averageValue') &&
          required(targetAt.child('averageValue'), 'must specify a positive target averageValue'),
      ];
    }
    case 'resource': {
      const { name, target } = metric.resource ?? {};
      return [
        must(name, at.child('name'), 'must specify a resource name'),
        validateResourceTarget(target, targetAt),
      ];
    }
    case 'containerResource': {
      const { name, container, target } = metric.containerResource ?? {};
      return [
        name
          ? validateContainerResourceName(name, at.child('name'))
          : required(at.child('name'), 'must specify a resource name'),
        container
          ? allInvalid(at.child('container'), container, isDns1123Label(container))
          : required(at.child('container'), 'must specify a container'),
        validateResourceTarget(target, targetAt),
      ];
    }
  }
}

type TargetKey = 'value' | 'averageValue' | 'averageUtilization';

const has = (target: Target | null | undefined, ...keys: readonly TargetKey[]): boolean =>
  keys.some((key) => target?.[key] !== undefined && target[key] !== null);

const validateResourceTarget = (target: Target | null | undefined, at: FieldPath): Found => [
  validateTarget(target, at),
  !has(target, 'averageUtilization', 'averageValue') &&
    required(
      at.child('averageUtilization'),
      'must set either a target raw value or a target utilization',
    ),
  has(target, 'averageUtilization') &&
    has(target, 'averageValue') &&
    fieldForbidden(
      at.child('averageValue'),
      'may not set both a target raw value and a target utilization',
    ),
];

function validateTarget(target: Target | null | undefined, at: FieldPath): Found {
  const { type, averageUtilization } = target ?? {};
  return [
    must(type, at.child('type'), 'must specify a metric target type'),
    !['Utilization', 'Value', 'AverageValue'].includes(type ?? '') &&
      invalid(at.child('type'), type ?? '', 'must be either Utilization, Value, or AverageValue'),
    (['value', 'averageValue'] as const).map((key) => {
      const amount = tryQuantity(target?.[key] ?? undefined);
      return (
        amount &&
        compareQuantities(amount, zeroQuantity) <= 0 &&
        invalid(at.child(key), target?.[key], 'must be positive')
      );
    }),
    (averageUtilization ?? 1) < 1 &&
      invalid(at.child('averageUtilization'), averageUtilization, 'must be greater than 0'),
  ];
}

const validateIdentifier = (
  id: Loose<MetricIdentifier> | null | undefined,
  at: FieldPath,
): Found =>
  id?.name
    ? allInvalid(at.child('name'), id.name, isPathSegment(id.name))
    : required(at.child('name'), 'must specify a metric name');
