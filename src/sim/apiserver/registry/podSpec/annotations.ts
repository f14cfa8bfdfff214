import {
  fieldForbidden,
  goQuote,
  invalid,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type { ObjectMeta } from '../../../../api/meta.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile } from '../../../../api/types/coreV1.ts';
import { all, type Found } from '../shared/checks.ts';
import { localPath } from './paths.ts';
import type { PodOptions } from './options.ts';
import { containersWithPaths } from './visit.ts';

// Annotations of pods that mean something. Models core/validation ValidatePodSpecificAnnotations.

type Annotations = Readonly<Record<string, string>> | null | undefined;

export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
export const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/';
const mirror = 'kubernetes.io/config.mirror';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';

export const isMirror = (meta: ObjectMeta): boolean => meta.annotations?.[mirror] !== undefined;

export function validatePodAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
  options: PodOptions,
): FieldError[] {
  const given = Object.entries(annotations ?? {});
  const pod = annotations?.[seccompPod];
  return all(
    annotations?.[mirror] !== undefined &&
      !spec.nodeName &&
      invalid(
        path.key(mirror),
        annotations[mirror],
        'must set spec.nodeName if mirror pod annotation is set',
      ),
    !options.badDeletionCost && validateDeletionCost(annotations, path),
    pod !== undefined && validateSeccompText(pod, path.child(seccompPod)),
    given.map(
      ([key, value]) =>
        key.startsWith(seccompPrefix) && validateSeccompText(value, path.child(key)),
    ),
    given.map(
      ([key, value]) =>
        key.startsWith(appArmorPrefix) && validateAppArmorText(key, value, spec, path),
    ),
  );
}

export function validateDeletionCost(annotations: Annotations, path: FieldPath): FieldError[] {
  const cost = annotations?.[deletionCost];
  if (cost === undefined) return [];
  const isNumber = /^(?:0|-\d+|[1-9]\d*)$/.test(cost) && Math.abs(Number(cost)) <= 2147483648;
  return isNumber && Number(cost) !== 2147483648
    ? []
    : [invalid(path.key(deletionCost), cost, 'must be a 32bit integer')];
}

function validateSeccompText(profile: string, path: FieldPath): Found {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return undefined;
  return profile.startsWith('localhost/')
    ? localPath(profile.slice('localhost/'.length), path)
    : invalid(path, profile, 'must be a valid seccomp profile');
}

function validateAppArmorText(key: string, profile: string, spec: PodSpec, path: FieldPath): Found {
  const container = key.slice(appArmorPrefix.length);
  const isKnown = containersWithPaths(spec, path).some(([{ name }]) => name === container);
  const isFine =
    ['', 'runtime/default', 'unconfined'].includes(profile) || profile.startsWith('localhost/');
  return [
    !isKnown && invalid(path.key(key), container, 'container not found'),
    !isFine &&
      invalid(path.key(key), profile, `invalid AppArmor profile name: ${goQuote(profile)}`),
  ];
}

/** Some of them can never change. Models ValidatePodSpecificAnnotationUpdates. */
export function validateAnnotationUpdate(
  now: Annotations,
  before: Annotations,
  path: FieldPath,
): FieldError[] {
  const changed = Object.entries(before ?? {}).filter(([key, value]) => now?.[key] !== value);
  const added = Object.keys(now ?? {}).filter((key) => before?.[key] === undefined);
  return all(
    changed.map(([key]) => [
      key.startsWith(appArmorPrefix) &&
        fieldForbidden(path.key(key), 'may not remove or update AppArmor annotations'),
      key === mirror &&
        fieldForbidden(path.key(key), 'may not remove or update mirror pod annotation'),
    ]),
    added.map((key) => [
      key.startsWith(appArmorPrefix) &&
        fieldForbidden(path.key(key), 'may not add AppArmor annotations'),
      key === mirror && fieldForbidden(path.key(key), 'may not add mirror pod annotation'),
    ]),
  );
}

/** What stands in an annotation and in a field must be the same. */
export function validateProfilesMatch(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
): FieldError[] {
  const pod = spec.securityContext;
  const containers = containersWithPaths(spec, path);
  return all(
    differing(
      'seccomp',
      annotations?.[seccompPod],
      pod?.seccompProfile,
      path.child('securityContext', 'seccompProfile'),
    ),
    containers.map(([{ name, securityContext }, at]) =>
      differing(
        'seccomp',
        annotations?.[seccompPrefix + name],
        securityContext?.seccompProfile,
        at.child('securityContext', 'seccompProfile'),
      ),
    ),
    spec.os?.name !== 'windows' &&
      containers.map(([{ name, securityContext }, at]) =>
        differing(
          'apparmor',
          annotations?.[appArmorPrefix + name],
          securityContext?.appArmorProfile ?? pod?.appArmorProfile,
          at.child('securityContext', 'appArmorProfile'),
        ),
      ),
  );
}

function differing(
  what: 'seccomp' | 'apparmor',
  annotation: string | undefined,
  profile: SeccompProfile | AppArmorProfile | undefined,
  path: FieldPath,
): Found {
  if (annotation === undefined || !profile) return undefined;
  const type = fieldForbidden(
    path.child('type'),
    `${what} type in annotation and field must match`,
  );
  const defaults = what === 'seccomp' ? ['runtime/default', 'docker/default'] : ['runtime/default'];
  switch (profile.type as string) {
    case 'Unconfined':
      return annotation !== 'unconfined' && type;
    case 'RuntimeDefault':
      return !defaults.includes(annotation) && type;
    case 'Localhost':
      if (!annotation.startsWith('localhost/')) return type;
      return (
        annotation.slice('localhost/'.length) !== profile.localhostProfile &&
        fieldForbidden(
          path.child('localhostProfile'),
          `${what} profile in annotation and field must match`,
        )
      );
    default:
      return undefined;
  }
}
