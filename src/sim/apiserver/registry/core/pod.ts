import { FieldPath, fieldForbidden, invalid, type FieldError } from '../../../../api/field.ts';
import { clone, equal } from '../../../../api/meta.ts';
import type { Container, Pod, PodSpec } from '../../../../api/types/coreV1.ts';
import { parseQuantity, compareQuantities } from '../../../../api/quantity.ts';
import { defaultPod, defaultPodSpec } from '../podSpec/defaults.ts';
import { validatePodSpec } from '../podSpec/podSpec.ts';
import { nameRules } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';
import { podWarnings } from '../podSpec/warnings.ts';

const specPath = FieldPath.of('spec');

/** Models kubernetes/pkg/registry/core/pod strategy and its validation. */
export const podStrategy: Strategy<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  validateName: nameRules.subdomain,
  default_(pod) {
    pod.spec ??= {} as PodSpec;
    defaultPod(pod.spec);
    defaultPodSpec(pod.spec);
  },
  prepareForCreate(pod) {
    pod.metadata.generation = 1;
    pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec) };
    if (pod.spec?.schedulingGates?.length)
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ];
  },
  validate: (pod) => validatePodSpec(pod.spec ?? ({} as PodSpec), specPath),
  warningsOnCreate: (pod) =>
    podWarnings(pod.spec, pod.metadata, specPath, FieldPath.of('metadata')),
  prepareForUpdate(pod, old) {
    pod.metadata.generation = old.metadata.generation ?? 1;
    if (!equal(pod.spec, old.spec)) pod.metadata.generation++;
    if (old.status === undefined) delete pod.status;
    else pod.status = old.status;
  },
  validateUpdate: (pod, old) => validateSpecUpdate(pod, old),
  subresources: {
    status: {
      prepareForUpdate(pod, old) {
        if (old.spec !== undefined) pod.spec = old.spec;
        delete pod.metadata.deletionTimestamp;
        if (old.metadata.deletionTimestamp !== undefined)
          pod.metadata.deletionTimestamp = old.metadata.deletionTimestamp;
        if (old.metadata.ownerReferences)
          pod.metadata.ownerReferences = old.metadata.ownerReferences;
        else delete pod.metadata.ownerReferences;
        if (old.metadata.generation !== undefined)
          pod.metadata.generation = old.metadata.generation;
        pod.status ??= {};
        if (old.status?.qosClass) pod.status.qosClass = old.status.qosClass;
      },
    },
    ephemeralcontainers: {
      prepareForUpdate(pod, old) {
        const { ephemeralContainers } = pod.spec ?? ({} as PodSpec);
        const spec = clone(old.spec ?? ({} as PodSpec));
        if (ephemeralContainers) spec.ephemeralContainers = ephemeralContainers;
        pod.spec = spec;
        if (old.status) pod.status = old.status;
        pod.metadata.generation = (old.metadata.generation ?? 0) + (equal(spec, old.spec) ? 0 : 1);
      },
    },
    resize: {
      prepareForUpdate(pod, old) {
        if (old.status) pod.status = old.status;
        pod.metadata.generation =
          (old.metadata.generation ?? 0) + (equal(pod.spec, old.spec) ? 0 : 1);
      },
    },
  },
  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.restartPolicy': spec?.restartPolicy ?? '',
    'spec.schedulerName': spec?.schedulerName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec?.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  }),
  gracePeriodSeconds({ spec, status }, requested) {
    const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded';
    // What no node has is gone at once.
    if (!spec?.nodeName || isOver) return 0;
    const period = requested ?? spec.terminationGracePeriodSeconds ?? 30;
    return period < 0 ? 1 : period;
  },
};

/** Models ComputePodQOS. */
export function qosClassOf(spec: PodSpec | undefined): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [
    ...((spec?.containers as Container[] | null | undefined) ?? []),
    ...(spec?.initContainers ?? []),
  ];
  let any = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    const positive = (list: Readonly<Record<string, string>> | undefined, name: string) =>
      list?.[name] !== undefined && parseQuantity(list[name]).nanos > 0n;
    for (const name of ['cpu', 'memory']) {
      const limit = positive(resources?.limits, name);
      const request = positive(resources?.requests, name);
      if (limit || request) any = true;
      const isEqual =
        limit &&
        resources?.limits?.[name] !== undefined &&
        (resources.requests?.[name] === undefined ||
          compareQuantities(
            parseQuantity(resources.limits[name]),
            parseQuantity(resources.requests[name]),
          ) === 0);
      if (!isEqual) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const mutable =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Models ValidatePodUpdate: little of a pod can change. */
function validateSpecUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const spec = pod.spec ?? ({} as PodSpec);
  const before = old.spec ?? ({} as PodSpec);
  if (spec.containers.length !== before.containers.length)
    return [
      fieldForbidden(specPath.child('containers'), 'pod updates may not add or remove containers'),
    ];
  if ((spec.initContainers?.length ?? 0) !== (before.initContainers?.length ?? 0))
    return [
      fieldForbidden(
        specPath.child('initContainers'),
        'pod updates may not add or remove containers',
      ),
    ];
  const munged = clone(spec);
  munged.containers.forEach((container, index) =>
    assign(container, 'image', before.containers[index]?.image),
  );
  munged.initContainers?.forEach((container, index) =>
    assign(container, 'image', before.initContainers?.[index]?.image),
  );
  assign(munged, 'activeDeadlineSeconds', before.activeDeadlineSeconds);
  assign(munged, 'tolerations', before.tolerations);
  if (before.schedulingGates?.length) {
    const gates = new Set(before.schedulingGates.map(({ name }) => name));
    spec.schedulingGates?.forEach(({ name }, index) => {
      if (!gates.has(name))
        errors.push(
          fieldForbidden(
            specPath.child('schedulingGates').index(index),
            'only deletion is allowed, but found new scheduling gate',
          ),
        );
    });
    munged.schedulingGates = before.schedulingGates;
    assign(munged, 'nodeSelector', before.nodeSelector);
    assign(munged, 'affinity', before.affinity);
  }
  const kept = (before.tolerations ?? []).every((toleration) =>
    spec.tolerations?.some((other) =>
      equal({ ...other, tolerationSeconds: 0 }, { ...toleration, tolerationSeconds: 0 }),
    ),
  );
  if (!kept)
    errors.push(
      fieldForbidden(
        specPath.child('tolerations'),
        'existing toleration can not be modified except its tolerationSeconds',
      ),
    );
  if (
    spec.activeDeadlineSeconds !== undefined &&
    before.activeDeadlineSeconds !== undefined &&
    spec.activeDeadlineSeconds > before.activeDeadlineSeconds
  )
    errors.push(
      invalid(
        specPath.child('activeDeadlineSeconds'),
        spec.activeDeadlineSeconds,
        'must be less than or equal to previous value',
      ),
    );
  if (!equal(munged, before)) errors.push(fieldForbidden(specPath, mutable));
  return errors;
}

function assign<T extends object, K extends keyof T>(
  object: T,
  key: K,
  value: T[K] | undefined,
): void {
  if (value === undefined) delete object[key];
  else object[key] = value;
}
