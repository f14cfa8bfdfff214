import assert from 'node:assert/strict';
import { parse } from 'yaml';
import type { JsonObject } from '../../../src/api/meta.ts';
import { dryRun } from '../../../src/sim/dryRun.ts';
import type { DocumentVerdict, DryRunRequest } from '../../../src/source/port.ts';
import { drain } from '../../support/drain.ts';
import { plainTokens } from '../../support/plainTokens.ts';
import { Simulation } from '../../support/simulation.ts';

const state = `
- {apiVersion: v1, kind: ConfigMap, metadata: {name: there, namespace: shop}}
- apiVersion: v1
  kind: Service
  metadata: {name: web, namespace: shop, uid: 0b9e6a5c-6a4e-4a55-8a6b-6f3f9a3d1c11}
  spec: {type: NodePort, clusterIP: 10.96.7.7, clusterIPs: [10.96.7.7], ports: [{port: 80, nodePort: 30123}]}
- apiVersion: v1
  kind: Pod
  metadata: {name: web, namespace: shop}
  spec: {containers: [{name: a, image: nginx}]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: readers, namespace: shop}
  rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, create]}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: readers, namespace: shop}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: readers}
  subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: alice}]
`;

describe('a dry run', () => {
  let simulation: Simulation;

  before(async () => {
    simulation = await Simulation.start({ nodes: 0 });
    const { apiServer } = simulation.cluster;
    const restored = await simulation.settle(apiServer.restore(parse(state) as JsonObject[]));
    assert.deepEqual(restored, { count: 5, unknownKinds: [], problems: [] });
    await simulation.run(1);
  });
  after(() => simulation.dispose());

  async function judge(yaml: string, as?: DryRunRequest['as']): Promise<DocumentVerdict> {
    const { store, apiServer } = simulation.cluster;
    const cluster = { seed: 1, nodes: 0, caPem: '', tokens: plainTokens };
    const { documents } = await dryRun(
      { store, apiServer, now: simulation.loop.now(), drain, cluster },
      {
        documents: [{ object: parse(yaml) as JsonObject }],
        forwardSeconds: 0,
        ...(as && { as }),
      },
    );
    const [verdict] = documents;
    assert.ok(verdict);
    return verdict;
  }

  /** What is said to a manifest, shortened: its stage and how the message begins. */
  const check = async (yaml: string, stage: string | undefined, start: string): Promise<void> => {
    const verdict = await judge(yaml);
    assert.equal(verdict.stage, stage, verdict.message);
    assert.equal(verdict.message.slice(0, start.length), start);
    assert.ok((verdict.code ?? 0) < 500);
  };

  it('sends on what is no map, for the server to refuse', async () => {
    const text = 'cannot be handled as a ConfigMap: json: cannot unmarshal string into Go';
    const start = `ConfigMap in version "v1" ${text} struct field`;
    await check('{apiVersion: v1, kind: ConfigMap, metadata: text}', 'decoding', start);
    await check(
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: text}}',
      'decoding',
      start,
    );
    await check('{apiVersion: v1, kind: 7, metadata: {}}', 'client', 'no matches for kind');
  });

  it('takes half a character in a name for a sign of its own', () =>
    check(
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: "\\ud800"}}',
      'validation',
      'ConfigMap "\ufffd" is invalid: metadata.name:',
    ));

  it('makes no patch of items without their key, as kubectl', () =>
    check(
      '{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{image: nginx, ports: [{containerPort: 1}]}]}}',
      'client',
      'map: map[image:nginx ports:[map[containerPort:1]]] does not contain declared merge key: name',
    ));

  it('knows what objects of a restored state have taken', async () => {
    const service = (spec: string) =>
      `{apiVersion: v1, kind: Service, metadata: {name: b, namespace: shop}, spec: {type: NodePort, ${spec}}}`;
    await check(
      service('clusterIP: 10.96.7.7, ports: [{port: 80}]'),
      'strategy',
      'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already allocated',
    );
    await check(
      service('ports: [{port: 80, nodePort: 30123}]'),
      'strategy',
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30123: provided port is already allocated',
    );
    await check(service('ports: [{port: 80}]'), undefined, '');
  });

  const configMap = (name: string, namespace = 'shop') =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: ${namespace}}}`;

  it('names the rule that allows', async () => {
    const { outcome, stages } = await judge(configMap('new'), { user: 'alice', groups: [] });
    assert.equal(outcome, 'created');
    assert.deepEqual(stages.find(({ stage }) => stage === 'authorization')?.facts, {
      user: 'alice',
      verb: 'create',
      reason: 'RBAC: allowed by RoleBinding "readers/shop" of Role "readers" to User "alice"',
      rule: '{APIGroups:[""], Resources:["configmaps"], Verbs:["get" "create"]}',
    });
  });

  it('names what is missing: the verbs that the apply lacks, and no more', async () => {
    const lacks = async (
      yaml: string,
      user: string,
      kind: string,
      rule: object,
      subject: object,
    ): Promise<void> => {
      const { remedy, stage } = await judge(yaml, { user, groups: [] });
      assert.equal(stage, 'authorization');
      const [role, binding] = (remedy?.yaml ?? '')
        .split('---\n')
        .map((it) => parse(it) as JsonObject);
      assert.deepEqual([role?.['kind'], role?.['rules']], [kind, [rule]]);
      assert.deepEqual([binding?.['kind'], binding?.['subjects']], [`${kind}Binding`, [subject]]);
    };
    const alice = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'alice' };
    const core = { apiGroups: [''], resources: ['configmaps'] };
    const patch = { ...core, resourceNames: ['there'], verbs: ['patch'] };
    await lacks(configMap('there'), 'alice', 'Role', patch, alice);
    const both = { ...core, verbs: ['get', 'create'] };
    await lacks(configMap('a', 'default'), 'alice', 'Role', both, alice);
    const account = { kind: 'ServiceAccount', namespace: 'shop', name: 'deployer' };
    const named = 'system:serviceaccount:shop:deployer';
    await lacks(configMap('a', 'default'), named, 'Role', both, account);
    await lacks(
      '{apiVersion: v1, kind: Namespace, metadata: {name: a}}',
      'alice',
      'ClusterRole',
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'create'] },
      alice,
    );
  });
});

describe('a look ahead', () => {
  it('ends when nobody wants to know any more', async () => {
    const simulation = await Simulation.start({ nodes: 1 });
    try {
      const { store, apiServer } = simulation.cluster;
      const cluster = { seed: 1, nodes: 1, caPem: '', tokens: plainTokens };
      const object = parse(
        '{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}, spec: {containers: [{name: a, image: nginx}]}}',
      ) as JsonObject;
      const look = async (turns: number) => {
        let asked = 0;
        const { documents } = await dryRun(
          {
            store,
            apiServer,
            now: simulation.loop.now(),
            drain,
            cluster,
            isWanted: () => ++asked <= turns,
          },
          { documents: [{ object }], forwardSeconds: 60 },
        );
        return { asked, outcome: documents[0]?.forecast?.outcome };
      };
      const whole = await look(Number.POSITIVE_INFINITY);
      assert.equal(whole.outcome, 'healthy');
      const part = await look(3);
      assert.equal(part.outcome, 'running');
      assert.ok(part.asked < 10 && whole.asked > 10, `${part.asked} of ${whole.asked}`);
    } finally {
      simulation.dispose();
    }
  });
});
