import { goQuote } from '../../../../api/field.ts';
import type { Container, PodSpec, Probe, SELinuxOptions } from '../../../../api/types/coreV1.ts';
import {
  containersOf,
  inUserNamespace,
  namedContainers,
  plural,
  quoted,
  setters,
  sorted,
  type Check,
  type CheckPod,
  type Finding,
} from './check.ts';

// The checks of the level baseline. Models k8s.io/pod-security-admission/policy check_*.go.

const ALLOWED_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const APP_ARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';

const appArmor: CheckPod = (metadata, spec) => {
  const isBad = (type: string | undefined): boolean =>
    type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
  const podType = typeOf(spec.securityContext?.appArmorProfile);
  const bad = containersOf(spec).filter((it) => isBad(containerProfile(it)));
  const values = sorted([
    ...(isBad(podType) ? [podType ?? ''] : []),
    ...bad.map((it) => containerProfile(it) ?? ''),
  ]);
  const annotations = sorted(
    Object.entries(metadata.annotations ?? {})
      .filter(([key, value]) => key.startsWith(APP_ARMOR_PREFIX) && !isAllowedProfile(value))
      .map(([key, value]) => `${key}=${goQuote(value)}`),
  );
  const who = setters(
    isBad(podType),
    bad.map((it) => it.name),
    annotations.length ? plural('annotation', 'annotations', annotations.length) : '',
  );
  if (!who) return undefined;
  const all = [...values, ...annotations];
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', all.length),
    detail: `${who} must not set AppArmor profile type to ${quoted(all)}`,
  };
};

const typeOf = (profile: { type?: string } | undefined): string | undefined =>
  profile && (profile.type ?? '');
const containerProfile = (container: Container): string | undefined =>
  typeOf(container.securityContext?.appArmorProfile);
const isAllowedProfile = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

const capabilities: CheckPod = (_, spec) => {
  const added = (it: Container): string[] =>
    (it.securityContext?.capabilities?.add ?? []).filter((name) => !ALLOWED_CAPABILITIES.has(name));
  const bad = containersOf(spec).filter((it) => added(it).length);
  return found(
    bad,
    'non-default capabilities',
    (who) =>
      `${who} must not include ${quoted(sorted(bad.flatMap(added)))} in securityContext.capabilities.add`,
  );
};

const hostNamespaces: CheckPod = (_, spec) => {
  const set = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
  if (!set.length) return undefined;
  return { reason: 'host namespaces', detail: set.map((name) => `${name}=true`).join(', ') };
};

const hostPathVolumes: CheckPod = (_, spec) => {
  const bad = (spec.volumes ?? []).filter((volume) => volume.hostPath);
  if (!bad.length) return undefined;
  const names = bad.map((volume) => volume.name);
  return {
    reason: 'hostPath volumes',
    detail: `${plural('volume', 'volumes', bad.length)} ${quoted(names)}`,
  };
};

const hostPorts: CheckPod = (_, spec) => {
  const portsOf = (it: Container): string[] =>
    (it.ports ?? []).flatMap((port) => (port.hostPort ? [String(port.hostPort)] : []));
  const bad = containersOf(spec).filter((it) => portsOf(it).length);
  const ports = sorted(bad.flatMap(portsOf));
  return found(
    bad,
    'hostPort',
    (who) =>
      `${who} ${plural('uses', 'use', bad.length)} ${plural('hostPort', 'hostPorts', ports.length)} ${ports.join(', ')}`,
  );
};

const hostProbes: CheckPod = (_, spec) => {
  const hostsOf = (it: Container): string[] =>
    [
      it.livenessProbe,
      it.readinessProbe,
      it.startupProbe,
      it.lifecycle?.postStart,
      it.lifecycle?.preStop,
    ].flatMap(hostsOfHandler);
  const bad = containersOf(spec).filter((it) => hostsOf(it).length);
  const names = sorted(bad.map((it) => it.name));
  const hosts = sorted(bad.flatMap(hostsOf));
  if (!bad.length) return undefined;
  return {
    reason: 'probe or lifecycle host',
    detail: `${namedContainers(names)} ${plural('uses', 'use', names.length)} ${plural('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length)} ${quoted(hosts)}`,
  };
};

function hostsOfHandler(handler: Pick<Probe, 'httpGet' | 'tcpSocket'> | undefined): string[] {
  return [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''].filter(Boolean);
}

const privileged: CheckPod = (_, spec) =>
  found(
    containersOf(spec).filter((it) => it.securityContext?.privileged),
    'privileged',
    (who) => `${who} must not set securityContext.privileged=true`,
  );

export const procMount: CheckPod = (_, spec) => {
  const mountOf = (it: Container): string => it.securityContext?.procMount ?? 'Default';
  const bad = containersOf(spec).filter((it) => mountOf(it) !== 'Default');
  return found(
    bad,
    'procMount',
    (who) => `${who} must not set securityContext.procMount to ${quoted(sorted(bad.map(mountOf)))}`,
  );
};

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

function seLinux(allowed: readonly string[]): CheckPod {
  return (_, spec) => {
    const isBad = (options: SELinuxOptions | undefined): boolean =>
      options !== undefined &&
      (!allowed.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
    const ofPod = spec.securityContext?.seLinuxOptions;
    const bad = containersOf(spec).filter((it) => isBad(it.securityContext?.seLinuxOptions));
    const who = setters(
      isBad(ofPod),
      bad.map((it) => it.name),
    );
    if (!who) return undefined;
    const options = [ofPod, ...bad.map((it) => it.securityContext?.seLinuxOptions)];
    const types = sorted(
      options.flatMap((it) => (it && !allowed.includes(it.type ?? '') ? [it.type ?? ''] : [])),
    );
    const what = [
      types.length ? `${plural('type', 'types', types.length)} ${quoted(types)}` : '',
      options.some((it) => it?.user) ? 'user may not be set' : '',
      options.some((it) => it?.role) ? 'role may not be set' : '',
    ].filter(Boolean);
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    };
  };
}

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

const seccompAnnotations: CheckPod = ({ annotations = {} }, spec) => {
  const keys = [SECCOMP_POD, ...containersOf(spec).map((it) => SECCOMP_CONTAINER + it.name)];
  const bad = sorted(
    keys.flatMap((key) => {
      const value = annotations[key];
      return value === undefined || isAllowedSeccomp(value) ? [] : [`${key}=${goQuote(value)}`];
    }),
  );
  if (!bad.length) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', 'annotations', bad.length)} ${bad.join(', ')}`,
  };
};

const isAllowedSeccomp = (value: string): boolean =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');

/** What is said of profiles that are set and must not be: of baseline and restricted. */
export const seccompProfiles: CheckPod = (_, spec) => {
  const isBad = (type: string | undefined): boolean =>
    type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
  const ofPod = typeOf(spec.securityContext?.seccompProfile);
  const ofContainer = (it: Container): string | undefined =>
    typeOf(it.securityContext?.seccompProfile);
  const bad = containersOf(spec).filter((it) => isBad(ofContainer(it)));
  const who = setters(
    isBad(ofPod),
    bad.map((it) => it.name),
  );
  if (!who) return undefined;
  const types = sorted([
    ...(isBad(ofPod) ? [ofPod ?? ''] : []),
    ...bad.map((it) => ofContainer(it) ?? ''),
  ]);
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
};

const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports'];
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

const sysctls =
  (allowed: readonly string[]): CheckPod =>
  (_, spec) => {
    const bad = (spec.securityContext?.sysctls ?? [])
      .map(({ name }) => name)
      .filter((name) => !allowed.includes(name));
    return bad.length ? { reason: 'forbidden sysctls', detail: bad.join(', ') } : undefined;
  };

const hostProcess: CheckPod = (_, spec) => {
  const bad = containersOf(spec).filter((it) => it.securityContext?.windowsOptions?.hostProcess);
  const who = setters(
    spec.securityContext?.windowsOptions?.hostProcess === true,
    bad.map((it) => it.name),
  );
  return who
    ? {
        reason: 'hostProcess',
        detail: `${who} must not set securityContext.windowsOptions.hostProcess=true`,
      }
    : undefined;
};

function found(
  bad: readonly Container[],
  reason: string,
  detail: (who: string) => string,
): Finding | undefined {
  return bad.length
    ? { reason, detail: detail(namedContainers(bad.map((it) => it.name))) }
    : undefined;
}

/** The check, but not for pods in a user namespace of their own. */
export const unlessInUserNamespace =
  (check: CheckPod): CheckPod =>
  (metadata, spec: PodSpec) =>
    inUserNamespace(spec) ? undefined : check(metadata, spec);

const baseline = (id: string, ...versions: readonly [since: number, check: CheckPod][]): Check => ({
  id,
  level: 'baseline',
  versions: versions.map(([since, check]) => ({ since, check })),
});

export const baselineChecks: readonly Check[] = [
  baseline('appArmorProfile', [0, appArmor]),
  baseline('capabilities_baseline', [0, capabilities]),
  baseline('hostNamespaces', [0, hostNamespaces]),
  baseline('hostPathVolumes', [0, hostPathVolumes]),
  baseline('hostPorts', [0, hostPorts]),
  baseline('hostProbesAndHostLifecycle', [34, hostProbes]),
  baseline('privileged', [0, privileged]),
  baseline('procMount', [0, procMount], [35, unlessInUserNamespace(procMount)]),
  baseline(
    'seLinuxOptions',
    [0, seLinux(SELINUX_TYPES)],
    [31, seLinux([...SELINUX_TYPES, 'container_engine_t'])],
  ),
  baseline('seccompProfile_baseline', [0, seccompAnnotations], [19, seccompProfiles]),
  baseline(
    'sysctls',
    [0, sysctls(SYSCTLS)],
    [27, sysctls(SYSCTLS_27)],
    [29, sysctls(SYSCTLS_29)],
    [32, sysctls(SYSCTLS_32)],
  ),
  baseline('windowsHostProcess', [0, hostProcess]),
];
