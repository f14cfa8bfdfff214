import {
  duplicate,
  fieldForbidden,
  invalid,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type { PodSpec } from '../../../../api/types/coreV1.ts';
import { all, each, mayBeOneOf, oneOf, unixId, type Found } from '../shared/checks.ts';
import {
  disallowed,
  validateAppArmor,
  validateSeccomp,
  validateWindowsOptions,
} from './containerSecurity.ts';
import type { PodOptions } from './options.ts';
import { containersWithPaths } from './visit.ts';

// What a pod as a whole may do on its node. Models core/validation validatePodSpecSecurityContext and what is around it.

export function validatePodSecurityContext(
  spec: PodSpec,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  const { securityContext: context, hostPID, shareProcessNamespace } = spec;
  return all(
    unixId(context?.fsGroup, path.child('fsGroup')),
    unixId(context?.runAsUser, path.child('runAsUser')),
    unixId(context?.runAsGroup, path.child('runAsGroup')),
    each(context?.supplementalGroups, path.child('supplementalGroups'), unixId),
    shareProcessNamespace &&
      hostPID &&
      invalid(
        path.child('shareProcessNamespace'),
        true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    validateSysctls(spec, path.child('sysctls'), options),
    mayBeOneOf(
      context?.fsGroupChangePolicy,
      ['Always', 'OnRootMismatch'],
      path.child('fsGroupChangePolicy'),
    ),
    validateSeccomp(context?.seccompProfile, path.child('seccompProfile')),
    validateWindowsOptions(context?.windowsOptions, path.child('windowsOptions')),
    validateAppArmor(context?.appArmorProfile, path.child('appArmorProfile')),
    mayBeOneOf(
      context?.supplementalGroupsPolicy,
      ['Merge', 'Strict'],
      path.child('supplementalGroupsPolicy'),
    ),
    mayBeOneOf(
      context?.seLinuxChangePolicy,
      options.anySeLinuxChangePolicy ? ['MountOption', 'Recursive'] : ['Recursive'],
      path.child('seLinuxChangePolicy'),
    ),
  );
}

const sysctlPart = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlPattern = `^(${sysctlPart}[\\./])*${sysctlPart}$`;
const sysctlName = new RegExp(sysctlPattern);

function validateSysctls(spec: PodSpec, path: FieldPath, options: PodOptions): FieldError[] {
  const names = new Set<string>();
  return each(spec.securityContext?.sysctls, path, ({ name }, at) => {
    const isDouble = names.has(name);
    names.add(name);
    const place = at.child('name');
    const problem = options.hostSysctls ? undefined : isHostSysctl(name, spec);
    return [
      !name
        ? required(place)
        : name.length > 253 || !sysctlName.test(name)
          ? invalid(
              place,
              name,
              `must have at most 253 characters and match regex ${sysctlPattern}`,
            )
          : isDouble && duplicate(place, name),
      problem !== undefined && invalid(place, name, problem),
    ];
  });
}

const ipcSysctls =
  /^kernel\.(?:sem|shmall|shmmax|shmmni|shm_rmid_forced|shm|msgmax|msgmnb|msgmni|msg)$|^fs\.mqueue\./;

/** Why a pod that shares a namespace of its node may not set a sysctl of it. Models ValidateHostSysctl. */
export function isHostSysctl(sysctl: string, spec: PodSpec): string | undefined {
  const firstSeparator = /[./]/.exec(sysctl)?.[0];
  // With slashes first, slashes separate and dots don't.
  const name =
    firstSeparator === '/' ? sysctl.replace(/[./]/g, (char) => (char === '/' ? '.' : '/')) : sysctl;
  const plain = name.split('*', 1)[0] ?? '';
  if (spec.hostNetwork && plain.startsWith('net.'))
    return "may not be specified when 'hostNetwork' is true";
  if (spec.hostIPC && ipcSysctls.test(plain)) return "may not be specified when 'hostIPC' is true";
  return undefined;
}

export function validateHostUsers(
  spec: PodSpec,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const refuse = (at: FieldPath): FieldError => fieldForbidden(at, 'when `hostUsers` is false');
  return all(
    !options.userNamespacesWithHostNetwork && spec.hostNetwork && refuse(path.child('hostNetwork')),
    spec.hostPID && refuse(path.child('HostPID')),
    spec.hostIPC && refuse(path.child('HostIPC')),
    !options.userNamespacesWithDevices &&
      containersWithPaths(spec, path).map(
        ([container, at]) => container.volumeDevices?.length && refuse(at.child('volumeDevices')),
      ),
  );
}

/** Containers of Windows that are processes of the node: all or none, on its network. */
export function validateHostProcess(spec: PodSpec, path: FieldPath): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = containersWithPaths(spec, path);
  let count = 0;
  const differing = containers.map(([container, at]): Found => {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (own ?? ofPod) count++;
    return (
      ofPod !== undefined &&
      own !== undefined &&
      ofPod !== own &&
      invalid(
        at.child('securityContext', 'windowsOptions', 'hostProcess'),
        own,
        `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
      )
    );
  });
  return all(
    differing,
    count > 0 && [
      count !== containers.length &&
        invalid(
          path,
          '',
          'If pod contains any hostProcess containers then all containers must be HostProcess containers',
        ),
      !spec.hostNetwork &&
        invalid(
          path.child('hostNetwork'),
          false,
          'hostNetwork must be true if pod contains any hostProcess containers',
        ),
      disallowed(path, 'hostProcess containers are '),
    ],
  );
}

const ofLinux = {
  pod: [
    'securityContext.appArmorProfile',
    'securityContext.seLinuxOptions',
    'hostUsers',
    'hostPID',
    'hostIPC',
    'securityContext.seccompProfile',
    'securityContext.fsGroup',
    'securityContext.fsGroupChangePolicy',
    'securityContext.sysctls',
    'shareProcessNamespace',
    'securityContext.runAsUser',
    'securityContext.runAsGroup',
    'securityContext.supplementalGroups',
    'securityContext.supplementalGroupsPolicy',
    'securityContext.seLinuxChangePolicy',
  ],
  container: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'capabilities',
    'readOnlyRootFilesystem',
    'privileged',
    'allowPrivilegeEscalation',
    'procMount',
    'runAsUser',
    'runAsGroup',
  ],
};

/** Fields of the other operating system may not be set. Models validateOS, validateLinux and validateWindows. */
export function validateOs(spec: PodSpec, path: FieldPath): FieldError[] {
  const { os, securityContext } = spec;
  if (!os) return [];
  if (!os.name) return [required(path.child('os', 'name'))];
  if (os.name === 'linux') {
    const windows = (at: FieldPath): FieldError =>
      fieldForbidden(at.child('windowsOptions'), 'windows options cannot be set for a linux pod');
    return all(
      securityContext?.windowsOptions && windows(path.child('securityContext')),
      containersWithPaths(spec, path).map(
        ([container, at]) =>
          container.securityContext?.windowsOptions && windows(at.child('securityContext')),
      ),
    );
  }
  if (os.name !== 'windows') return all(oneOf(os.name, ['linux', 'windows'], path.child('os')));
  const refuse = (at: FieldPath): FieldError =>
    fieldForbidden(at, 'cannot be set for a windows pod');
  return all(
    ofLinux.pod.map((name) => isSet(spec, name) && refuse(path.child(name))),
    containersWithPaths(spec, path).map(([container, at]) =>
      ofLinux.container.map(
        (name) =>
          container.securityContext &&
          isSet(container.securityContext, name) &&
          refuse(at.child('securityContext', name)),
      ),
    ),
  );
}

/** Whether a field is there; of `hostPID` and `hostIPC` whether it is true, of sysctls whether there are any. */
function isSet(object: object, name: string): boolean {
  let value: unknown = object;
  for (const part of name.split('.'))
    value = (value as Record<string, unknown> | undefined)?.[part];
  if (name === 'hostPID' || name === 'hostIPC') return value === true;
  if (name === 'securityContext.sysctls') return Array.isArray(value) && value.length > 0;
  return value !== undefined && value !== null;
}
