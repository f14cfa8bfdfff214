import assert from 'node:assert/strict';
import type { ObjectMeta } from '../../../../../src/api/meta.ts';
import type { PodSpec, SecurityContext } from '../../../../../src/api/types/coreV1.ts';
import {
  detailText,
  evaluatePod,
} from '../../../../../src/sim/apiserver/admission/podSecurity/evaluate.ts';
import {
  levelText,
  policyOf,
  type Level,
} from '../../../../../src/sim/apiserver/admission/podSecurity/policy.ts';
import { pod, TestApi } from '../../../../support/testApi.ts';

const good: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

function check(
  level: `${Level}:${string}`,
  spec: Partial<PodSpec>,
  expected: string,
  metadata: ObjectMeta = {},
): void {
  it(`${level} ${JSON.stringify(spec)}`, () => {
    const [name, version] = level.split(':') as [Level, string];
    const containers = [{ name: 'c', image: 'i', securityContext: good }];
    const found = evaluatePod({ level: name, version }, metadata, { containers, ...spec });
    assert.equal(detailText(found), expected);
  });
}

const container = (securityContext: object, more: object = {}): Partial<PodSpec> => ({
  containers: [
    { name: 'c', image: 'i', securityContext: { ...good, ...securityContext }, ...more },
  ],
});

describe('PodSecurity checks', () => {
  check('restricted:latest', {}, '');
  check('privileged:latest', { hostPID: true }, '');
  check(
    'baseline:latest',
    { hostPID: true, hostNetwork: true },
    'host namespaces (hostNetwork=true, hostPID=true)',
  );
  check(
    'baseline:latest',
    { volumes: [{ name: 'a', hostPath: { path: '/' } }] },
    'hostPath volumes (volume "a")',
  );
  check(
    'restricted:latest',
    { volumes: [{ name: 'a', hostPath: { path: '/' } }, { name: 'b' }] },
    'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "unknown")',
  );
  check(
    'baseline:latest',
    container(
      {},
      {
        ports: [
          { containerPort: 1, hostPort: 9 },
          { containerPort: 2, hostPort: 80 },
        ],
      },
    ),
    'hostPort (container "c" uses hostPorts 80, 9)',
  );
  const probe = container({}, { livenessProbe: { httpGet: { host: 'h', port: 1 } } });
  check(
    'baseline:latest',
    probe,
    'probe or lifecycle host (container "c" uses probe or lifecycle host "h")',
  );
  check('baseline:v1.33', probe, '');
  check(
    'baseline:latest',
    container({ capabilities: { add: ['SYS_ADMIN', 'NET_RAW'] } }),
    'non-default capabilities (container "c" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
  );
  check(
    'restricted:latest',
    container({ capabilities: { add: ['CHOWN'] } }),
    'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; container "c" must not include "CHOWN" in securityContext.capabilities.add)',
  );
  check('restricted:v1.21', container({ capabilities: { add: ['CHOWN'] } }), '');
  const engine = container({ seLinuxOptions: { type: 'container_engine_t', user: 'u' } });
  check(
    'baseline:latest',
    engine,
    'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: user may not be set)',
  );
  check(
    'baseline:v1.30',
    engine,
    'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "container_engine_t"; user may not be set)',
  );
  const unset = { runAsNonRoot: undefined };
  const user = { ...container({ runAsUser: 0, ...unset }), hostUsers: false };
  check('restricted:latest', user, '');
  check(
    'restricted:v1.34',
    user,
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), runAsUser=0 (container "c" must not set runAsUser=0)',
  );
  check(
    'baseline:v1.26',
    { securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports', value: '1' }] } },
    'forbidden sysctls (net.ipv4.ip_local_reserved_ports)',
  );
  check(
    'baseline:v1.18',
    {},
    'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' } },
  );
  check(
    'baseline:latest',
    { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/c="unconfined"")',
    { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' } },
  );
});

describe('PodSecurity labels', () => {
  const prefix = 'pod-security.kubernetes.io/';
  for (const [labels, expected, errors] of [
    [{}, 'privileged:latest privileged:latest privileged:latest', 0],
    [{ enforce: 'baseline' }, 'baseline:latest privileged:latest baseline:latest', 0],
    [
      { enforce: 'restricted', 'enforce-version': 'v1.24', warn: 'baseline' },
      'restricted:v1.24 privileged:latest baseline:latest',
      0,
    ],
    [{ enforce: 'strict' }, 'restricted:latest privileged:latest privileged:latest', 1],
    [
      { audit: 'x', 'warn-version': '1.2' },
      'privileged:latest privileged:latest privileged:latest',
      2,
    ],
  ] as const)
    it(JSON.stringify(labels), () => {
      const named = Object.entries(labels).map(([key, value]) => [prefix + key, value]);
      const { policy, errors: found } = policyOf(
        Object.fromEntries(named) as Record<string, string>,
      );
      const { enforce, audit, warn } = policy;
      assert.equal([enforce, audit, warn].map(levelText).join(' '), expected);
      assert.equal(found.length, errors);
    });

  it('warns of the Pods that a stricter level would refuse', async () => {
    const api = await TestApi.boot();
    const path = '/api/v1/namespaces';
    const ns = (labels: object): object => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'n', labels },
    });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await api.send('POST', path, ns({}));
    await api.send('POST', `${path}/n/serviceaccounts`, account);
    for (const name of ['b', 'a'])
      await api.send('POST', `${path}/n/pods`, pod(name, { hostPID: true }));
    const { headers } = await api.send(
      'PUT',
      `${path}/n`,
      ns({ [`${prefix}enforce`]: 'baseline' }),
    );
    assert.deepEqual(headers['warning'], [
      '299 - "existing pods in namespace \\"n\\" violate the new PodSecurity enforce level \\"baseline:latest\\""',
      '299 - "a (and 1 other pod): host namespaces"',
    ]);
    const { code, body } = await api.send('POST', `${path}/n/pods`, pod('c', { hostPID: true }));
    assert.deepEqual(
      [code, body['message']],
      [
        403,
        'pods "c" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
      ],
    );
  });
});
