import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of HorizontalPodAutoscaler', () => {
  itJudges(
    {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'hpa1' },
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' },
        minReplicas: 1,
        maxReplicas: 2,
        targetCPUUtilizationPercentage: 50,
      },
    },
    {
      created: [
        [
          '/spec/scaleTargetRef/name',
          'example.com/Thing',
          'spec.scaleTargetRef.name: Invalid value: "example.com/Thing": may not contain \'/\'',
        ],
        [
          '/spec/scaleTargetRef/apiVersion',
          '2001:db8::1',
          'spec.scaleTargetRef.apiVersion: Invalid value: "2001:db8::1": apiVersion must specify API group',
        ],
        [
          '/spec/maxReplicas',
          0,
          'spec.maxReplicas: Required value: must be set and greater than 0',
          'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
        ],
        [
          '/spec/minReplicas',
          -1,
          'spec.minReplicas: Invalid value: -1: must be greater than or equal to 1',
        ],
        ['/spec/scaleTargetRef/kind', '', 'spec.scaleTargetRef.kind: Required value'],
        [
          '/spec/targetCPUUtilizationPercentage',
          -1,
          'spec.metrics[0].resource.target.averageUtilization: Invalid value: -1: must be greater than 0',
        ],
      ],
      updated: [
        [
          '/spec/scaleTargetRef/name',
          'example.com/Thing',
          'spec.scaleTargetRef.name: Invalid value: "example.com/Thing": may not contain \'/\'',
        ],
        [
          '/spec/scaleTargetRef/apiVersion',
          '2001:db8::1',
          'spec.scaleTargetRef.apiVersion: Invalid value: "2001:db8::1": apiVersion must specify API group',
        ],
        [
          '/spec/maxReplicas',
          0,
          'spec.maxReplicas: Required value: must be set and greater than 0',
          'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
        ],
        [
          '/spec/minReplicas',
          -1,
          'spec.minReplicas: Invalid value: -1: must be greater than or equal to 1',
        ],
      ],
    },
  );
});
