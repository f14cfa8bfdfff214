import {
  fieldForbidden,
  fieldNotFound,
  invalid,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type { Container, Volume, VolumeDevice, VolumeMount } from '../../../../api/types/coreV1.ts';
import { each, must, oneOf, seenBefore, type Found, type Loose } from '../shared/checks.ts';
import { localPath, noBacksteps } from './paths.ts';

// Where containers find volumes. Models core/validation ValidateVolumeMounts and ValidateVolumeDevices.

export type Volumes = ReadonlyMap<string, Volume>;

export function validateMounts(
  container: Loose<Container>,
  volumes: Volumes,
  path: FieldPath,
): FieldError[] {
  const seen = seenBefore();
  const devices = container.volumeDevices ?? [];
  return each(container.volumeMounts, path, (mount, at) => {
    const { name = '', mountPath = '', subPath, subPathExpr } = mount;
    return [
      must(name, at.child('name')),
      !volumes.has(name ?? '') && fieldNotFound(at.child('name'), name),
      must(mountPath, at.child('mountPath')),
      seen(mountPath ?? '') && invalid(at.child('mountPath'), mountPath, 'must be unique'),
      devices.some((device) => device.name === name) &&
        invalid(at.child('name'), name, 'must not already exist in volumeDevices'),
      devices.some((device) => device.devicePath === mountPath) &&
        invalid(
          at.child('mountPath'),
          mountPath,
          'must not already exist as a path in volumeDevices',
        ),
      // From here on upstream names the list, not its item.
      subPath && localPath(subPath, path.child('subPath')),
      subPathExpr && [
        subPath &&
          invalid(
            at.child('subPathExpr'),
            subPathExpr,
            'subPathExpr and subPath are mutually exclusive',
          ),
        localPath(subPathExpr, path.child('subPathExpr')),
      ],
      validatePropagation(mount, container, path.child('mountPropagation')),
      validateRecursiveReadOnly(mount, path.child('recursiveReadOnly')),
    ];
  });
}

function validatePropagation(
  { mountPropagation: mode }: Loose<VolumeMount>,
  { securityContext }: Loose<Container>,
  path: FieldPath,
): Found {
  if (mode === undefined || mode === null) return undefined;
  return [
    oneOf(mode, ['Bidirectional', 'HostToContainer', 'None'], path),
    mode === 'Bidirectional' &&
      !securityContext?.privileged &&
      fieldForbidden(
        path,
        'Bidirectional mount propagation is available only to privileged containers',
      ),
  ];
}

function validateRecursiveReadOnly(mount: Loose<VolumeMount>, path: FieldPath): Found {
  const { recursiveReadOnly: mode, readOnly, mountPropagation } = mount;
  if (mode === undefined || mode === null || mode === 'Disabled') return undefined;
  if (mode !== 'Enabled' && mode !== 'IfPossible')
    return oneOf(mode, ['Disabled', 'Enabled', 'IfPossible'], path);
  return [
    !readOnly && fieldForbidden(path, 'may only be specified when readOnly is true'),
    (mountPropagation ?? 'None') !== 'None' &&
      fieldForbidden(path, 'may only be specified when mountPropagation is None or not specified'),
  ];
}

export function validateDevices(
  container: Loose<Container>,
  volumes: Volumes,
  path: FieldPath,
): FieldError[] {
  const names = new Set<string>();
  const paths = new Set<string>();
  const mounts = container.volumeMounts ?? [];
  return each(container.volumeDevices, path, (device: Loose<VolumeDevice>, at) => {
    const name = device.name ?? '';
    const devicePath = device.devicePath ?? '';
    const volume = volumes.get(name);
    const goesUp = noBacksteps(devicePath, path);
    const found = [
      must(name, at.child('name')),
      names.has(name) && invalid(at.child('name'), name, 'must be unique'),
      volume &&
        !volume.persistentVolumeClaim &&
        !volume.ephemeral &&
        invalid(
          at.child('name'),
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      !volume && fieldNotFound(at.child('name'), name),
      must(devicePath, at.child('devicePath')),
      paths.has(devicePath) && invalid(at.child('devicePath'), devicePath, 'must be unique'),
      goesUp && invalid(at.child('devicePath'), devicePath, "can not contain backsteps ('..')"),
      mounts.some((mount) => mount.name === name) &&
        invalid(at.child('name'), name, 'must not already exist in volumeMounts'),
      mounts.some((mount) => mount.mountPath === devicePath) &&
        invalid(
          at.child('devicePath'),
          devicePath,
          'must not already exist as a path in volumeMounts',
        ),
    ];
    if (!goesUp) paths.add(devicePath);
    if (name) names.add(name);
    return found;
  });
}
