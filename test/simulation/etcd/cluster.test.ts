import assert from 'node:assert/strict';
import { isReady, Simulation } from '../../support/simulation.ts';

const namespace = 'controller-demo';
const scale = `/apis/apps/v1/namespaces/${namespace}/deployments/lifecycle-demo/scale`;

describe('a cluster on three members of etcd', function () {
  this.timeout(30_000);

  it('goes on when the leader of etcd is lost, and when it comes back', async () => {
    const simulation = await Simulation.start({ seed: 5, etcdMembers: 3 });
    const group = simulation.cluster.etcd?.group ?? assert.fail('one member only');
    const running = (count: number) => async () => {
      const pods = await simulation.pods(namespace);
      return pods.length === count && pods.every(isReady);
    };
    const scaleTo = (replicas: number) =>
      simulation.request('PATCH', scale, { spec: { replicas } }, 'application/merge-patch+json');
    await simulation.create('lifecycle-demo.yaml');
    assert.ok(await simulation.until(running(2), 60), 'two pods run');

    const lost = group.leader?.id ?? assert.fail('nobody leads');
    group.stop(lost);
    await simulation.run(3);
    await scaleTo(5);
    assert.ok(await simulation.until(running(5), 60), 'five pods run without the first leader');
    assert.notEqual(group.leader?.id, lost);

    group.start(lost);
    await scaleTo(1);
    assert.ok(await simulation.until(running(1), 60), 'one pod is left');
    await simulation.run(1);
    const [first, ...others] = group.ids.map((id) => group.storeOf(id).revision);
    assert.deepEqual(others, [first, first], 'all members have the same');
    simulation.dispose();
  });
});
