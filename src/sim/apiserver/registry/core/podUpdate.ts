import {
  FieldPath,
  fieldForbidden,
  goQuote,
  invalid,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { cloneAsGiven } from '../../../../api/emptied.ts';
import { clone, equal } from '../../../../api/meta.ts';
import type {
  Container,
  EphemeralContainer,
  NodeAffinity,
  NodeSelectorTerm,
  Pod,
  PodSpec,
  ResourceRequirements,
  Toleration,
} from '../../../../api/types/coreV1.ts';
import {
  isMirror,
  validateAnnotationUpdate,
  validatePodAnnotations,
} from '../podSpec/annotations.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { qosClassOf } from '../podSpec/qos.ts';
import { validateTolerations } from '../podSpec/scheduling.ts';
import { all, each, within, type Found } from '../shared/checks.ts';
import { setOrDelete } from '../shared/setOrDelete.ts';
import { diffOf } from '../shared/immutable.ts';

// Little of a pod can change. Models core/validation ValidatePodUpdate, ValidatePodEphemeralContainersUpdate and ValidatePodResize.

const specPath = FieldPath.of('spec');
const annotationsPath = FieldPath.of('metadata', 'annotations');
const emptyPath = FieldPath.root.key('');
const none = {} as PodSpec;

const mutable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

export function validatePodUpdate(pod: Pod, old: Pod, options: PodOptions): FieldError[] {
  const { spec = none } = pod;
  const { spec: before = none } = old;
  const errors = all(
    validateAnnotationUpdate(pod.metadata.annotations, old.metadata.annotations, annotationsPath),
    validatePodAnnotations(pod.metadata.annotations, spec, annotationsPath, options),
  );
  for (const list of ['containers', 'initContainers'] as const) {
    const at = specPath.child(list);
    if ((spec[list]?.length ?? 0) !== (before[list]?.length ?? 0))
      return [...errors, fieldForbidden(at, 'pod updates may not add or remove containers')];
    errors.push(...validateImages(spec[list], at));
  }
  const deadline = validateDeadline(spec, before);
  errors.push(...deadline.errors);
  if (deadline.stops) return errors;
  errors.push(
    ...validateAddedTolerations(spec.tolerations, before.tolerations, options),
    ...validateRemovedGates(spec, before),
  );
  if (equal(spec, before)) return errors;
  const munged = mungedSpec(spec, before);
  if (before.schedulingGates?.length) errors.push(...validateGatedChanges(munged, before));
  const now = internalForm('core.PodSpec', munged);
  const then = internalForm('core.PodSpec', before);
  // What is empty is no change, even if the message would show it.
  if (!equal(internalForm('core.PodSpec', clone(munged)), then))
    errors.push(
      fieldForbidden(
        specPath,
        `pod updates may not change fields other than ${mutable}\n${diffOf(then, now)}`,
      ),
    );
  return errors;
}

const validateImages = (
  containers: readonly Container[] | undefined,
  path: FieldPath,
): FieldError[] =>
  each(containers, path, ({ image = '' }, at) => [
    !image && required(at.child('image')),
    image.trim() !== image &&
      invalid(at.child('image'), image, 'must not have leading or trailing whitespace'),
  ]);

function validateDeadline(
  spec: PodSpec,
  before: PodSpec,
): { errors: FieldError[]; stops: boolean } {
  const at = specPath.child('activeDeadlineSeconds');
  const now = spec.activeDeadlineSeconds;
  const then = before.activeDeadlineSeconds;
  if (now === undefined)
    return {
      errors:
        then === undefined
          ? []
          : [invalid(at, null, 'must not update from a positive integer to nil value')],
      stops: false,
    };
  const errors = all(
    within(now, 0, 2147483647, at) ||
      ((then ?? now) < now && invalid(at, now, 'must be less than or equal to previous value')),
  );
  return { errors, stops: errors.length > 0 };
}

function validateAddedTolerations(
  now: readonly Toleration[] = [],
  before: readonly Toleration[] = [],
  options: PodOptions,
): FieldError[] {
  const at = specPath.child('tolerations');
  const timeless = (toleration: Toleration): object => ({
    ...toleration,
    tolerationSeconds: undefined,
  });
  const isKept = before.every((old) => now.some((one) => equal(timeless(one), timeless(old))));
  return isKept
    ? validateTolerations(now, at, options)
    : [fieldForbidden(at, 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateRemovedGates(spec: PodSpec, before: PodSpec): FieldError[] {
  const known = new Set(before.schedulingGates?.map(({ name }) => name));
  const last = new Map(spec.schedulingGates?.map(({ name }, index) => [name, index]));
  return each(
    spec.schedulingGates,
    specPath.child('schedulingGates'),
    ({ name }, at, index) =>
      !known.has(name) &&
      last.get(name) === index &&
      fieldForbidden(
        at.child('name'),
        `only deletion is allowed, but found new scheduling gate '${name}'`,
      ),
  );
}

/** The new spec with the old one's values wherever a change is allowed. */
function mungedSpec(spec: PodSpec, before: PodSpec): PodSpec {
  const munged = cloneAsGiven(spec);
  for (const list of ['containers', 'initContainers'] as const)
    munged[list]?.forEach((container, index) =>
      setOrDelete(container, 'image', before[list]?.[index]?.image),
    );
  for (const key of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations'] as const)
    setOrDelete(munged, key, before[key] as never);
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && munged.terminationGracePeriodSeconds === 1)
    setOrDelete(munged, 'terminationGracePeriodSeconds', before.terminationGracePeriodSeconds);
  return munged;
}

/** While gates hold a pod, where it may run can still be narrowed. */
function validateGatedChanges(munged: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (!equal(munged.nodeSelector, before.nodeSelector)) {
    const isKept = Object.entries(before.nodeSelector ?? {}).every(
      ([key, value]) => munged.nodeSelector?.[key] === value,
    );
    if (!isKept)
      errors.push(
        invalid(
          specPath.child('nodeSelector'),
          munged.nodeSelector ?? null,
          'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        ),
      );
    setOrDelete(munged, 'nodeSelector', before.nodeSelector);
  }
  const old = before.affinity?.nodeAffinity;
  if (equal(munged.affinity?.nodeAffinity, old)) return errors;
  errors.push(...validateNodeAffinityChange(munged.affinity?.nodeAffinity, old));
  const others = munged.affinity?.podAffinity ?? munged.affinity?.podAntiAffinity;
  if (munged.affinity && !before.affinity && !others) delete munged.affinity;
  else if (munged.affinity) setOrDelete(munged.affinity, 'nodeAffinity', old);
  else if (old) munged.affinity = { nodeAffinity: old };
  return errors;
}

function validateNodeAffinityChange(
  now: NodeAffinity | undefined,
  before: NodeAffinity | undefined,
): FieldError[] {
  const key = 'requiredDuringSchedulingIgnoredDuringExecution';
  const old = before?.[key]?.nodeSelectorTerms ?? [];
  const terms = now?.[key]?.nodeSelectorTerms ?? [];
  if (!before?.[key]) return [];
  const at = specPath.child('affinity', 'nodeAffinity', key, 'nodeSelectorTerms');
  if (old.length && old.length !== terms.length)
    return [
      invalid(
        at,
        internalForm('[]core.NodeSelectorTerm', terms.length ? terms : undefined),
        'no additions/deletions to non-empty NodeSelectorTerms list are allowed',
      ),
    ];
  return each(old, at, (term, place, index) => {
    const next = terms[index];
    return (
      (!next || !onlyAdds(next, term)) &&
      invalid(
        place,
        internalForm('core.NodeSelectorTerm', next),
        'only additions are allowed (no mutations or deletions)',
      )
    );
  });
}

function onlyAdds(next: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  const wasEmpty = lists.every((list) => !old[list]?.length);
  if (wasEmpty) return lists.every((list) => !next[list]?.length);
  return lists.every((list) =>
    equal(next[list]?.slice(0, old[list]?.length ?? 0) ?? [], old[list] ?? []),
  );
}

export function validateEphemeralUpdate(
  pod: Pod,
  old: Pod,
  common: readonly FieldError[],
  options: PodOptions,
): FieldError[] {
  const { annotations } = pod.metadata;
  if (isMirror(old.metadata))
    return [fieldForbidden(emptyPath, 'static pods do not support ephemeral containers')];
  const at = specPath.child('ephemeralContainers');
  const now = new Map(
    pod.spec?.ephemeralContainers?.map((container) => [container.name, container]),
  );
  return all(
    common,
    validateAnnotationUpdate(annotations, old.metadata.annotations, annotationsPath),
    validatePodAnnotations(annotations, pod.spec ?? none, annotationsPath, options),
    old.spec?.ephemeralContainers?.map((container): Found => {
      const next = now.get(container.name);
      const what = `existing ephemeral containers ${goQuote(container.name)}`;
      if (!next) return fieldForbidden(at, `${what} may not be removed\n`);
      return (
        !equal(next, container) &&
        fieldForbidden(at, `${what} may not be changed\n${ephemeralDiff(container, next)}`)
      );
    }),
  );
}

const ephemeralDiff = (before: EphemeralContainer, now: EphemeralContainer): string =>
  diffOf(
    internalForm('core.EphemeralContainer', before),
    internalForm('core.EphemeralContainer', now),
  );

const onlyComputeIsMutable = 'only cpu and memory resources are mutable';

export function validateResize(pod: Pod, old: Pod, common: readonly FieldError[]): FieldError[] {
  if (isMirror(old.metadata)) return [fieldForbidden(emptyPath, 'static pods cannot be resized')];
  const { spec = none } = pod;
  const { spec: before = none } = old;
  if (before.os?.name === 'windows')
    return [fieldForbidden(emptyPath, 'windows pods cannot be resized')];
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running);
  const copy = cloneAsGiven(spec);
  const errors = all(
    common,
    (old.status?.qosClass ?? qosClassOf(before)) !== qosClassOf(spec) &&
      invalid(
        specPath,
        pod.status?.qosClass ?? '',
        'Pod QOS Class may not change as a result of resizing',
      ),
    running &&
      !running.resources &&
      fieldForbidden(specPath, 'Pod running on node without support for resize'),
    (hasPodResources(before) || hasPodResources(spec)) && resizePodLevel(copy, spec, before),
  );
  const order = validateResizeOrder(spec, before);
  if (order.length) return [...errors, ...order];
  for (const list of ['initContainers', 'containers'] as const)
    errors.push(
      ...each(before[list], specPath.child(list), (container, at, index) =>
        validateNotRemoved(
          spec[list]?.[index]?.resources,
          container.resources,
          at.child('resources'),
        ),
      ),
    );
  errors.push(...resizeContainers(copy, spec, before));
  if (!errors.length && !equal(copy, before))
    errors.push(fieldForbidden(specPath, onlyComputeIsMutable));
  return errors;
}

const hasPodResources = ({ resources }: PodSpec): boolean =>
  Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0;

function resizePodLevel(copy: PodSpec, spec: PodSpec, before: PodSpec): FieldError[] {
  const at = specPath.child('resources');
  if (before.resources && !spec.resources)
    return [fieldForbidden(at, 'pod-level resources cannot be removed')];
  const removed = (which: 'requests' | 'limits'): Found =>
    before.resources &&
    isRemoved(spec.resources?.[which], before.resources[which]) &&
    fieldForbidden(at.child(which), `pod-level resource ${which} cannot be removed`);
  const { claims } = copy.resources ?? {};
  if (copy.resources)
    copy.resources = {
      ...withOldCompute(copy.resources, before.resources),
      ...(claims && { claims }),
    };
  if (copy.resources && !before.resources && !Object.keys(copy.resources).length)
    delete copy.resources;
  return all(
    removed('requests'),
    removed('limits'),
    !equal(copy.resources, before.resources) &&
      fieldForbidden(specPath, 'only cpu and memory resources are mutable at pod-level'),
  );
}

type Amounts = Readonly<Record<string, string>> | undefined;

const isRemoved = (now: Amounts, before: Amounts): boolean =>
  Object.keys(before ?? {}).some((name) => now?.[name] === undefined);

const validateNotRemoved = (
  now: ResourceRequirements | undefined,
  before: ResourceRequirements | undefined,
  path: FieldPath,
): Found =>
  (['requests', 'limits'] as const).map(
    (which) =>
      isRemoved(now?.[which], before?.[which]) &&
      fieldForbidden(path.child(which), `resource ${which} cannot be removed`),
  );

/** Resources with cpu and memory of before, and without claims, as upstream's: with claims it takes no resize. */
function withOldCompute(
  resources: ResourceRequirements | undefined,
  before: ResourceRequirements | undefined,
): ResourceRequirements {
  const merged: ResourceRequirements = {};
  for (const which of ['limits', 'requests'] as const) {
    const list = { ...resources?.[which] };
    for (const name of ['cpu', 'memory']) {
      const old = before?.[which]?.[name];
      if (old === undefined) delete list[name];
      else list[name] = old;
    }
    if (Object.keys(list).length) merged[which] = list;
  }
  return merged;
}

function validateResizeOrder(spec: PodSpec, before: PodSpec): FieldError[] {
  return all(
    (['containers', 'initContainers'] as const).map((list) =>
      (spec[list]?.length ?? 0) !== (before[list]?.length ?? 0)
        ? fieldForbidden(specPath.child(list), `${list} may not be added or removed on resize`)
        : each(
            before[list],
            specPath.child(list),
            ({ name }, at, index) =>
              spec[list]?.[index]?.name !== name &&
              fieldForbidden(at.child('name'), `${list} may not be renamed or reordered on resize`),
          ),
    ),
  );
}

function resizeContainers(copy: PodSpec, spec: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  copy.containers.forEach((container, index) => {
    container.resources = withOldCompute(container.resources, before.containers[index]?.resources);
    if (!equal(container, before.containers[index]))
      errors.push(fieldForbidden(specPath, onlyComputeIsMutable));
  });
  copy.initContainers?.forEach((container, index) => {
    const old = before.initContainers?.[index];
    const at = specPath.child('initContainers').index(index);
    const isModified = !equal(spec.initContainers?.[index], old);
    container.resources = withOldCompute(container.resources, old?.resources);
    if (!equal(container, old))
      errors.push(
        fieldForbidden(
          at,
          'only cpu and memory resources for init or sidecar containers are mutable',
        ),
      );
    if (!isModified || container.restartPolicy === 'Always') return;
    for (const { restartPolicy } of container.resizePolicy ?? [])
      if (restartPolicy === 'RestartContainer')
        errors.push(
          fieldForbidden(
            at,
            'non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
          ),
        );
  });
  return errors;
}
