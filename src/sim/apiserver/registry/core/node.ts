import {
  FieldPath,
  duplicate,
  fieldForbidden,
  goQuote,
  invalid,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type {
  ConfigMapNodeConfigSource,
  Node,
  NodeConfigSource,
  Taint,
} from '../../../../api/types/coreV1.ts';
import { taintEffects } from '../podSpec/scheduling.ts';
import { aboveZero, all, each, must, mustBe, mustBeOneOf, type Found } from '../shared/checks.ts';
import { cidrWarnings, isIpv4, parseCidr, validateCidr } from '../shared/ip.ts';
import { validateLabelName } from '../shared/labels.ts';
import {
  isConfigMapKey,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  utf8Length,
} from '../shared/names.ts';
import { roundAmounts } from '../shared/resourceLists.ts';
import { validateAmount } from '../shared/resources.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');
const metadata = FieldPath.of('metadata');

/** Models kubernetes/pkg/registry/core/node and core/validation ValidateNode. */
export const nodeStrategy: Strategy<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['create', 'update'],
  default_(node) {
    const own = node.status;
    if (own?.capacity && !own.allocatable) own.allocatable = { ...own.capacity };
    roundAmounts(own?.capacity, own?.allocatable);
    mirrorPodCidr(node);
  },
  prepareForCreate(node) {
    delete node.spec?.configSource;
    delete node.status?.config;
  },
  validate: validateNode,
  warningsOnCreate: nodeWarnings,
  prepareForUpdate(node, old) {
    if (old.status) node.status = old.status;
    if (!old.spec?.configSource) delete node.spec?.configSource;
  },
  validateUpdate: (node, old) => [...validateNode(node), ...validateUpdate(node, old)],
  warningsOnUpdate: nodeWarnings,
  subresources: {
    status: {
      prepareForUpdate(node, old) {
        if (old.spec) node.spec = old.spec;
        if (!old.status?.config) delete node.status?.config;
      },
      validateUpdate,
    },
  },
  selectableFields: ({ spec: own }) => ({
    'spec.unschedulable': String(own?.unschedulable ?? false),
  }),
};

/** The old field is the first of the new ones. Models Convert_v1_NodeSpec_To_core_NodeSpec. */
function mirrorPodCidr({ spec: own }: Node): void {
  if (!own) return;
  const { podCIDR, podCIDRs } = own;
  if (podCIDR && podCIDR !== podCIDRs?.[0]) own.podCIDRs = [podCIDR];
  const first = own.podCIDRs?.[0];
  if (first !== undefined) own.podCIDR = first;
}

function validateNode(node: Node): FieldError[] {
  const ranges = node.spec?.podCIDRs ?? [];
  const at = spec.child('podCIDRs');
  const wrong = ranges.findIndex((range) => parseCidr(range) === undefined);
  const families = ranges.map(parseCidr).map((range) => range && isIpv4(range));
  const isDual = families.includes(true) && families.includes(false);
  const swap = node.status?.nodeInfo?.swap?.capacity;
  return all(
    validateAnnotations(node),
    validateTaints(node.spec?.taints, metadata.child('taints')),
    validateAmounts(node),
    swap !== undefined && aboveZero(swap, metadata.child('nodeSwapStatus', 'capacity')),
    validateFeatures(node.status?.declaredFeatures),
    each(ranges, at, (range, place) => validateCidr(place, range)),
    ranges.length > 1 && [
      wrong >= 0 && unparsable(at, wrong, ranges[wrong] ?? ''),
      (!isDual || wrong >= 0 || ranges.length > 2) &&
        invalid(at, ranges, 'may specify no more than one CIDR for each IP family'),
    ],
  );
}

const unparsable = (at: FieldPath, index: number, range: string): FieldError => ({
  type: 'InternalError',
  field: at.toString(),
  detail: `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${index}]: <nil> (invalid CIDR address: ${range})`,
});

const taintsAnnotation = 'scheduler.alpha.kubernetes.io/taints';

const avoidAnnotation = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

/** Two annotations hold JSON of older days. Models ValidateNodeSpecificAnnotations. */
function validateAnnotations({ metadata: { annotations } }: Node): Found {
  const at = metadata.child('annotations');
  const taints = annotations?.[taintsAnnotation];
  const avoids = annotations?.[avoidAnnotation];
  return [
    taints &&
      parsed(taints, at, taintsAnnotation, (list: Taint[]) =>
        validateTaints(list, at.child(taintsAnnotation)),
      ),
    avoids &&
      parsed(avoids, at.child('AvoidPods'), avoidAnnotation, ({ preferAvoidPods }: AvoidPods) =>
        each(preferAvoidPods, at.child(avoidAnnotation), validateAvoided),
      ),
  ];
}

interface AvoidPods {
  readonly preferAvoidPods?: readonly {
    readonly podSignature?: { readonly podController?: { readonly controller?: boolean } };
  }[];
}

function validateAvoided(
  { podSignature }: NonNullable<AvoidPods['preferAvoidPods']>[number],
  at: FieldPath,
): Found {
  const place = at.child('PodSignature');
  const owner = podSignature?.podController;
  if (!owner) return required(place);
  return (
    !owner.controller &&
    invalid(place.child('PodController', 'Controller'), false, 'must point to a controller')
  );
}

function parsed(text: string, at: FieldPath, name: string, check: (value: never) => Found): Found {
  let value: never;
  try {
    value = JSON.parse(text) as never;
  } catch {
    const start = text.trim().charAt(0);
    const why =
      start === ''
        ? 'unexpected end of JSON input'
        : `invalid character '${start}' looking for beginning of value`;
    return invalid(at, name, why);
  }
  return check(value);
}

export function validateTaints(
  taints: readonly Taint[] | undefined,
  path: FieldPath,
): FieldError[] {
  const seen = new Set<string>();
  return each(taints, path, (taint, at) => {
    const { key, value = '', effect } = taint;
    const id = `${effect}/${key}`;
    const isDouble = seen.has(id);
    seen.add(id);
    const bad = isLabelValue(value);
    return [
      validateLabelName(key, at.child('key')),
      bad.length && invalid(at.child('value'), value, bad.join(';')),
      mustBeOneOf(effect, taintEffects, at.child('effect')),
      isDouble && {
        ...duplicate(at, internalForm('core.Taint', taint)),
        detail: 'taints must be unique by key and effect pair',
      },
    ];
  });
}

const validateAmounts = ({ status: own }: Node): Found =>
  (['capacity', 'allocatable'] as const).map((which) =>
    Object.entries(own?.[which] ?? {}).map(([name, amount]) =>
      validateAmount(name, amount, status.child(which, name)),
    ),
  );

const featureName = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;

function validateFeatures(features: readonly string[] | undefined): FieldError[] {
  return each(features, status.child('declaredFeatures'), (name, at, index) => {
    const next = features?.[index + 1];
    const place = status.child('declaredFeatures').index(index + 1);
    const bad = `invalid feature name ${goQuote(name)}:`;
    return [
      utf8Length(name) > 253
        ? invalid(at, name, `${bad} must be no more than 253 characters`)
        : !featureName.test(name) &&
          invalid(
            at,
            name,
            `${bad} must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
          ),
      next !== undefined &&
        (next === name
          ? duplicate(place, next)
          : name > next && invalid(place, next, 'list must be sorted alphabetically')),
    ];
  });
}

function validateUpdate(node: Node, old: Node): FieldError[] {
  const own = node.spec ?? {};
  const before = old.spec ?? {};
  const seen = new Set<string>();
  const ranges = before.podCIDRs ?? [];
  const oneRange = fieldForbidden(
    spec.child('podCIDRs'),
    'node updates may not change podCIDR except from "" to valid',
  );
  return all(
    validateAnnotations(node),
    validateAmounts(node),
    validateFeatures(node.status?.declaredFeatures),
    each(node.status?.addresses, status.child('addresses'), (address, at) => {
      const id = JSON.stringify([address.type, address.address]);
      const isDouble = seen.has(id);
      seen.add(id);
      return isDouble && duplicate(at, internalForm('core.NodeAddress', address));
    }),
    ranges.length > 0 &&
      (ranges.length !== (own.podCIDRs?.length ?? 0)
        ? oneRange
        : ranges.map((range, index) => range !== own.podCIDRs?.[index] && oneRange)),
    before.providerID &&
      before.providerID !== own.providerID &&
      fieldForbidden(
        spec.child('providerID'),
        'node updates may not change providerID except from "" to valid',
      ),
    own.configSource && validateConfigSource(own.configSource, spec.child('configSource'), false),
    (['assigned', 'active', 'lastKnownGood'] as const).map((which) => {
      const source = node.status?.config?.[which];
      return source && validateConfigSource(source, status.child('config', which), true);
    }),
    validateTaints(own.taints, metadata.child('taints')),
    (own.externalID ?? '') !== (before.externalID ?? '') &&
      fieldForbidden(spec.child('externalID'), 'may not be updated'),
  );
}

function validateConfigSource(source: NodeConfigSource, path: FieldPath, isStatus: boolean): Found {
  const map = source.configMap;
  const at = path.child('configMap');
  if (!map)
    return invalid(
      path,
      internalForm('core.NodeConfigSource', source),
      'exactly one reference subfield must be non-nil',
    );
  return [
    (['uid', 'resourceVersion'] as const).map((name) =>
      isStatus
        ? !map[name] && required(at.child(name))
        : map[name] && fieldForbidden(at.child(name), `${name} must not be set in spec`),
    ),
    validateConfigMapSource(map, at),
  ];
}

const validateConfigMapSource = (map: ConfigMapNodeConfigSource, at: FieldPath): Found => [
  mustBe(isDns1123Label, map.namespace, at.child('namespace')),
  mustBe(isDns1123Subdomain, map.name, at.child('name')),
  must(map.kubeletConfigKey, at.child('kubeletConfigKey')),
  map.kubeletConfigKey &&
    mustBe(isConfigMapKey, map.kubeletConfigKey, at.child('kubeletConfigKey')),
];

function nodeWarnings({ spec: own }: Node): string[] {
  return [
    ...(own?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(own?.externalID
      ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes']
      : []),
    ...(own?.podCIDRs ?? []).flatMap((range, index) =>
      cidrWarnings(spec.child('podCIDRs').index(index), range),
    ),
  ];
}
