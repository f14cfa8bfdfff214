import {
  duplicate,
  fieldForbidden,
  fieldNotFound,
  invalid,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import {
  compareQuantities,
  milliValue,
  parseQuantity,
  zeroQuantity,
} from '../../../../api/quantity.ts';
import type {
  Container,
  ContainerPort,
  EnvFromSource,
  EnvVar,
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  ResourceRequirements,
  SecurityContext,
  TCPSocketAction,
  VolumeMount,
} from '../../../../api/types/coreV1.ts';
import { nonNegative } from '../shared/objectMeta.ts';
import {
  inclusiveRange,
  isConfigMapKey,
  isDns1123Label,
  isDns1123Subdomain,
  isEnvVarName,
  isPortName,
  isQualifiedName,
  isValidPort,
} from '../shared/names.ts';

// Containers of a pod spec. Models kubernetes/pkg/apis/core/validation validateContainers and what it calls.

export interface ContainerContext {
  readonly volumes: ReadonlySet<string>;
  readonly gracePeriodSeconds: number;
  readonly restartPolicy: string;
}

export function validateContainers(
  containers: readonly Container[] | null | undefined,
  context: ContainerContext,
  path: FieldPath,
): FieldError[] {
  if (!containers?.length) return [required(path)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  containers.forEach((container, index) => {
    const at = path.index(index);
    errors.push(...validateContainer(container, context, at));
    if (container.name && names.has(container.name))
      errors.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    if (container.lifecycle)
      errors.push(...validateLifecycle(container.lifecycle, context, at.child('lifecycle')));
    errors.push(...validateProbe(container.livenessProbe, context, at.child('livenessProbe')));
    if (container.livenessProbe && (container.livenessProbe.successThreshold ?? 1) !== 1)
      errors.push(
        invalid(
          at.child('livenessProbe', 'successThreshold'),
          container.livenessProbe.successThreshold,
          'must be 1',
        ),
      );
    errors.push(...validateProbe(container.readinessProbe, context, at.child('readinessProbe')));
    if (container.readinessProbe?.terminationGracePeriodSeconds !== undefined)
      errors.push(
        invalid(
          at.child('readinessProbe', 'terminationGracePeriodSeconds'),
          container.readinessProbe.terminationGracePeriodSeconds,
          'must not be set for readinessProbes',
        ),
      );
    errors.push(...validateProbe(container.startupProbe, context, at.child('startupProbe')));
    if (container.startupProbe && (container.startupProbe.successThreshold ?? 1) !== 1)
      errors.push(
        invalid(
          at.child('startupProbe', 'successThreshold'),
          container.startupProbe.successThreshold,
          'must be 1',
        ),
      );
  });
  errors.push(...portConflicts(containers, path));
  return errors;
}

export function validateInitContainers(
  containers: readonly Container[] | undefined,
  regular: readonly Container[] | null | undefined,
  context: ContainerContext,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set((regular ?? []).map(({ name }) => name));
  containers?.forEach((container, index) => {
    const at = path.index(index);
    errors.push(...validateContainer(container, context, at));
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    else if (container.name) names.add(container.name);
    errors.push(...portConflicts([container], path));
    if (container.restartPolicy === 'Always') {
      if (container.lifecycle)
        errors.push(...validateLifecycle(container.lifecycle, context, at.child('lifecycle')));
      for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const)
        errors.push(...validateProbe(container[probe], context, at.child(probe)));
      return;
    }
    for (const key of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[key])
        errors.push(
          fieldForbidden(
            at.child(key),
            'may not be set for init containers without restartPolicy=Always',
          ),
        );
    }
  });
  return errors;
}

function validateContainer(
  container: Container,
  context: ContainerContext,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(required(path.child('name')));
  else
    for (const message of isDns1123Label(container.name))
      errors.push(invalid(path.child('name'), container.name, message));
  if (!container.image) errors.push(required(path.child('image')));
  if (!container.terminationMessagePolicy)
    errors.push(required(path.child('terminationMessagePolicy')));
  else if (!['File', 'FallbackToLogsOnError'].includes(container.terminationMessagePolicy))
    errors.push(
      notSupported(path.child('terminationMessagePolicy'), container.terminationMessagePolicy, [
        'File',
        'FallbackToLogsOnError',
      ]),
    );
  errors.push(...validatePorts(container.ports, path.child('ports')));
  errors.push(...validateEnv(container.env, path.child('env')));
  errors.push(...validateEnvFrom(container.envFrom, path.child('envFrom')));
  errors.push(
    ...validateVolumeMounts(container.volumeMounts, context.volumes, path.child('volumeMounts')),
  );
  if (!container.imagePullPolicy) errors.push(required(path.child('imagePullPolicy')));
  else if (!['Always', 'IfNotPresent', 'Never'].includes(container.imagePullPolicy))
    errors.push(
      notSupported(path.child('imagePullPolicy'), container.imagePullPolicy, [
        'Always',
        'IfNotPresent',
        'Never',
      ]),
    );
  errors.push(...validateResources(container.resources, path.child('resources')));
  errors.push(...validateSecurityContext(container.securityContext, path.child('securityContext')));
  return errors;
}

function validatePorts(ports: readonly ContainerPort[] | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  ports?.forEach((port, index) => {
    const at = path.index(index);
    if (port.name) {
      const messages = isPortName(port.name);
      for (const message of messages) errors.push(invalid(at.child('name'), port.name, message));
      if (!messages.length && names.has(port.name))
        errors.push(duplicate(at.child('name'), port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(at.child('containerPort')));
    else
      for (const message of isValidPort(port.containerPort))
        errors.push(invalid(at.child('containerPort'), port.containerPort, message));
    if (port.hostPort)
      for (const message of isValidPort(port.hostPort))
        errors.push(invalid(at.child('hostPort'), port.hostPort, message));
    if (!port.protocol) errors.push(required(at.child('protocol')));
    else if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol))
      errors.push(notSupported(at.child('protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']));
  });
  return errors;
}

/** Two containers of a pod cannot have the same port of the host. */
function portConflicts(containers: readonly Container[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  containers.forEach((container, index) => {
    container.ports?.forEach((port, portIndex) => {
      if (!port.hostPort) return;
      const id = `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (taken.has(id))
        errors.push(
          duplicate(path.index(index).child('ports').index(portIndex).child('hostPort'), id),
        );
      taken.add(id);
    });
  });
  return errors;
}

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

export function validateEnv(
  variables: readonly EnvVar[] | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  variables?.forEach((variable, index) => {
    const at = path.index(index);
    if (!variable.name) errors.push(required(at.child('name')));
    else
      for (const message of isEnvVarName(variable.name))
        errors.push(invalid(at.child('name'), variable.name, message));
    errors.push(...validateValueFrom(variable, at.child('valueFrom')));
  });
  return errors;
}

function validateValueFrom({ value, valueFrom }: EnvVar, path: FieldPath): FieldError[] {
  if (!valueFrom) return [];
  const errors: FieldError[] = [];
  let sources = 0;
  if (valueFrom.fieldRef) {
    sources++;
    const { apiVersion = '', fieldPath = '' } = valueFrom.fieldRef;
    const at = path.child('fieldRef');
    const known =
      fieldPaths.includes(fieldPath) ||
      /^metadata\.(?:labels|annotations)\['[^']+'\]$/.test(fieldPath);
    if (!apiVersion) errors.push(required(at.child('apiVersion')));
    else if (!fieldPath) errors.push(required(at.child('fieldPath')));
    else if (
      !known &&
      /^(?:metadata\.(?:labels|annotations)|spec\.restartPolicy|spec\.schedulerName|status\.(?:phase|nominatedNodeName))$/.test(
        fieldPath,
      )
    )
      errors.push(notSupported(at.child('fieldPath'), fieldPath, fieldPaths));
    else if (!known)
      errors.push(
        invalid(
          at.child('fieldPath'),
          fieldPath,
          `error converting fieldPath: field label not supported: ${fieldPath}`,
        ),
      );
  }
  if (valueFrom.resourceFieldRef) {
    sources++;
    const at = path.child('resourceFieldRef');
    const { resource = '' } = valueFrom.resourceFieldRef as { resource?: string };
    if (!resource) errors.push(required(at.child('resource')));
    else if (
      !resourceFields.includes(resource) &&
      !/^(?:limits|requests)\.hugepages-/.test(resource)
    )
      errors.push(notSupported(at.child('resource'), resource, resourceFields));
  }
  if (valueFrom.configMapKeyRef) {
    sources++;
    errors.push(...keyRef(valueFrom.configMapKeyRef, path.child('configMapKeyRef')));
  }
  if (valueFrom.secretKeyRef) {
    sources++;
    errors.push(...keyRef(valueFrom.secretKeyRef, path.child('secretKeyRef')));
  }
  if (valueFrom.fileKeyRef) sources++;
  if (sources === 0)
    errors.push(
      invalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    );
  if (value) {
    if (sources) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1)
    errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

function keyRef(
  { name = '', key = '' }: { name?: string; key?: string },
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const message of isDns1123Subdomain(name))
    errors.push(invalid(path.child('name'), name, message));
  if (!key) errors.push(required(path.child('key')));
  else
    for (const message of isConfigMapKey(key))
      errors.push(invalid(path.child('key'), key, message));
  return errors;
}

function validateEnvFrom(
  sources: readonly EnvFromSource[] | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  sources?.forEach((source, index) => {
    const at = path.index(index);
    if (source.prefix)
      for (const message of isEnvVarName(source.prefix))
        errors.push(invalid(at.child('prefix'), source.prefix, message));
    const given = (['configMapRef', 'secretRef'] as const).filter((key) => source[key]);
    for (const key of given) {
      const name = source[key]?.name ?? '';
      for (const message of isDns1123Subdomain(name))
        errors.push(invalid(at.child(key, 'name'), name, message));
    }
    if (!given.length)
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (given.length > 1)
      errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  });
  return errors;
}

function validateVolumeMounts(
  mounts: readonly VolumeMount[] | undefined,
  volumes: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const places = new Set<string>();
  mounts?.forEach((mount, index) => {
    const at = path.index(index);
    if (!mount.name) errors.push(required(at.child('name')));
    if (!volumes.has(mount.name)) errors.push(fieldNotFound(at.child('name'), mount.name));
    if (!mount.mountPath) errors.push(required(at.child('mountPath')));
    if (places.has(mount.mountPath))
      errors.push(invalid(at.child('mountPath'), mount.mountPath, 'must be unique'));
    places.add(mount.mountPath);
    if (mount.subPath && mount.subPathExpr)
      errors.push(
        invalid(
          at.child('subPathExpr'),
          mount.subPathExpr,
          'subPathExpr and subPath are mutually exclusive',
        ),
      );
    for (const key of ['subPath', 'subPathExpr'] as const)
      if (mount[key]) errors.push(...localPath(mount[key], at.child(key)));
    if (
      mount.mountPropagation &&
      !['Bidirectional', 'HostToContainer', 'None'].includes(mount.mountPropagation)
    )
      errors.push(
        notSupported(at.child('mountPropagation'), mount.mountPropagation, [
          'Bidirectional',
          'HostToContainer',
          'None',
        ]),
      );
  });
  return errors;
}

/** A path below a volume: relative, and never up. */
export function localPath(text: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (text.startsWith('/')) errors.push(invalid(path, text, 'must be a relative path'));
  if (text.split('/').includes('..')) errors.push(invalid(path, text, "must not contain '..'"));
  return errors;
}

const standardResources = new Set(['cpu', 'memory', 'ephemeral-storage']);
const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** Models ValidateContainerResourceRequirements. */
export function validateResources(
  resources: ResourceRequirements | undefined,
  path: FieldPath,
): FieldError[] {
  if (!resources) return [];
  const errors: FieldError[] = [];
  const limits = Object.entries(resources.limits ?? {});
  for (const [name, quantity] of limits) {
    errors.push(
      ...resourceName(name, path.child('limits')),
      ...resourceQuantity(name, quantity, path.child('limits').key(name)),
    );
  }
  for (const [name, quantity] of Object.entries(resources.requests ?? {})) {
    const at = path.child('requests');
    errors.push(...resourceName(name, at), ...resourceQuantity(name, quantity, at.key(name)));
    const limit = resources.limits?.[name];
    if (limit !== undefined) {
      const order = compareQuantities(parseQuantity(quantity), parseQuantity(limit));
      if (!isOvercommitAllowed(name) && order !== 0)
        errors.push(invalid(at, quantity, `must be equal to ${name} limit of ${limit}`));
      else if (order > 0)
        errors.push(
          invalid(at, quantity, `must be less than or equal to ${name} limit of ${limit}`),
        );
    } else if (!isOvercommitAllowed(name))
      errors.push(
        required(path.child('limits'), 'Limit must be set for non overcommitable resources'),
      );
  }
  return errors;
}

const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

function resourceName(name: string, path: FieldPath): FieldError[] {
  const at = path.key(name);
  const errors = isQualifiedName(name).map((message) => invalid(at, name, message));
  if (errors.length) return errors;
  if (!name.includes('/') && !standardResources.has(name) && !isHugePages(name))
    return [invalid(at, name, 'must be a standard resource for containers')];
  if (name.includes('/') && isNative(name) && !name.startsWith('attachable-volumes-'))
    return [invalid(at, name, "doesn't follow extended resource name standard")];
  return [];
}

/** Models ValidateResourceQuantityValue. */
export function resourceQuantity(name: string, text: string, path: FieldPath): FieldError[] {
  const quantity = parseQuantity(text);
  const errors: FieldError[] = [];
  if (compareQuantities(quantity, zeroQuantity) < 0)
    errors.push(invalid(path, text, 'must be greater than or equal to 0'));
  const isWhole =
    !isNative(name) || name === 'pods' || name === 'services' || name.startsWith('count/');
  if (isWhole && milliValue(quantity) % 1000 !== 0)
    errors.push(invalid(path, text, 'must be an integer'));
  return errors;
}

function validateSecurityContext(
  context: SecurityContext | undefined,
  path: FieldPath,
): FieldError[] {
  if (!context) return [];
  const errors: FieldError[] = [];
  for (const key of ['runAsUser', 'runAsGroup'] as const) {
    const id = context[key];
    if (id !== undefined && (id < 0 || id > 2147483647))
      errors.push(invalid(path.child(key), id, inclusiveRange(0, 2147483647)));
  }
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged)
      errors.push(
        invalid(
          path,
          context,
          'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
        ),
      );
    if (context.capabilities?.add?.some((name) => name === 'CAP_SYS_ADMIN'))
      errors.push(
        invalid(
          path,
          context,
          'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
        ),
      );
  }
  return errors;
}

function validateLifecycle(
  { postStart, preStop }: Lifecycle,
  context: ContainerContext,
  path: FieldPath,
): FieldError[] {
  return [
    ...(postStart ? validateHandler(postStart, context, path.child('postStart')) : []),
    ...(preStop ? validateHandler(preStop, context, path.child('preStop')) : []),
  ];
}

function validateProbe(
  probe: Probe | undefined,
  context: ContainerContext,
  path: FieldPath,
): FieldError[] {
  if (!probe) return [];
  const errors = validateHandler(probe, context, path);
  for (const key of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const)
    errors.push(...nonNegative(probe[key], path.child(key)));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.push(
      invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'),
    );
  return errors;
}

type Handler = LifecycleHandler & { grpc?: GRPCAction };

/** Models validateHandler: exactly one way to act. */
function validateHandler(
  handler: Handler,
  context: ContainerContext,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  const take = (name: keyof Handler, check: (at: FieldPath) => FieldError[]): void => {
    if (!handler[name]) return;
    if (count > 0)
      errors.push(fieldForbidden(path.child(name), 'may not specify more than 1 handler type'));
    else {
      count++;
      errors.push(...check(path.child(name)));
    }
  };
  take('exec', (at) =>
    (handler.exec as ExecAction).command?.length ? [] : [required(at.child('command'))],
  );
  take('httpGet', (at) => validateHttpGet(handler.httpGet as HTTPGetAction, at));
  take('tcpSocket', (at) =>
    portOrName((handler.tcpSocket as TCPSocketAction).port, at.child('port')),
  );
  take('grpc', (at) =>
    isValidPort((handler.grpc as GRPCAction).port).map((message) =>
      invalid(at.child('port'), handler.grpc?.port, message),
    ),
  );
  take('sleep', (at) => {
    const seconds = handler.sleep?.seconds ?? 0;
    return seconds < 0 || seconds > context.gracePeriodSeconds
      ? [
          invalid(
            at,
            seconds,
            `must be non-negative and less than terminationGracePeriodSeconds (${context.gracePeriodSeconds})`,
          ),
        ]
      : [];
  });
  if (!count) errors.push(required(path, 'must specify a handler type'));
  return errors;
}

function validateHttpGet(action: HTTPGetAction, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!action.path) errors.push(required(path.child('path')));
  errors.push(...portOrName(action.port, path.child('port')));
  if (!['HTTP', 'HTTPS'].includes(action.scheme ?? ''))
    errors.push(notSupported(path.child('scheme'), action.scheme ?? '', ['HTTP', 'HTTPS']));
  action.httpHeaders?.forEach(({ name }) => {
    if (!/^[-A-Za-z0-9]+$/.test(name))
      errors.push(
        invalid(
          path.child('httpHeaders'),
          name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      );
  });
  return errors;
}

/** A port by number or by name. Models ValidatePortNumOrName. */
export function portOrName(port: number | string | undefined, path: FieldPath): FieldError[] {
  if (typeof port === 'string')
    return isPortName(port).map((message) => invalid(path, port, message));
  return isValidPort(port ?? 0).map((message) => invalid(path, port ?? 0, message));
}
