import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../../src/api/meta.ts';
import { second } from '../../../../../src/base/time.ts';
import {
  choosePlugins,
  type AdmissionOptions,
} from '../../../../../src/sim/apiserver/admission/choice.ts';
import { TestApi } from '../../../../support/testApi.ts';

const limits = (...list: JsonObject[]): AdmissionOptions => ({
  enableAdmissionPlugins: ['EventRateLimit'],
  admissionConfiguration: {
    EventRateLimit: {
      apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
      kind: 'Configuration',
      limits: list,
    },
  },
});
const podSecurity = (more: JsonObject): AdmissionOptions => ({
  admissionConfiguration: {
    PodSecurity: {
      apiVersion: 'pod-security.admission.config.k8s.io/v1',
      kind: 'PodSecurityConfiguration',
      ...more,
    },
  },
});

describe('the choice of admission plugins', () => {
  const init = (name: string): string => `couldn't init admission plugin "${name}": `;
  const refused: readonly (readonly [options: AdmissionOptions, sentence: string])[] = [
    [
      { enableAdmissionPlugins: ['Foo'], disableAdmissionPlugins: ['Bar'] },
      '[enable-admission-plugins plugin "Foo" is unknown, disable-admission-plugins plugin "Bar" is unknown]',
    ],
    [
      { enableAdmissionPlugins: ['PodNodeSelector'], disableAdmissionPlugins: ['PodNodeSelector'] },
      '[PodNodeSelector] in enable-admission-plugins and disable-admission-plugins overlapped',
    ],
    [
      { enableAdmissionPlugins: ['EventRateLimit'] },
      `${init('EventRateLimit')}limits: Invalid value: null: must not be empty`,
    ],
    [
      limits({ type: 'User', qps: 0, burst: -1, cacheSize: -2 }),
      `${init('EventRateLimit')}[limits[0].burst: Invalid value: -1: must be positive, ` +
        'limits[0].qps: Invalid value: 0: must be positive, ' +
        'limits[0].cacheSize: Invalid value: -2: must not be negative]',
    ],
    [
      podSecurity({ defaults: { warn: 'strict' }, exemptions: { usernames: [''] } }),
      `${init('PodSecurity')}[defaults.warn: Invalid value: "strict": must be one of privileged, baseline, restricted, ` +
        'exemptions.usernames[0]: Invalid value: "": username must not be empty]',
    ],
  ];
  for (const [options, message] of refused)
    it(`refuses: ${message}`, () => assert.throws(() => choosePlugins(options), { message }));

  it('leaves disabled plugins out, and goes on so in forks', async () => {
    const api = await TestApi.boot({ disableAdmissionPlugins: ['NamespaceLifecycle'] });
    const made = { metadata: { name: 'a' } };
    const { code } = await api.send('POST', '/api/v1/namespaces/nowhere/configmaps', made);
    assert.equal(code, 201);
    const fork = api.server.fork(api.store.fork(api.store.revision), api.loop, api.trace);
    const url = '/api/v1/namespaces/nowhere/configmaps';
    const forked = await api.settle(api.handle(fork, 'POST', url, { metadata: { name: 'b' } }, {}));
    assert.equal(forked.code, 201);
  });

  it('judges by the defaults and exemptions of PodSecurity', async () => {
    const api = await TestApi.boot({
      ...podSecurity({
        defaults: { enforce: 'baseline' },
        exemptions: { namespaces: ['kube-system'] },
      }),
      disableAdmissionPlugins: ['ServiceAccount'],
    });
    const pod = {
      metadata: { name: 'a' },
      spec: { hostNetwork: true, containers: [{ name: 'a', image: 'a' }] },
    };
    const codes = [];
    for (const namespace of ['default', 'kube-system'])
      codes.push((await api.send('POST', `/api/v1/namespaces/${namespace}/pods`, pod)).code);
    assert.deepEqual(codes, [403, 201]);
  });
});

describe("selectors and tolerations of the server's configuration", () => {
  // Answers of a real server.
  const options: AdmissionOptions = {
    enableAdmissionPlugins: ['PodNodeSelector', 'PodTolerationRestriction'],
    disableAdmissionPlugins: ['ServiceAccount'],
    admissionConfiguration: {
      PodNodeSelector: {
        podNodeSelectorPluginConfig: {
          clusterDefaultNodeSelector: 'zone=a',
          default: 'zone=a,disk=ssd',
        },
      },
      PodTolerationRestriction: {
        apiVersion: 'podtolerationrestriction.admission.k8s.io/v1alpha1',
        kind: 'Configuration',
        default: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
        whitelist: [
          { key: 'dedicated', operator: 'Exists' },
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists' },
          { key: 'node.kubernetes.io/unreachable', operator: 'Exists' },
        ],
      },
    },
  };
  const cases: readonly (readonly [what: string, spec: object, answer: unknown])[] = [
    ['are given to a Pod', {}, { zone: 'a' }],
    ['join its own', { nodeSelector: { disk: 'ssd' } }, { zone: 'a', disk: 'ssd' }],
    [
      'limit its own',
      { nodeSelector: { disk: 'hdd' } },
      'pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist',
    ],
    [
      'may not be contradicted',
      { nodeSelector: { zone: 'b' } },
      'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector',
    ],
    [
      'limit its tolerations',
      { tolerations: [{ key: 'other', operator: 'Exists' }] },
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its cluster whitelist',
    ],
  ];
  for (const [what, spec, answer] of cases)
    it(what, async () => {
      const api = await TestApi.boot(options);
      const { body, message } = await api.send('POST', '/api/v1/namespaces/default/pods', {
        metadata: { name: 'p' },
        spec: { ...spec, containers: [{ name: 'a', image: 'a' }] },
      });
      if (message) {
        assert.equal(message, answer);
        return;
      }
      const made = body['spec'] as unknown as {
        nodeSelector: object;
        tolerations: { key: string }[];
      };
      assert.deepEqual(made.nodeSelector, answer);
      assert.deepEqual(
        made.tolerations.map(({ key }) => key),
        ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable', 'dedicated'],
      );
    });
});

describe('EventRateLimit', () => {
  const cases: readonly (readonly [
    limit: JsonObject & { type: string },
    key: string,
    accepted: number,
  ])[] = [
    [{ type: 'Server', qps: 1, burst: 2 }, '', 2],
    [{ type: 'Namespace', qps: 1, burst: 3 }, 'default', 3],
    [{ type: 'User', qps: 1, burst: 1 }, 'kubernetes-admin', 1],
    [{ type: 'SourceAndObject', qps: 1, burst: 2 }, 'kubeletn1Poddefaultau1v1', 2],
  ];
  for (const [limit, key, accepted] of cases)
    it(`of ${limit.type} refuses what is more, until time has passed`, async () => {
      const api = await TestApi.boot(limits(limit));
      let index = 0;
      const send = (query = '') =>
        api.send('POST', `/api/v1/namespaces/default/events${query}`, {
          metadata: { name: `e${index++}` },
          source: { component: 'kubelet', host: 'n1' },
          involvedObject: {
            kind: 'Pod',
            namespace: 'default',
            name: 'a',
            uid: 'u1',
            apiVersion: 'v1',
          },
        });
      for (let sent = 0; sent < accepted; sent++) assert.equal((await send()).code, 201);
      assert.equal((await send('?dryRun=All')).code, 201);
      const { code, message } = await send();
      assert.equal(code, 429);
      assert.equal(
        message,
        `Too many requests: limit reached on type ${limit.type} for key ${key}`,
      );
      await api.loop.runUntil(api.loop.now() + second);
      assert.equal((await send()).code, 201);
    });
});
