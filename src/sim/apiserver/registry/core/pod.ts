import { FieldPath, fieldForbidden, type FieldError } from '../../../../api/field.ts';
import { clone, equal } from '../../../../api/meta.ts';
import type { Container, Pod, PodSpec } from '../../../../api/types/coreV1.ts';
import { formatTime } from '../../../../base/time.ts';
import { validatePodAnnotations, validateProfilesMatch } from '../podSpec/annotations.ts';
import { validateImageSpaces } from '../podSpec/containers.ts';
import { defaultPod, defaultPodSpec, dropOldAnnotations } from '../podSpec/defaults.ts';
import { optionsFor, podOptions, type PodOptions } from '../podSpec/options.ts';
import { validatePodSpec } from '../podSpec/podSpec.ts';
import {
  applyAppArmorAnnotations,
  applyLabelKeys,
  dropDisabledFields,
} from '../podSpec/prepare.ts';
import { qosClassOf } from '../podSpec/qos.ts';
import { podWarnings } from '../podSpec/warnings.ts';
import { all, each } from '../shared/checks.ts';
import { ipWarnings } from '../shared/ip.ts';
import { nameRules } from '../shared/names.ts';
import { nameWarnings } from '../shared/nameWarnings.ts';
import { setOrDelete } from '../shared/setOrDelete.ts';
import type { Strategy } from '../strategy.ts';
import { validateEphemeralUpdate, validatePodUpdate, validateResize } from './podUpdate.ts';
import {
  dropDisabledStatus,
  keepObservedGenerations,
  mirrorPodIp,
  validatePodStatus,
} from './podStatus.ts';

const specPath = FieldPath.of('spec');
const status = FieldPath.of('status');

/** Models kubernetes/pkg/registry/core/pod strategy and its validation. */
export const podStrategy: Strategy<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  validateName: nameRules.subdomain,
  metaOnUpdate: ['update', 'create'],
  default_(pod) {
    pod.spec ??= { containers: [] };
    defaultPod(pod.spec);
    defaultPodSpec(pod.spec);
    dropOldAnnotations(pod.metadata);
    mirrorPodIp(pod);
    const { terminationGracePeriodSeconds: seconds = 0 } = pod.spec;
    if (seconds < 0) pod.spec.terminationGracePeriodSeconds = 1;
  },
  prepareForCreate(pod, { now, warn }) {
    const spec = (pod.spec ??= {} as PodSpec);
    pod.metadata.generation = 1;
    pod.status = { phase: 'Pending', qosClass: pod.status?.qosClass ?? qosClassOf(spec) };
    dropDisabledFields(spec);
    if (spec.schedulingGates?.length)
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          lastProbeTime: null as never, // A struct in Go, which is never left out.
          lastTransitionTime: formatTime(now),
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ];
    applyLabelKeys(spec, pod.metadata);
    applyAppArmorAnnotations(spec, pod.metadata, warn);
  },
  validate: (pod) => {
    const spec = specOf(pod);
    return all(
      validatePodAndSpec(pod, podOptions),
      spec.ephemeralContainers?.length &&
        fieldForbidden(specPath.child('ephemeralContainers'), 'cannot be set on create'),
      spec.nodeName &&
        spec.schedulingGates?.length &&
        fieldForbidden(
          specPath.child('nodeName'),
          'cannot be set until all schedulingGates have been cleared',
        ),
      validateProfilesMatch(pod.metadata.annotations, spec, specPath),
    );
  },
  warningsOnCreate: ({ metadata, spec }) => [
    ...nameWarnings(metadata.name, "the Pod's hostname"),
    ...podWarnings(spec, metadata, FieldPath.root, undefined),
  ],
  prepareForUpdate(pod, old) {
    setOrDelete(pod, 'status', old.status);
    dropDisabledFields(pod.spec, old.spec);
    countGeneration(pod, old);
  },
  validateUpdate: (pod, old) => {
    const options = optionsFor(true, old.spec, old.metadata);
    return all(validatePodAndSpec(pod, options), validatePodUpdate(pod, old, options));
  },
  subresources: {
    status: {
      prepareForUpdate(pod, old) {
        setOrDelete(pod, 'spec', old.spec);
        setOrDelete(pod.metadata, 'deletionTimestamp', old.metadata.deletionTimestamp);
        setOrDelete(pod.metadata, 'ownerReferences', old.metadata.ownerReferences);
        setOrDelete(pod.metadata, 'generation', old.metadata.generation);
        pod.status ??= {};
        if (!pod.status.qosClass) setOrDelete(pod.status, 'qosClass', old.status?.qosClass);
        keepObservedGenerations(pod, old);
        dropDisabledStatus(pod.status, old.status);
      },
      validateUpdate: (pod, old) => validatePodStatus(pod, old),
      warningsOnUpdate: (pod) => [
        ...(pod.status?.podIPs ?? []).flatMap(({ ip }, index) =>
          ipWarnings(status.child('podIPs').index(index).child('ip'), ip),
        ),
        ...(pod.status?.hostIPs ?? []).flatMap(({ ip }, index) =>
          ipWarnings(status.child('hostIPs').index(index).child('ip'), ip),
        ),
      ],
    },
    ephemeralcontainers: {
      metaOnUpdate: ['update', 'create'],
      prepareForUpdate(pod, old) {
        const { ephemeralContainers } = specOf(pod);
        keepAllBut(pod, old, () => ({ ephemeralContainers }));
        dropDisabledFields(pod.spec, old.spec);
        countGeneration(pod, old);
      },
      validateUpdate: (pod, old) => {
        const options = optionsFor(true, old.spec, old.metadata);
        return validateEphemeralUpdate(pod, old, validatePodAndSpec(pod, options), options);
      },
    },
    resize: {
      metaOnUpdate: ['update', 'create'],
      prepareForUpdate(pod, old) {
        keepButResources(pod, old);
        dropDisabledFields(pod.spec, old.spec);
        countGeneration(pod, old);
      },
      validateUpdate: (pod, old) => {
        const options = optionsFor(true, old.spec, old.metadata);
        return validateResize(pod, old, validatePodAndSpec(pod, options));
      },
    },
  },
  selectableFields: ({ spec, status: own }) => ({
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.restartPolicy': spec?.restartPolicy ?? '',
    'spec.schedulerName': spec?.schedulerName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec?.hostNetwork ?? false),
    'status.phase': own?.phase ?? '',
    'status.podIP': own?.podIP ?? '',
    'status.nominatedNodeName': own?.nominatedNodeName ?? '',
  }),
  gracePeriodSeconds({ spec, status: own }, requested) {
    const isOver = own?.phase === 'Failed' || own?.phase === 'Succeeded';
    // What no node has is gone at once.
    if (!spec?.nodeName || isOver) return 0;
    const period = requested ?? spec.terminationGracePeriodSeconds ?? 30;
    return period < 0 ? 1 : period;
  },
};

const specOf = (pod: Pod): PodSpec => pod.spec ?? ({} as PodSpec);

/** Models validatePodMetadataAndSpec; metadata itself is the registry's. */
function validatePodAndSpec(pod: Pod, options: PodOptions): FieldError[] {
  const spec = specOf(pod);
  const { metadata } = pod;
  return all(
    validatePodAnnotations(
      metadata.annotations,
      spec,
      FieldPath.of('metadata', 'annotations'),
      options,
    ),
    validatePodSpec(spec, metadata, specPath, options),
    !spec.serviceAccountName &&
      each(spec.volumes, specPath.child('volumes'), ({ projected }, at) =>
        each(
          projected?.sources,
          at.child('projected', 'sources'),
          ({ serviceAccountToken }, place) =>
            serviceAccountToken &&
            fieldForbidden(
              place.child('serviceAccountToken'),
              'must not be specified when serviceAccountName is not set',
            ),
        ),
      ),
    each(spec.containers as Container[] | null, specPath.child('containers'), validateImageSpaces),
    each(spec.initContainers, specPath.child('initContainers'), validateImageSpaces),
  );
}

function countGeneration(pod: Pod, old: Pod): void {
  const before = old.metadata.generation ?? 0;
  const generation = equal(pod.spec, old.spec) ? before : before + 1;
  setOrDelete(pod.metadata, 'generation', generation || undefined);
}

/** All is as it was but what the subresource writes. Models ResetObjectMetaForStatus with the spec and status of before. */
function keepAllBut(pod: Pod, old: Pod, written: () => object): void {
  const spec = { ...clone(specOf(old)), ...written() };
  for (const key of Object.keys(spec) as (keyof PodSpec)[])
    if (spec[key] === undefined) delete spec[key];
  pod.spec = spec;
  setOrDelete(pod, 'status', old.status);
  for (const key of [
    'deletionTimestamp',
    'generation',
    'labels',
    'annotations',
    'finalizers',
    'ownerReferences',
  ] as const)
    setOrDelete(pod.metadata, key, old.metadata[key] as never);
}

/** Containers keep all but resources and resize policies, as long as they are the same containers. */
function keepButResources(pod: Pod, old: Pod): void {
  const spec = specOf(pod);
  const before = specOf(old);
  const differs =
    (spec.containers as Container[] | null)?.length !== before.containers.length ||
    (spec.initContainers?.length ?? 0) !== (before.initContainers?.length ?? 0);
  if (differs) return;
  const merge = (now: readonly Container[], then: readonly Container[]): Container[] =>
    now.some(({ name }, index) => then[index]?.name !== name)
      ? [...now]
      : now.map(({ resources, resizePolicy }, index) => {
          const merged = clone(then[index] as Container);
          setOrDelete(merged, 'resources', resources);
          setOrDelete(merged, 'resizePolicy', resizePolicy);
          return merged;
        });
  const containers = merge(spec.containers, before.containers);
  const initContainers =
    spec.initContainers && merge(spec.initContainers, before.initContainers ?? []);
  const { resources } = spec;
  keepAllBut(pod, old, () => ({
    containers,
    ...(initContainers && { initContainers }),
    resources,
  }));
}
