import {
  duplicate,
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type {
  NodeAffinity,
  NodeSelectorTerm,
  PodAffinityTerm,
  PodSpec,
  PodTemplateSpec,
  Toleration,
  TopologySpreadConstraint,
  Volume,
} from '../../../../api/types/coreV1.ts';
import { validateLabelName, validateLabels, validateLabelSelector } from '../shared/labels.ts';
import { validateAnnotations } from '../shared/objectMeta.ts';
import {
  inclusiveRange,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
} from '../shared/names.ts';
import { validateContainers, validateInitContainers, type ContainerContext } from './containers.ts';

/** Models ValidatePodSpec: all of its errors, in its order. */
export function validatePodSpec(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const gracePeriod = spec.terminationGracePeriodSeconds;
  if (gracePeriod === undefined) errors.push(required(path.child('terminationGracePeriodSeconds')));
  errors.push(...validateVolumes(spec.volumes, path.child('volumes')));
  const context: ContainerContext = {
    volumes: new Set(spec.volumes?.map(({ name }) => name)),
    gracePeriodSeconds: gracePeriod ?? 30,
    restartPolicy: spec.restartPolicy ?? 'Always',
  };
  errors.push(...validateContainers(spec.containers, context, path.child('containers')));
  errors.push(
    ...validateInitContainers(
      spec.initContainers,
      spec.containers,
      context,
      path.child('initContainers'),
    ),
  );
  errors.push(...hostNetworkPorts(spec, path));
  errors.push(
    ...oneOf(spec.restartPolicy, ['Always', 'Never', 'OnFailure'], path.child('restartPolicy')),
  );
  errors.push(
    ...oneOf(
      spec.dnsPolicy,
      ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
      path.child('dnsPolicy'),
    ),
  );
  errors.push(...validateLabels(spec.nodeSelector, path.child('nodeSelector')));
  errors.push(...validatePodSecurityContext(spec, path.child('securityContext')));
  spec.imagePullSecrets?.forEach(({ name }, index) => {
    if (!name) errors.push(required(path.child('imagePullSecrets').index(index).child('name')));
  });
  errors.push(...validateAffinity(spec, path.child('affinity')));
  if (spec.dnsPolicy === 'None' && !spec.dnsConfig?.nameservers?.length)
    errors.push(
      required(
        spec.dnsConfig ? path.child('dnsConfig', 'nameservers') : path.child('dnsConfig'),
        spec.dnsConfig
          ? 'must provide at least one DNS nameserver when `dnsPolicy` is None'
          : 'must provide `dnsConfig` when `dnsPolicy` is None',
      ),
    );
  spec.readinessGates?.forEach((gate, index) =>
    errors.push(
      ...validateLabelName(
        gate.conditionType,
        path.child('readinessGates').index(index).child('conditionType'),
      ),
    ),
  );
  errors.push(...validateSchedulingGates(spec, path.child('schedulingGates')));
  errors.push(
    ...validateTopologySpread(
      spec.topologySpreadConstraints,
      path.child('topologySpreadConstraints'),
    ),
  );
  if (spec.serviceAccountName)
    for (const message of isDns1123Subdomain(spec.serviceAccountName))
      errors.push(invalid(path.child('serviceAccountName'), spec.serviceAccountName, message));
  if (spec.nodeName)
    for (const message of isDns1123Subdomain(spec.nodeName))
      errors.push(invalid(path.child('nodeName'), spec.nodeName, message));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647))
    errors.push(
      invalid(path.child('activeDeadlineSeconds'), deadline, inclusiveRange(1, 2147483647)),
    );
  for (const key of ['hostname', 'subdomain'] as const)
    if (spec[key])
      for (const message of isDns1123Label(spec[key]))
        errors.push(invalid(path.child(key), spec[key], message));
  errors.push(...validateTolerations(spec.tolerations, path.child('tolerations')));
  if (spec.priorityClassName)
    for (const message of isDns1123Subdomain(spec.priorityClassName))
      errors.push(invalid(path.child('priorityClassName'), spec.priorityClassName, message));
  if (spec.runtimeClassName !== undefined)
    for (const message of isDns1123Subdomain(spec.runtimeClassName))
      errors.push(invalid(path.child('runtimeClassName'), spec.runtimeClassName, message));
  if (spec.preemptionPolicy !== undefined)
    errors.push(
      ...oneOf(
        spec.preemptionPolicy,
        ['Never', 'PreemptLowerPriority'],
        path.child('preemptionPolicy'),
      ),
    );
  return errors;
}

/** Models ValidatePodTemplateSpec: labels and annotations of the template, and its spec. */
export function validatePodTemplate(template: PodTemplateSpec, path: FieldPath): FieldError[] {
  return [
    ...validateLabels(template.metadata?.labels, path.child('labels')),
    ...validateAnnotations(template.metadata?.annotations, path.child('annotations')),
    ...validatePodSpec(template.spec ?? ({} as PodSpec), path.child('spec')),
  ];
}

function oneOf(value: string | undefined, valid: readonly string[], path: FieldPath): FieldError[] {
  if (!value) return [required(path)];
  return valid.includes(value) ? [] : [notSupported(path, value, valid)];
}

function hostNetworkPorts(spec: PodSpec, path: FieldPath): FieldError[] {
  if (!spec.hostNetwork) return [];
  const errors: FieldError[] = [];
  (spec.containers as PodSpec['containers'] | null)?.forEach((container, index) => {
    container.ports?.forEach((port, portIndex) => {
      if (port.hostPort && port.hostPort !== port.containerPort)
        errors.push(
          invalid(
            path.child('containers').index(index).child('ports').index(portIndex).child('hostPort'),
            port.hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
    });
  });
  return errors;
}

/** Names are unique labels, and a volume has exactly one source. */
function validateVolumes(volumes: readonly Volume[] | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  volumes?.forEach((volume, index) => {
    const at = path.index(index);
    const sources = Object.keys(volume).filter((key) => key !== 'name');
    for (const source of sources.slice(1))
      errors.push(fieldForbidden(at.child(source), 'may not specify more than 1 volume type'));
    if (!sources.length) errors.push(required(at, 'must specify a volume type'));
    errors.push(...validateSource(volume, at));
    if (!volume.name) errors.push(required(at.child('name')));
    else {
      const messages = isDns1123Label(volume.name);
      for (const message of messages) errors.push(invalid(at.child('name'), volume.name, message));
      if (!messages.length && names.has(volume.name))
        errors.push(duplicate(at.child('name'), volume.name));
    }
    names.add(volume.name);
  });
  return errors;
}

function validateSource(volume: Volume, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const mode = (value: number | undefined, at: FieldPath) => {
    if (value !== undefined && (value < 0 || value > 511))
      errors.push(
        invalid(at, value, 'must be a number between 0 and 0777 (octal), both inclusive'),
      );
  };
  if (volume.secret) {
    if (!volume.secret.secretName) errors.push(required(path.child('secret', 'secretName')));
    mode(volume.secret.defaultMode, path.child('secret', 'defaultMode'));
  }
  if (volume.configMap) {
    if (!volume.configMap.name) errors.push(required(path.child('configMap', 'name')));
    mode(volume.configMap.defaultMode, path.child('configMap', 'defaultMode'));
  }
  if (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName)
    errors.push(required(path.child('persistentVolumeClaim', 'claimName')));
  if (volume.hostPath) {
    if (!volume.hostPath.path) errors.push(required(path.child('hostPath', 'path')));
    else if (volume.hostPath.path.split('/').includes('..'))
      errors.push(
        invalid(path.child('hostPath', 'path'), volume.hostPath.path, "must not contain '..'"),
      );
  }
  return errors;
}

function validatePodSecurityContext(spec: PodSpec, path: FieldPath): FieldError[] {
  const context = spec.securityContext;
  if (!context) return [];
  const errors: FieldError[] = [];
  const id = (value: number | undefined, at: FieldPath) => {
    if (value !== undefined && (value < 0 || value > 2147483647))
      errors.push(invalid(at, value, inclusiveRange(0, 2147483647)));
  };
  id(context.fsGroup, path.child('fsGroup'));
  id(context.runAsUser, path.child('runAsUser'));
  id(context.runAsGroup, path.child('runAsGroup'));
  context.supplementalGroups?.forEach((group, index) =>
    id(group, path.child('supplementalGroups').index(index)),
  );
  return errors;
}

function validateSchedulingGates(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  spec.schedulingGates?.forEach(({ name }, index) => {
    errors.push(...validateLabelName(name, path.index(index)));
    if (names.has(name)) errors.push(duplicate(path.index(index), name));
    names.add(name);
  });
  return errors;
}

function validateAffinity({ affinity }: PodSpec, path: FieldPath): FieldError[] {
  if (!affinity) return [];
  const errors: FieldError[] = affinity.nodeAffinity
    ? validateNodeAffinity(affinity.nodeAffinity, path.child('nodeAffinity'))
    : [];
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const at = path.child(kind);
    affinity[kind]?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) =>
      errors.push(
        ...validatePodAffinityTerm(
          term,
          at.child('requiredDuringSchedulingIgnoredDuringExecution').index(index),
        ),
      ),
    );
    affinity[kind]?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((weighted, index) => {
      const place = at.child('preferredDuringSchedulingIgnoredDuringExecution').index(index);
      if (weighted.weight <= 0 || weighted.weight > 100)
        errors.push(invalid(place.child('weight'), weighted.weight, 'must be in the range 1-100'));
      errors.push(
        ...validatePodAffinityTerm(weighted.podAffinityTerm, place.child('podAffinityTerm')),
      );
    });
  }
  return errors;
}

function validateNodeAffinity(affinity: NodeAffinity, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const must = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  if (must) {
    const at = path.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
    if (!(must.nodeSelectorTerms as NodeSelectorTerm[] | null)?.length)
      errors.push(required(at, 'must have at least one node selector term'));
    else
      must.nodeSelectorTerms.forEach((term, index) =>
        errors.push(...validateNodeSelectorTerm(term, at.index(index))),
      );
  }
  affinity.preferredDuringSchedulingIgnoredDuringExecution?.forEach(
    ({ weight, preference }, index) => {
      const at = path.child('preferredDuringSchedulingIgnoredDuringExecution').index(index);
      if (weight <= 0 || weight > 100)
        errors.push(invalid(at.child('weight'), weight, 'must be in the range 1-100'));
      errors.push(...validateNodeSelectorTerm(preference, at.child('preference')));
    },
  );
  return errors;
}

function validateNodeSelectorTerm(term: NodeSelectorTerm, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  term.matchExpressions?.forEach(({ key, operator, values }, index) => {
    const at = path.child('matchExpressions').index(index);
    switch (operator as string) {
      case 'In':
      case 'NotIn':
        if (!values?.length)
          errors.push(
            required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"),
          );
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values?.length)
          errors.push(
            fieldForbidden(
              at.child('values'),
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          );
        break;
      case 'Gt':
      case 'Lt':
        if (values?.length !== 1)
          errors.push(
            required(
              at.child('values'),
              "must be specified single value when `operator` is 'Lt' or 'Gt'",
            ),
          );
        break;
      default:
        errors.push(invalid(at.child('operator'), operator, 'not a valid selector operator'));
    }
    errors.push(...validateLabelName(key, at.child('key')));
    values?.forEach((value, at2) =>
      errors.push(
        ...isLabelValue(value).map((message) =>
          invalid(at.child('values').index(at2), value, message),
        ),
      ),
    );
  });
  return errors;
}

function validatePodAffinityTerm(term: PodAffinityTerm, path: FieldPath): FieldError[] {
  const errors = validateLabelSelector(term.labelSelector, path.child('labelSelector'));
  errors.push(...validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector')));
  term.namespaces?.forEach((name) =>
    errors.push(
      ...isDns1123Label(name).map((message) => invalid(path.child('namespace'), name, message)),
    ),
  );
  if (!term.topologyKey) errors.push(required(path.child('topologyKey'), 'can not be empty'));
  else errors.push(...validateLabelName(term.topologyKey, path.child('topologyKey')));
  return errors;
}

function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  constraints?.forEach((constraint, index) => {
    const at = path.index(index);
    if (constraint.maxSkew <= 0)
      errors.push(invalid(at.child('maxSkew'), constraint.maxSkew, 'must be greater than zero'));
    if (!constraint.topologyKey) errors.push(required(at.child('topologyKey'), 'can not be empty'));
    else errors.push(...validateLabelName(constraint.topologyKey, at.child('topologyKey')));
    if (!['DoNotSchedule', 'ScheduleAnyway'].includes(constraint.whenUnsatisfiable))
      errors.push(
        notSupported(at.child('whenUnsatisfiable'), constraint.whenUnsatisfiable, [
          'DoNotSchedule',
          'ScheduleAnyway',
        ]),
      );
    errors.push(...validateLabelSelector(constraint.labelSelector, at.child('labelSelector')));
  });
  return errors;
}

/** Models ValidateTolerations. */
export function validateTolerations(
  tolerations: readonly Toleration[] | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  tolerations?.forEach((toleration, index) => {
    const at = path.index(index);
    if (toleration.key) errors.push(...validateLabelName(toleration.key, at.child('key')));
    if (!toleration.key && toleration.operator !== 'Exists')
      errors.push(
        invalid(
          at.child('operator'),
          toleration.operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (toleration.tolerationSeconds !== undefined && toleration.effect !== 'NoExecute')
      errors.push(
        invalid(
          at.child('effect'),
          toleration.effect ?? '',
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    switch (toleration.operator as string | undefined) {
      case undefined:
      case '':
      case 'Equal':
        if (isLabelValue(toleration.value ?? '').length)
          errors.push(
            invalid(
              at.child('operator'),
              toleration.value ?? '',
              isLabelValue(toleration.value ?? '').join(';'),
            ),
          );
        break;
      case 'Exists':
        if (toleration.value)
          errors.push(
            invalid(
              at.child('operator'),
              toleration,
              "value must be empty when `operator` is 'Exists'",
            ),
          );
        break;
      default:
        errors.push(notSupported(at.child('operator'), toleration.operator, ['Equal', 'Exists']));
    }
    if (
      toleration.effect &&
      !['NoExecute', 'NoSchedule', 'PreferNoSchedule'].includes(toleration.effect)
    )
      errors.push(
        notSupported(at.child('effect'), toleration.effect, [
          'NoExecute',
          'NoSchedule',
          'PreferNoSchedule',
        ]),
      );
  });
  return errors;
}
