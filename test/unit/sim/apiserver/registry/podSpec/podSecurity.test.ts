import { refusedCreations } from '../../../../../support/refusals.ts';

describe('security', () => {
  const kind = {
    url: '/api/v1/namespaces/default/pods',
    valid: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'c', image: 'nginx:1.27' }],
        automountServiceAccountToken: false,
      },
    },
  };

  refusedCreations(kind, [
    [
      '/spec/securityContext',
      { runAsUser: -1 },
      'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
    [
      '/spec/securityContext',
      { fsGroup: 4294967296, runAsGroup: -5 },
      'spec.securityContext.fsGroup: Invalid value: 4294967296: must be between 0 and 2147483647, inclusive',
      'spec.securityContext.runAsGroup: Invalid value: -5: must be between 0 and 2147483647, inclusive',
    ],
    [
      '/spec/securityContext',
      { supplementalGroups: [-1] },
      'spec.securityContext.supplementalGroups[0]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
    [
      '/spec/securityContext',
      { supplementalGroupsPolicy: 'X' },
      'spec.securityContext.supplementalGroupsPolicy: Unsupported value: "X": supported values: "Merge", "Strict"',
    ],
    [
      '/spec/securityContext',
      { fsGroupChangePolicy: 'X' },
      'spec.securityContext.fsGroupChangePolicy: Unsupported value: "X": supported values: "Always", "OnRootMismatch"',
    ],
    [
      '/spec/securityContext',
      { sysctls: [{ name: 'A', value: '' }] },
      'spec.securityContext.sysctls[0].name: Invalid value: "A": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
    ],
    [
      '/spec/securityContext',
      {
        sysctls: [
          { name: 'a', value: '' },
          { name: 'a', value: '' },
        ],
      },
      'spec.securityContext.sysctls[1].name: Duplicate value: "a"',
    ],
    [
      '/spec/securityContext',
      { seccompProfile: { type: 'Localhost' } },
      'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
    ],
    [
      '/spec/securityContext',
      { seccompProfile: { type: 'X' } },
      'spec.securityContext.seccompProfile.type: Unsupported value: "X": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
    ],
    [
      '/spec/securityContext',
      { seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'x' } },
      'spec.securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"RuntimeDefault","LocalhostProfile":"x"}: can only be set when seccomp type is Localhost',
    ],
    [
      '/spec/securityContext',
      { appArmorProfile: { type: 'Localhost' } },
      'spec.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost',
    ],
    [
      '/spec/securityContext',
      { windowsOptions: { gmsaCredentialSpecName: 'A B' } },
      "spec.securityContext.windowsOptions.gmsaCredentialSpecName: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [
      '/spec/securityContext',
      { windowsOptions: { runAsUserName: '' } },
      'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string',
    ],
    [
      '/spec/securityContext',
      { windowsOptions: { hostProcess: true } },
      'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
      'spec: Forbidden: hostProcess containers are disallowed by cluster policy',
    ],
    [
      '/spec/containers/0/securityContext',
      { privileged: true },
      'spec.containers[0].securityContext.privileged: Forbidden: disallowed by cluster policy',
    ],
    [
      '/spec/containers/0/securityContext',
      { procMount: 'X' },
      'spec.containers[0].securityContext.procMount: Unsupported value: "X": supported values: "Default", "Unmasked"',
    ],
    [
      '/spec/containers/0/securityContext',
      { procMount: 'Unmasked' },
      'spec.containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
    ],
    [
      '/spec/containers/0/securityContext',
      { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } },
      'spec.containers[0].securityContext: Invalid value: {"Capabilities":{"Add":["CAP_SYS_ADMIN"],"Drop":null},"Privileged":null,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
    ],
    ['/spec/os', { name: 'windows' }],
    [
      '/spec/os',
      { name: 'plan9' },
      'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"',
    ],
    ['/spec/hostUsers', false],
    ['/spec/shareProcessNamespace', true],
  ]);
});
