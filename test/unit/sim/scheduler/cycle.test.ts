import assert from 'node:assert/strict';
import { selectorOfLabels } from '../../../../src/api/selectors.ts';
import type { Node, Pod, PodSpec } from '../../../../src/api/types/coreV1.ts';
import { schedule, topOf } from '../../../../src/sim/scheduler/cycle.ts';
import { byZone, NodeInfo } from '../../../../src/sim/scheduler/nodeInfo.ts';

const zoneKey = 'topology.kubernetes.io/zone';

function node(name: string, zone?: string): NodeInfo {
  const object: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, ...(zone && { [zoneKey]: zone }) },
    },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
  };
  return new NodeInfo(object);
}

const pod = (name: string, spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
});

/** Where pods go, one after another. */
function places(nodes: readonly NodeInfo[], pods: readonly Pod[], kin = true): string[] {
  return pods.map((one) => {
    const selector = kin ? selectorOfLabels({ app: 'web' }) : undefined;
    const decision = schedule(one, byZone(nodes), { kin: selector }, () => undefined);
    if ('message' in decision) return decision.message;
    nodes.find(({ name }) => name === decision.node)?.add(one);
    return decision.node;
  });
}

describe('the scheduling cycle', () => {
  for (const [totals, top] of [
    [[7], 0],
    [[1, 1, 1], 0],
    [[0, 1, 1], 1],
    [[0, 1, 2], 2],
    [[5, 5, 9, 9], 3],
  ] as const)
    it(`chooses place ${top} of [${totals.join(', ')}]`, () => assert.equal(topOf(totals), top));

  it('looks at nodes zone by zone', () => {
    const nodes = [node('a1', 'a'), node('a2', 'a'), node('b1', 'b'), node('c1', 'c')];
    assert.deepEqual(
      byZone(nodes).map(({ name }) => name),
      ['a1', 'b1', 'c1', 'a2'],
    );
  });

  it('spreads the pods of a group over the zones', () => {
    const nodes = [node('a1', 'a'), node('a2', 'a'), node('b1', 'b'), node('c1', 'c')];
    const pods = ['p1', 'p2', 'p3', 'p4'].map((name) => pod(name));
    assert.deepEqual(places(nodes, pods), ['a1', 'b1', 'c1', 'a2']);
  });

  it('refuses what would be too far from even', () => {
    const nodes = [node('a1', 'a'), node('b1', 'b'), node('n1')];
    const spec: Partial<PodSpec> = {
      nodeSelector: { 'kubernetes.io/hostname': 'a1' },
      topologySpreadConstraints: [
        {
          topologyKey: zoneKey,
          whenUnsatisfiable: 'DoNotSchedule',
          maxSkew: 1,
          nodeAffinityPolicy: 'Ignore',
          labelSelector: { matchLabels: { app: 'web' } },
        },
      ],
    };
    const [first, second] = places(nodes, [pod('p1', spec), pod('p2', spec)]);
    assert.equal(first, 'a1');
    assert.equal(
      second,
      "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
    );
  });

  it('makes room for a higher pod where the least is lost', () => {
    const cpu = (amount: string, priority: number): Partial<PodSpec> => ({
      priority,
      containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: amount } } }],
    });
    const nodes = [node('n1'), node('n2')];
    nodes[0]?.add(pod('middle', cpu('3', 5)));
    nodes[1]?.add(pod('low', cpu('2', 1)));
    nodes[1]?.add(pod('lower', cpu('1', 0)));
    const decision = schedule(pod('high', cpu('3', 9)), nodes, {}, () => undefined);
    assert.ok('message' in decision);
    assert.equal(decision.message, '0/2 nodes are available: 2 Insufficient cpu.');
    assert.equal(decision.preemption?.node, 'n2');
    assert.deepEqual(
      decision.preemption.victims.map(({ metadata }) => metadata.name),
      ['low'],
    );
  });

  it('keeps the room for whom it was made', () => {
    const spec: Partial<PodSpec> = {
      priority: 9,
      containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '3' } } }],
    };
    const nominated = new Map([['n1', [pod('waits', spec)]]]);
    const late = { ...spec, priority: 1 };
    const decision = schedule(pod('late', late), [node('n1')], { nominated }, () => undefined);
    assert.ok('message' in decision && decision.message.includes('1 Insufficient cpu'));
  });
});
