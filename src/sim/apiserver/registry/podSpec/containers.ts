import { asGiven } from '../../../../api/emptied.ts';
import {
  duplicate,
  fieldForbidden,
  fieldNotFound,
  invalid,
  required,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  ContainerRestartRule,
  EphemeralContainer,
  PodSpec,
} from '../../../../api/types/coreV1.ts';
import {
  all,
  allInvalid,
  each,
  must,
  mustBe,
  mustBeOneOf,
  oneOf,
  seenBefore,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { isDns1123Label, isPortName, isValidPort } from '../shared/names.ts';
import { validateEnv, validateEnvFrom } from './environment.ts';
import { validateDevices, validateMounts, type Volumes } from './mounts.ts';
import type { PodOptions } from './options.ts';
import { validateSecurityContext } from './containerSecurity.ts';
import { validateLifecycle, validateProbes } from './probes.ts';
import { validateContainerResources } from './resources.ts';

// Containers of a pod spec. Models kubernetes/pkg/apis/core/validation validateContainers and what it calls.

export interface ContainerContext {
  readonly spec: PodSpec;
  readonly volumes: Volumes;
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
  readonly options: PodOptions;
}

type List = readonly Container[] | null | undefined;

export function validateContainers(context: ContainerContext, path: FieldPath): FieldError[] {
  const { terminationGracePeriodSeconds: grace, os } = context.spec;
  const containers = context.spec.containers as List;
  if (!containers?.length) return [required(path)];
  const seen = seenBefore();
  return all(
    each(containers, path, (container, at) => [
      validateCommon(container, context, at),
      seen(container.name) && duplicate(at.child('name'), container.name),
      container.lifecycle &&
        validateLifecycle(container.lifecycle, grace, at.child('lifecycle'), os?.name),
      validateProbes(container, grace, at),
      validateRestartPolicy(container, at),
    ]),
    validateHostPorts(containers, path),
  );
}

const handlers = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

export function validateInitContainers(context: ContainerContext, path: FieldPath): FieldError[] {
  const { terminationGracePeriodSeconds: grace, os, initContainers } = context.spec;
  const containers = context.spec.containers as List;
  const names = new Set(containers?.map(({ name }) => name));
  return each(initContainers, path, (container, at) => {
    const isSidecar = container.restartPolicy === 'Always';
    const isDouble = names.has(container.name);
    if (container.name) names.add(container.name);
    return [
      validateCommon(container, context, at),
      container.restartPolicy === undefined
        ? container.restartPolicyRules?.length && needsPolicy(at)
        : validateRestartPolicy(container, at),
      isDouble && duplicate(at.child('name'), container.name),
      validateHostPorts([container], path),
      isSidecar
        ? [
            container.lifecycle &&
              validateLifecycle(container.lifecycle, grace, at.child('lifecycle'), os?.name),
            validateProbes(container, grace, at),
          ]
        : handlers.map(
            (name) =>
              container[name] &&
              fieldForbidden(
                at.child(name),
                'may not be set for init containers without restartPolicy=Always',
              ),
          ),
      !isSidecar &&
        !context.options.restartingInitResize &&
        each(
          container.resizePolicy,
          at.child('resizePolicy'),
          ({ restartPolicy }, place) =>
            restartPolicy === 'RestartContainer' &&
            invalid(
              place.child('restartPolicy'),
              restartPolicy,
              "must not be set to 'RestartContainer' for non-sidecar initContainers",
            ),
        ),
    ];
  });
}

/** Fields of a container that make no sense for one that is put into a running pod, in the order of Go's struct. */
const notForEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

export function validateEphemeralContainers(
  context: ContainerContext,
  path: FieldPath,
): FieldError[] {
  const { initContainers, ephemeralContainers } = context.spec;
  const containers = context.spec.containers as List;
  const others = new Set(
    [...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name),
  );
  const names = new Set(others);
  return each(ephemeralContainers, path, (container: EphemeralContainer, at) => {
    const { name, targetContainerName: target } = container;
    const isDouble = names.has(name);
    names.add(name);
    const refuse = (member: FieldPath): FieldError =>
      fieldForbidden(member, 'cannot be set for an Ephemeral Container');
    return [
      validateCommon(container, context, at),
      validateImageSpaces(container, at),
      isDouble && duplicate(at.child('name'), name),
      target && !others.has(target) && fieldNotFound(at.child('targetContainerName'), target),
      notForEphemeral.map((member) => isSet(container, member) && refuse(at.child(member))),
      each(container.volumeMounts, at.child('volumeMounts'), (mount, place) => [
        mount.subPath && refuse(place.child('subPath')),
        mount.subPathExpr && refuse(place.child('subPathExpr')),
      ]),
    ];
  });
}

/** Resources are a struct in Go: there are none when it is empty. */
const isSet = (container: Container, member: (typeof notForEphemeral)[number]): boolean =>
  member === 'resources'
    ? Object.keys(container.resources ?? {}).length > 0
    : (asGiven(container, member) ?? null) !== null;

/** Only of what runs: a template's image may be padded. */
export const validateImageSpaces = ({ image = '' }: Container, path: FieldPath): Found =>
  image !== image.trim() &&
  invalid(path.child('image'), image, 'must not have leading or trailing whitespace');

function validateCommon(
  container: Container,
  { spec, volumes, claims, options }: ContainerContext,
  path: FieldPath,
): FieldError[] {
  return all(
    mustBe(isDns1123Label, container.name, path.child('name')),
    must(container.image, path.child('image')),
    mustBeOneOf(
      container.terminationMessagePolicy,
      ['File', 'FallbackToLogsOnError'],
      path.child('terminationMessagePolicy'),
    ),
    validatePorts(container.ports, path.child('ports')),
    validateEnv(container.env, path.child('env')),
    validateEnvFrom(container.envFrom, path.child('envFrom')),
    validateMounts(container, volumes, path.child('volumeMounts')),
    validateDevices(container, volumes, path.child('volumeDevices')),
    validatePullPolicy(container.imagePullPolicy, path.child('imagePullPolicy')),
    validateContainerResources(container.resources, claims, path.child('resources'), options),
    validateResizePolicy(container.resizePolicy, path.child('resizePolicy'), spec.restartPolicy),
    validateSecurityContext(
      container.securityContext,
      path.child('securityContext'),
      spec.hostUsers !== false,
    ),
  );
}

export const validatePullPolicy = (policy: string | null | undefined, path: FieldPath): Found =>
  mustBeOneOf(policy, ['Always', 'IfNotPresent', 'Never'], path);

export const protocols = ['SCTP', 'TCP', 'UDP'];

function validatePorts(
  ports: readonly Loose<ContainerPort>[] | undefined,
  path: FieldPath,
): FieldError[] {
  const seen = seenBefore();
  return each(ports, path, ({ name, containerPort, hostPort, protocol }, at) => {
    const bad = name ? isPortName(name) : [];
    return [
      allInvalid(at.child('name'), name, bad),
      name && !bad.length && seen(name) && duplicate(at.child('name'), name),
      containerPort
        ? allInvalid(at.child('containerPort'), containerPort, isValidPort(containerPort))
        : required(at.child('containerPort')),
      hostPort && allInvalid(at.child('hostPort'), hostPort, isValidPort(hostPort)),
      mustBeOneOf(protocol, protocols, at.child('protocol')),
    ];
  });
}

/** Two containers of a pod cannot have the same port of the host. */
function validateHostPorts(containers: readonly Container[], path: FieldPath): FieldError[] {
  const seen = seenBefore();
  return each(containers, path, ({ ports }, at) =>
    each(ports, at.child('ports'), ({ protocol = '', hostIP = '', hostPort }, place) => {
      const id = `${protocol}/${hostIP}/${hostPort ?? 0}`;
      return hostPort && seen(id) && duplicate(place.child('hostPort'), id);
    }),
  );
}

function validateResizePolicy(
  policies: readonly Loose<ContainerResizePolicy>[] | undefined,
  path: FieldPath,
  podPolicy: string | undefined,
): FieldError[] {
  const seen = seenBefore();
  return each(policies, path, ({ resourceName, restartPolicy }, at) => [
    seen(resourceName ?? '') && duplicate(at, resourceName),
    mustBeOneOf(resourceName, ['cpu', 'memory'], path),
    mustBeOneOf(restartPolicy, ['NotRequired', 'RestartContainer'], path),
    podPolicy === 'Never' &&
      restartPolicy !== 'NotRequired' &&
      invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"),
  ]);
}

const needsPolicy = (path: FieldPath): FieldError =>
  required(path.child('restartPolicy'), 'must specify restartPolicy when restart rules are used');

function validateRestartPolicy(container: Container, path: FieldPath): FieldError[] {
  const { restartPolicy: policy, restartPolicyRules: rules = [] } = container;
  const at = path.child('restartPolicyRules');
  return all(
    policy === undefined
      ? rules.length && needsPolicy(path)
      : oneOf(policy, ['Always', 'Never', 'OnFailure'], path.child('restartPolicy')),
    rules.length > 20 && tooMany(at, rules.length, 20),
    each(rules, at, validateRestartRule),
  );
}

function validateRestartRule(
  { action, exitCodes }: Loose<ContainerRestartRule>,
  path: FieldPath,
): Found {
  const at = path.child('exitCodes');
  const count = exitCodes?.values?.length ?? 0;
  return [
    oneOf(action, ['Restart', 'RestartAllContainers'], path.child('action')),
    exitCodes
      ? [
          oneOf(exitCodes.operator, ['In', 'NotIn'], at.child('operator')),
          count > 255 && tooMany(at.child('values'), count, 255),
        ]
      : required(at, 'must be specified'),
  ];
}
