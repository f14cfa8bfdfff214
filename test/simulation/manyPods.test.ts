import assert from 'node:assert/strict';
import { isReady, Simulation } from '../support/simulation.ts';

describe('a Deployment scaled to a thousand', function () {
  this.timeout(60_000);

  it('has a thousand pods that run', async () => {
    const simulation = await Simulation.start({ nodes: 12, traceCapacity: 10_000 });
    await simulation.create('lifecycle-demo.yaml');
    await simulation.request(
      'PATCH',
      '/apis/apps/v1/namespaces/controller-demo/deployments/lifecycle-demo/scale',
      { spec: { replicas: 1000 } },
      'application/merge-patch+json',
    );
    const running = async () =>
      (await simulation.pods('controller-demo')).filter(isReady).length === 1000;
    assert.ok(await simulation.until(running, 300));
    simulation.dispose();
  });
});
