import { goQuote, type FieldPath } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal, type ObjectMeta } from '../../../../api/meta.ts';
import type {
  Container,
  ContainerPort,
  NodeSelectorTerm,
  PodSpec,
  PodTemplateSpec,
  Volume,
} from '../../../../api/types/coreV1.ts';
import { claimSpecWarnings } from '../shared/claimSpec.ts';
import { ipWarnings } from '../shared/ip.ts';
import { isLabelValue } from '../shared/names.ts';
import { deprecatedNodeLabel } from '../shared/nodeLabels.ts';
import { isWhole } from '../shared/resources.ts';
import { appArmorPrefix, seccompPod, seccompPrefix } from './annotations.ts';
import { appArmorOfAnnotation } from './containerSecurity.ts';
import { overlappingPaths } from './overlaps.ts';
import { containersWithPaths } from './visit.ts';

/** Of a template below `path`: `spec.template`. */
export const templateWarnings = (
  template: PodTemplateSpec | undefined,
  path: FieldPath,
): string[] => podWarnings(template?.spec, template?.metadata, path, 'template');

/** Models kubernetes/pkg/api/pod warnings.go: what is taken, but hardly meant. `path`: above spec and metadata. */
export function podWarnings(
  spec: PodSpec | undefined,
  meta: ObjectMeta | undefined,
  path: FieldPath,
  of: 'template' | undefined,
): string[] {
  if (!spec) return [];
  const warnings: string[] = [];
  const warn = (at: FieldPath, text: string): void => {
    warnings.push(`${at.toString()}: ${text}`);
  };
  const own = path.child('spec');
  const annotations = path.child('metadata', 'annotations');
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const message = deprecatedNodeLabel(key);
    if (message) warn(own.child('nodeSelector').key(key), message);
  }
  warnings.push(...nodeAffinityWarnings(spec, own));
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, index) => {
    const at = own.child('topologySpreadConstraints').index(index);
    const message = deprecatedNodeLabel(topologyKey);
    if (message) warn(at.child('topologyKey'), `${topologyKey} is ${message}`);
    if (!labelSelector) warn(at.child('labelSelector'), noSelector);
  });
  for (const [key, message] of oldAnnotations)
    if (meta?.annotations?.[key] !== undefined) warn(annotations.key(key), message);
  spec.volumes?.forEach((volume, index) =>
    warnings.push(...volumeWarnings(volume, own.child('volumes').index(index))),
  );
  warnings.push(...(spec.volumes ?? []).flatMap(overlappingPaths));
  const doubles = (list: readonly string[], name: string, item: string): void =>
    list.forEach((value, index) => {
      if (list.indexOf(value) < index)
        warn(own.child(name).index(index).child(item), `duplicate ${item} ${goQuote(value)}`);
    });
  const secrets = (spec.imagePullSecrets ?? []).map(({ name = '' }) => name);
  doubles(
    (spec.hostAliases ?? []).map(({ ip }) => ip),
    'hostAliases',
    'ip',
  );
  doubles(secrets, 'imagePullSecrets', 'name');
  secrets.forEach((name, index) => {
    if (!name)
      warn(own.child('imagePullSecrets').index(index).child('name'), 'invalid empty name ""');
  });
  warnings.push(...fractionWarnings(spec.overhead, own.child('overhead')));
  if (meta?.annotations?.[seccompPod] !== undefined && !spec.securityContext?.seccompProfile)
    warn(annotations.key(seccompPod), useSeccompField);
  const containers = containersWithPaths(spec, own);
  for (const [container, at] of containers) {
    warnings.push(...profileWarnings(container, spec, meta, annotations, of === 'template'));
    for (const name of ['memory', 'ephemeral-storage'])
      for (const which of ['limits', 'requests'] as const)
        warnings.push(
          ...fractionWarnings(container.resources?.[which], at.child('resources', which), [name]),
        );
    warnings.push(...envWarnings(container, at));
  }
  warnings.push(...portWarnings(containers), ...portNameWarnings(containers));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    warn(
      own.child('terminationGracePeriodSeconds'),
      'must be >= 0; negative values are invalid and will be treated as 1',
    );
  warnings.push(...podAffinityWarnings(spec, own));
  spec.dnsConfig?.nameservers?.forEach((server, index) =>
    warnings.push(...ipWarnings(own.child('dnsConfig', 'nameservers').index(index), server)),
  );
  spec.hostAliases?.forEach(({ ip }, index) =>
    warnings.push(...ipWarnings(own.child('hostAliases').index(index).child('ip'), ip)),
  );
  return warnings;
}

const noSelector = 'a null labelSelector results in matching no pod';
const useSeccompField = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const oldAnnotations = [
  [
    'scheduler.alpha.kubernetes.io/critical-pod',
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
  [
    'security.alpha.kubernetes.io/sysctls',
    'non-functional in v1.11+; use the "sysctls" field instead',
  ],
  [
    'security.alpha.kubernetes.io/unsafe-sysctls',
    'non-functional in v1.11+; use the "sysctls" field instead',
  ],
] as const;

const mandatory = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

function nodeAffinityWarnings({ affinity }: PodSpec, path: FieldPath): string[] {
  const node = affinity?.nodeAffinity;
  const at = path.child('affinity', 'nodeAffinity');
  return [
    ...(node?.[mandatory]?.nodeSelectorTerms ?? []).flatMap((term, index) =>
      nodeTermWarnings(term, at.child(mandatory, 'nodeSelectorTerms').index(index), false),
    ),
    ...(node?.[preferred] ?? []).flatMap(({ preference }, index) =>
      nodeTermWarnings(preference, at.child(preferred).index(index).child('preference'), true),
    ),
  ];
}

/** Models kubernetes/pkg/api/node GetWarningsForNodeSelectorTerm. */
export const nodeTermWarnings = (
  { matchExpressions }: NodeSelectorTerm,
  path: FieldPath,
  checkValues: boolean,
): string[] =>
  (matchExpressions ?? []).flatMap(({ key, values }, index) => {
    const at = path.child('matchExpressions').index(index);
    const message = deprecatedNodeLabel(key);
    const bad = (values ?? []).flatMap((value, spot) =>
      isLabelValue(value).map(
        (problem) =>
          `${at.child('values').index(spot).toString()}: ${value} is invalid, ${problem}`,
      ),
    );
    return [
      ...(message ? [`${at.child('key').toString()}: ${key} is ${message}`] : []),
      ...(checkValues ? bad : []),
    ];
  });

const outOfUse: readonly (readonly [keyof Volume, string, string?])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+', 'storageOS'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['ephemeral', ''],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

function volumeWarnings(volume: Volume, path: FieldPath): string[] {
  return outOfUse.flatMap(([name, message, otherwise]) => {
    if (!volume[name]) return [];
    if (message) return [`${path.child(otherwise ?? name).toString()}: ${message}`];
    const template = volume.ephemeral?.volumeClaimTemplate;
    const at = path.child('ephemeral', 'volumeClaimTemplate', 'spec');
    return template ? claimSpecWarnings(template.spec, at) : [];
  });
}

const fractionWarnings = (
  amounts: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
  names: readonly string[] = ['memory', 'ephemeral-storage'],
): string[] =>
  names.flatMap((name) => {
    const amount = amounts?.[name];
    return amount === undefined || isWhole(amount)
      ? []
      : [
          `${path.key(name).toString()}: fractional byte value "${amount}" is invalid, must be an integer`,
        ];
  });

function profileWarnings(
  { name, securityContext }: Container,
  spec: PodSpec,
  meta: ObjectMeta | undefined,
  annotations: FieldPath,
  isTemplate: boolean,
): string[] {
  const warnings: string[] = [];
  const seccomp = seccompPrefix + name;
  if (!securityContext?.seccompProfile && meta?.annotations?.[seccomp] !== undefined)
    warnings.push(`${annotations.key(seccomp).toString()}: ${useSeccompField}`);
  // Of pods this is said when the annotation becomes a field.
  const key = appArmorPrefix + name;
  const annotation = meta?.annotations?.[key];
  const profile = spec.securityContext?.appArmorProfile;
  if (!isTemplate || securityContext?.appArmorProfile || annotation === undefined) return warnings;
  if (!profile || !equal(profile, appArmorOfAnnotation(annotation)))
    warnings.push(
      `${annotations.key(key).toString()}: deprecated since v1.30; use the "appArmorProfile" field instead`,
    );
  return warnings;
}

function envWarnings({ env }: Container, path: FieldPath): string[] {
  const seen = new Set<string>();
  return (env ?? []).flatMap(({ name, value = '', valueFrom }, index) => {
    const isDouble = seen.has(name);
    seen.add(name);
    const own = `$(${name})`;
    const extends_ = !valueFrom && value !== own && value.includes(own);
    return isDouble && !extends_
      ? [
          `${path.child('env').index(index).toString()}: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`,
        ]
      : [];
  });
}

type Containers = readonly (readonly [Container, FieldPath])[];

function portWarnings(containers: Containers): string[] {
  const warnings: string[] = [];
  const known = new Map<string, { at: string; port: ContainerPort }[]>();
  for (const [container, path] of containers)
    for (const [index, port] of (container.ports ?? []).entries()) {
      const at = path.child('ports').index(index).toString();
      if (port.hostIP && !port.hostPort)
        warnings.push(`${at}: hostIP set without hostPort: ${goValues(port)}`);
      const id = `${port.containerPort}/${port.protocol ?? ''}`;
      const others = known.get(id) ?? [];
      for (const other of others) {
        const what = howPortsMeet(port, other.port);
        if (what) warnings.push(`${at}: ${what} port definition with ${other.at}`);
      }
      known.set(id, [...others, { at, port }]);
    }
  return warnings;
}

function howPortsMeet(a: ContainerPort, b: ContainerPort): string | undefined {
  const samePort = (a.hostPort ?? 0) === (b.hostPort ?? 0);
  if (samePort && (a.hostIP ?? '') === (b.hostIP ?? '')) return 'duplicate';
  if (!a.hostPort || !b.hostPort) return 'overlapping';
  return samePort && !a.hostIP !== !b.hostIP ? 'dangerously ambiguous' : undefined;
}

/** Go's %+v of a port. */
const goValues = (port: ContainerPort): string =>
  `{${Object.entries(internalForm('core.ContainerPort', port) as object)
    .map(([name, value]) => `${name}:${String(value)}`)
    .join(' ')}}`;

function portNameWarnings(containers: Containers): string[] {
  const known = new Map<string, string>();
  return containers.flatMap(([container, path]) =>
    (container.ports ?? []).flatMap(({ name }, index) => {
      if (!name) return [];
      const at = path.child('ports').index(index).toString();
      const other = known.get(name);
      if (other === undefined) known.set(name, at);
      return other === undefined
        ? []
        : [
            `${at}: duplicate port name ${goQuote(name)} with ${other}, services and probes that select ports by name will use ${other}`,
          ];
    }),
  );
}

function podAffinityWarnings({ affinity }: PodSpec, path: FieldPath): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => {
    const at = path.child('affinity', kind);
    const terms = affinity?.[kind];
    return [
      ...(terms?.[mandatory] ?? []).map(
        ({ labelSelector }, index) =>
          !labelSelector && at.child(mandatory).index(index).child('labelSelector'),
      ),
      ...(terms?.[preferred] ?? []).map(
        ({ podAffinityTerm }, index) =>
          !podAffinityTerm.labelSelector &&
          at.child(preferred).index(index).child('podAffinityTerm', 'labelSelector'),
      ),
    ].flatMap((place) => (place ? [`${place.toString()}: ${noSelector}`] : []));
  });
}
