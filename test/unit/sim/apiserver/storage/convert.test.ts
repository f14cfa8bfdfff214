import assert from 'node:assert/strict';
import type { KubeObject } from '../../../../../src/api/meta.ts';
import { convert } from '../../../../../src/sim/apiserver/storage/convert.ts';

const v1 = { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' };
const v2 = { ...v1, version: 'v2' };

describe('convert', () => {
  it('gives back the same object for its own version', () => {
    const object: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: {} };
    assert.equal(convert(object, { group: '', version: 'v1', kind: 'Pod' }), object);
  });

  it('turns a CPU target into a metric and back', () => {
    const old = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    };
    const converted = convert(old, v2);
    assert.deepEqual((converted.spec as { metrics?: unknown }).metrics, [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ]);
    assert.deepEqual(convert(converted, v1), old);
  });

  it('keeps in annotations what v1 has no field for', () => {
    const current = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: {
        maxReplicas: 3,
        metrics: [
          {
            type: 'Pods',
            pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '5' } },
          },
        ],
      },
      status: { desiredReplicas: 0 },
    };
    const converted = convert(current, v1);
    const { annotations = {} } = converted.metadata as KubeObject['metadata'];
    assert.deepEqual(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/metrics'] ?? ''), [
      { type: 'Pods', pods: { metricName: 'rps', targetAverageValue: '5' } },
    ]);
    assert.deepEqual(convert(converted, v2), current);
  });

  it('renames the fields of events', () => {
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e' },
      regarding: { kind: 'Pod' },
      note: 'text',
    } as KubeObject;
    const stored = convert(event, { group: '', version: 'v1', kind: 'Event' }) as unknown as Record<
      string,
      unknown
    >;
    assert.deepEqual([stored['involvedObject'], stored['message']], [{ kind: 'Pod' }, 'text']);
  });
});
