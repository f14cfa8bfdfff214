import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingRules,
} from '../../../../api/types/autoscalingV2.ts';

const policy = (type: 'Pods' | 'Percent', value: number) => ({ type, value, periodSeconds: 15 });

/** Models kubernetes/pkg/apis/autoscaling/v2 SetDefaults_HorizontalPodAutoscaler. */
export function defaultHorizontalPodAutoscaler(autoscaler: HorizontalPodAutoscaler): void {
  const spec = autoscaler.spec as HorizontalPodAutoscalerSpec | undefined;
  if (!spec) return;
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length)
    spec.metrics = [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ];
  if (!spec.behavior) return;
  const up = spec.behavior.scaleUp;
  const down = spec.behavior.scaleDown;
  spec.behavior.scaleUp = {
    stabilizationWindowSeconds: 0,
    ...rulesOf(up, [policy('Pods', 4), policy('Percent', 100)]),
  };
  spec.behavior.scaleDown = rulesOf(down, [policy('Percent', 100)]);
}

const rulesOf = (
  given: HPAScalingRules | undefined,
  policies: NonNullable<HPAScalingRules['policies']>,
): HPAScalingRules => ({ selectPolicy: 'Max', policies, ...given });
