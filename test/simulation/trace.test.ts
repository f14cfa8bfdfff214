import assert from 'node:assert/strict';
import type { TraceEvent } from '../../src/trace/event.ts';
import { isReady, Simulation } from '../support/simulation.ts';

const namespace = 'controller-demo';
const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/lifecycle-demo`;

/** One apply to Running, a scale to five, a deleted pod that is replaced, a deleted Deployment. */
async function life(seed: number): Promise<readonly TraceEvent[]> {
  const simulation = await Simulation.start({ seed });
  const running = (count: number) => async () => {
    const pods = await simulation.pods(namespace);
    return pods.length === count && pods.every(isReady);
  };
  await simulation.create('lifecycle-demo.yaml');
  assert.ok(await simulation.until(running(2), 60), 'two pods run');
  const scale = { spec: { replicas: 5 } };
  await simulation.request('PATCH', `${deployment}/scale`, scale, 'application/merge-patch+json');
  assert.ok(await simulation.until(running(5), 60), 'five pods run');
  const [first] = await simulation.pods(namespace);
  const name = first?.metadata.name ?? '';
  await simulation.request('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`);
  assert.ok(await simulation.until(running(5), 60), 'five pods run again');
  await simulation.request('DELETE', deployment);
  assert.ok(await simulation.until(running(0), 60), 'all pods are gone');
  simulation.dispose();
  return simulation.trace.slice(simulation.trace.first);
}

describe('the trace of a cluster', function () {
  this.timeout(30_000);
  let first: readonly TraceEvent[];

  before(async () => {
    first = await life(7);
  });

  it('is the same, byte for byte, for the same seed', async () => {
    const second = await life(7);
    for (const [index, event] of first.entries())
      assert.equal(JSON.stringify(second[index]), JSON.stringify(event));
    assert.equal(second.length, first.length);
  });

  it('is another one for another seed', async () => {
    const names = (events: readonly TraceEvent[]) =>
      events.flatMap((event) => (event.type === 'etcd.put' ? [event.key] : [])).sort();
    assert.notDeepEqual(names(await life(8)), names(first));
  });

  it('has a cause for every event but the roots, and every cause is an earlier event', () => {
    assert.equal(first[0]?.id, 1, 'nothing is forgotten');
    for (const event of first) {
      if (event.cause === undefined) {
        assert.equal(event.type, 'lifecycle', `no cause: ${JSON.stringify(event)}`);
        continue;
      }
      for (const cause of [event.cause, ...(event.also ?? [])])
        assert.ok(cause >= 1 && cause < event.id, `not an earlier event: ${JSON.stringify(event)}`);
    }
  });

  it('leads from every event of a pod back to a command', () => {
    const byId = new Map(first.map((event) => [event.id, event]));
    const rootOf = (event: TraceEvent): TraceEvent => {
      let root = event;
      while (root.cause !== undefined) root = byId.get(root.cause) ?? assert.fail('lost');
      return root;
    };
    const started = first.filter(
      (event) => event.type === 'kubelet' && event.action === 'containerStarted',
    );
    assert.equal(started.length, 6);
    for (const event of started)
      assert.equal(rootOf(event).component, 'client/kubectl', JSON.stringify(event));
  });
});
