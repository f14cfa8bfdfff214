import type { KubeObject } from '../../../api/meta.ts';
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
} from '../../../api/types/autoscalingV2.ts';
import type * as v1 from '../../../api/types/autoscalingV1.ts';
import { printer, type Printers } from './printer.ts';

const maxShown = 2;

function targets(
  specs: readonly MetricSpec[] | undefined,
  statuses: readonly MetricStatus[] | undefined,
): string {
  if (!specs?.length) return '<none>';
  const all = specs.map((spec, index) => metricText(spec, statuses?.[index]));
  return all.length > maxShown
    ? `${all.slice(0, maxShown).join(', ')} + ${all.length - maxShown} more...`
    : all.join(', ');
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External': {
      const target = spec.external?.target;
      if (target?.averageValue !== undefined)
        return `${status?.external?.current.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`;
      return `${status?.external?.current.value ?? '<unknown>'}/${target?.value ?? '<auto>'}`;
    }
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? '<unknown>'}/${spec.pods?.target.averageValue ?? '<auto>'}`;
    case 'Object': {
      const target = spec.object?.target;
      if (target?.averageValue !== undefined)
        return `${status?.object?.current.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`;
      return `${status?.object?.current.value ?? '<unknown>'}/${target?.value ?? '<auto>'}`;
    }
    case 'Resource':
      return resourceText(
        spec.resource?.name ?? '',
        spec.resource?.target,
        status?.resource?.current,
      );
    case 'ContainerResource':
      return resourceText(
        spec.containerResource?.name ?? '',
        spec.containerResource?.target,
        status?.containerResource?.current,
      );
    default:
      return '<unknown type>';
  }
}

interface Value {
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

function resourceText(name: string, target: Value | undefined, current: Value | undefined): string {
  if (target?.averageValue !== undefined)
    return `${name}: ${current?.averageValue ?? '<unknown>'}/${target.averageValue}`;
  const wanted =
    target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
  return `${name}: ${current?.averageUtilization === undefined ? '<unknown>' : `${current.averageUtilization}%`}/${wanted}`;
}

const cells = (object: KubeObject & HorizontalPodAutoscaler, age: string) => {
  const { spec, status } = object;
  return [
    `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    targets(spec.metrics, status?.currentMetrics ?? undefined),
    spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
    spec.maxReplicas,
    status?.currentReplicas ?? 0,
    age,
  ];
};

export const autoscalingPrinters: Printers = {
  'horizontalpodautoscalers.v2.autoscaling': printer<HorizontalPodAutoscaler>(cells),
  'horizontalpodautoscalers.v1.autoscaling': printer<v1.HorizontalPodAutoscaler>(
    ({ spec, status }, age) => {
      const wanted = spec.targetCPUUtilizationPercentage;
      const current = status?.currentCPUUtilizationPercentage;
      const text =
        wanted === undefined
          ? '<none>'
          : `cpu: ${current === undefined ? '<unknown>' : `${current}%`}/${wanted}%`;
      return [
        `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
        text,
        spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
        spec.maxReplicas,
        status?.currentReplicas ?? 0,
        age,
      ];
    },
  ),
};
