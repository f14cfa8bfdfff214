import { itJudges } from '../../../../../support/strategyRules.ts';

// What a real 1.36.3 server answers.

describe('the rules of HorizontalPodAutoscaler', () => {
  describe('hpa', () => {
    itJudges(
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'hpa' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          minReplicas: 1,
          maxReplicas: 5,
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
            },
            {
              type: 'Pods',
              pods: {
                metric: { name: 'rps' },
                target: { type: 'AverageValue', averageValue: '10' },
              },
            },
            {
              type: 'Object',
              object: {
                describedObject: { kind: 'Service', name: 'web', apiVersion: 'v1' },
                metric: { name: 'q', selector: { matchLabels: { a: 'b' } } },
                target: { type: 'Value', value: '100' },
              },
            },
            {
              type: 'ContainerResource',
              containerResource: {
                name: 'memory',
                container: 'web',
                target: { type: 'Utilization', averageUtilization: 60 },
              },
            },
            {
              type: 'External',
              external: {
                metric: { name: 'e' },
                target: { type: 'AverageValue', averageValue: '5' },
              },
            },
          ],
          behavior: {
            scaleDown: {
              stabilizationWindowSeconds: 300,
              selectPolicy: 'Max',
              policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }],
            },
            scaleUp: {
              tolerance: '0.1',
              policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
            },
          },
        },
      },
      {
        created: [
          [
            '/spec/scaleTargetRef/apiVersion',
            undefined,
            'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
          ],
          [
            '/spec/metrics/1/pods/target/averageValue',
            undefined,
            'spec.metrics[1].pods.target.averageValue: Required value: must specify a positive target averageValue',
          ],
          [
            '/spec/metrics/0/resource/target/type',
            'a/b',
            'spec.metrics[0].resource.target.type: Invalid value: "a/b": must be either Utilization, Value, or AverageValue',
          ],
          [
            '/spec/behavior/scaleDown/policies/0/type',
            'example.com/Thing',
            'spec.behavior.scaleDown.policies[0].type: Unsupported value: "example.com/Thing": supported values: "Percent", "Pods"',
          ],
          [
            '/spec/behavior/scaleDown/selectPolicy',
            ' a ',
            'spec.behavior.scaleDown.selectPolicy: Unsupported value: " a ": supported values: "Disabled", "Max", "Min"',
          ],
          [
            '/spec/behavior/scaleUp/policies/0',
            undefined,
            'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy',
          ],
          [
            '/spec/metrics/4/external/target/type',
            'x.y',
            'spec.metrics[4].external.target.type: Invalid value: "x.y": must be either Utilization, Value, or AverageValue',
          ],
          [
            '/spec/metrics/2/object/describedObject/name',
            'example.com/Thing',
            'spec.metrics[2].object.describedObject.name: Invalid value: "example.com/Thing": may not contain \'/\'',
          ],
          [
            '/spec/behavior/scaleUp/tolerance',
            '-1',
            'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
          ],
        ],
        updated: [
          [
            '/spec/scaleTargetRef/apiVersion',
            undefined,
            'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
          ],
          [
            '/spec/metrics/1/pods/target/averageValue',
            undefined,
            'spec.metrics[1].pods.target.averageValue: Required value: must specify a positive target averageValue',
          ],
          [
            '/spec/metrics/0/resource/target/type',
            'a/b',
            'spec.metrics[0].resource.target.type: Invalid value: "a/b": must be either Utilization, Value, or AverageValue',
          ],
          [
            '/spec/behavior/scaleDown/policies/0/type',
            'example.com/Thing',
            'spec.behavior.scaleDown.policies[0].type: Unsupported value: "example.com/Thing": supported values: "Percent", "Pods"',
          ],
        ],
      },
    );
  });
  describe('hpa9', () => {
    itJudges(
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'hpa9' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
          minReplicas: 1,
          maxReplicas: 4,
          metrics: [
            {
              type: 'ContainerResource',
              containerResource: {
                name: 'cpu',
                container: 'c',
                target: { type: 'AverageValue', averageValue: '100m' },
              },
            },
            {
              type: 'External',
              external: {
                metric: { name: 'm', selector: { matchLabels: { a: 'b' } } },
                target: { type: 'Value', value: '5' },
              },
            },
          ],
          behavior: {
            scaleUp: {
              selectPolicy: 'Disabled',
              policies: [{ type: 'Percent', value: 5, periodSeconds: 60 }],
            },
          },
        },
      },
      {
        created: [
          [
            '/spec/minReplicas',
            0,
            'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
          ],
          [
            '/spec/metrics/0/containerResource/name',
            'x.y',
            'spec.metrics[0].containerResource.name: Invalid value: "x.y": must be a standard resource type or fully qualified',
            'spec.metrics[0].containerResource.name: Invalid value: "x.y": must be a standard resource for containers',
          ],
          [
            '/spec/behavior/scaleUp/selectPolicy',
            '2001:db8::1',
            'spec.behavior.scaleUp.selectPolicy: Unsupported value: "2001:db8::1": supported values: "Disabled", "Max", "Min"',
          ],
          [
            '/spec/scaleTargetRef/apiVersion',
            '',
            'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
          ],
          [
            '/spec/metrics/1/external/target/type',
            '10.0.0.0/33',
            'spec.metrics[1].external.target.type: Invalid value: "10.0.0.0/33": must be either Utilization, Value, or AverageValue',
          ],
          [
            '/spec/metrics/0/containerResource/target/type',
            'Bad_Name!',
            'spec.metrics[0].containerResource.target.type: Invalid value: "Bad_Name!": must be either Utilization, Value, or AverageValue',
          ],
          ['/spec/scaleTargetRef/name', '', 'spec.scaleTargetRef.name: Required value'],
          [
            '/spec/metrics/0/containerResource/target/averageValue',
            '-1',
            'spec.metrics[0].containerResource.target.averageValue: Invalid value: "-1": must be positive',
          ],
          [
            '/spec/maxReplicas',
            0,
            'spec.maxReplicas: Required value: must be set and greater than 0',
            'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
          ],
        ],
        updated: [
          [
            '/spec/minReplicas',
            0,
            'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
          ],
          [
            '/spec/metrics/0/containerResource/name',
            'x.y',
            'spec.metrics[0].containerResource.name: Invalid value: "x.y": must be a standard resource type or fully qualified',
            'spec.metrics[0].containerResource.name: Invalid value: "x.y": must be a standard resource for containers',
          ],
          [
            '/spec/behavior/scaleUp/selectPolicy',
            '2001:db8::1',
            'spec.behavior.scaleUp.selectPolicy: Unsupported value: "2001:db8::1": supported values: "Disabled", "Max", "Min"',
          ],
          [
            '/spec/scaleTargetRef/apiVersion',
            '',
            'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
          ],
        ],
      },
    );
  });
});
