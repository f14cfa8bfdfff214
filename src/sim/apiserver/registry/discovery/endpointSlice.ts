import { duplicate, FieldPath, invalid, tooMany, type FieldError } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  Endpoint,
  EndpointHints,
  EndpointPort,
  EndpointSlice,
} from '../../../../api/types/discoveryV1.ts';
import {
  all,
  allInvalid,
  each,
  mayBe,
  must,
  mustBeOneOf,
  oneOf,
  seenBefore,
} from '../shared/checks.ts';
import {
  ipWarnings,
  isIpv4,
  parseIp,
  validateCanonicalIp,
  validateEndpointIp,
  validateIp,
} from '../shared/ip.ts';
import { validateLabels } from '../shared/labels.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
  validateDomainName,
} from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

const root = FieldPath.root;
const hostname = 'kubernetes.io/hostname';

/** Models kubernetes/pkg/registry/discovery/endpointslice and pkg/apis/discovery/validation. */
export const endpointSliceStrategy: Strategy<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  metaOnUpdate: ['create'],
  default_({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  prepareForCreate(slice) {
    slice.metadata.generation = 1;
    dropTopology(slice);
  },
  validate: (slice) => validate(slice),
  warningsOnCreate: (slice) => [
    ...((slice.addressType as string) === 'FQDN'
      ? ['spec.addressType: FQDN endpoints are deprecated']
      : []),
    ...addressWarnings(slice),
  ],
  prepareForUpdate(slice, old) {
    const bare = ({ metadata, ...rest }: EndpointSlice): object => ({
      ...rest,
      labels: metadata.labels,
    });
    const { generation = 0 } = old.metadata;
    slice.metadata.generation = generation + (equal(bare(slice), bare(old)) ? 0 : 1);
    if (!equal(slice.endpoints, old.endpoints)) dropTopology(slice, old);
  },
  validateUpdate: (slice, old) =>
    all(
      validate(slice, old),
      validateImmutable(slice.addressType, old.addressType, root.child('addressType')),
    ),
  warningsOnUpdate: addressWarnings,
};

/** The topology of v1beta1 is not written any more, but a node that it named stays. */
function dropTopology(slice: EndpointSlice, old?: EndpointSlice): void {
  const known = new Set(old?.endpoints?.map((one) => one.deprecatedTopology?.[hostname]));
  for (const endpoint of slice.endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[hostname];
    if (node && known.has(node) && !isDns1123Subdomain(node).length) endpoint.nodeName ??= node;
    delete endpoint.deprecatedTopology;
  }
}

function addressWarnings({ metadata, endpoints }: EndpointSlice): string[] {
  const manager = metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '';
  const isOurs = [
    'endpointslice-controller.k8s.io',
    'endpointslicemirroring-controller.k8s.io',
  ].includes(manager);
  if (isOurs) return [];
  return (endpoints ?? []).flatMap(({ addresses }, index) =>
    addresses.flatMap((address, at) =>
      ipWarnings(root.child('endpoints').index(index).child('addresses').index(at), address),
    ),
  );
}

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const maxPorts = 20000;
const maxEndpoints = 1000;
const maxAddresses = 100;
const maxTopologyLabels = 16;
const maxHints = 8;

function validate(slice: EndpointSlice, old?: EndpointSlice): FieldError[] {
  const same = old && equal(old.endpoints, slice.endpoints);
  const { addressType } = slice;
  return all(
    mustBeOneOf(addressType, addressTypes, root.child('addressType')),
    validatePorts(slice.ports ?? [], root.child('ports')),
    !same && validateEndpoints(slice.endpoints ?? [], addressType, root.child('endpoints')),
  );
}

function validatePorts(ports: readonly EndpointPort[], path: FieldPath): FieldError[] {
  if (ports.length > maxPorts) return [tooMany(path, ports.length, maxPorts)];
  const seen = seenBefore();
  return each(ports, path, ({ name = '', protocol, appProtocol }, at) => [
    mayBe(isDns1123Label, name, at.child('name')),
    seen(name) && duplicate(at.child('name'), name),
    oneOf(protocol, ['SCTP', 'TCP', 'UDP'], at.child('protocol')),
    appProtocol !== undefined &&
      allInvalid(at.child('appProtocol'), appProtocol, isQualifiedName(appProtocol)),
  ]);
}

function validateEndpoints(
  endpoints: readonly Endpoint[],
  addressType: string,
  path: FieldPath,
): FieldError[] {
  if (endpoints.length > maxEndpoints) return [tooMany(path, endpoints.length, maxEndpoints)];
  return each(endpoints, path, (endpoint, at) => {
    const { nodeName, hostname: host, hints } = endpoint;
    const addresses = (endpoint.addresses as string[] | null) ?? [];
    const topology = endpoint.deprecatedTopology ?? {};
    const labels = Object.keys(topology).length;
    const addressesAt = at.child('addresses');
    const topologyAt = at.child('deprecatedTopology');
    return [
      must(addresses, addressesAt, 'must contain at least 1 address'),
      addresses.length > maxAddresses && tooMany(addressesAt, addresses.length, maxAddresses),
      each(addresses, addressesAt, (address, addressAt) =>
        validateAddress(address, addressType, addressAt, addressesAt),
      ),
      nodeName !== undefined &&
        allInvalid(at.child('nodeName'), nodeName, isDns1123Subdomain(nodeName)),
      labels > maxTopologyLabels && tooMany(topologyAt, labels, maxTopologyLabels),
      validateLabels(topology, topologyAt),
      host !== undefined && allInvalid(at.child('hostname'), host, isDns1123Label(host)),
      hints && validateHints(hints, at.child('hints')),
    ];
  });
}

function validateAddress(address: string, type: string, at: FieldPath, listAt: FieldPath) {
  if (type === 'FQDN') return validateDomainName(address, at);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const errors = type === 'IPv4' ? validateIp(at, address) : validateCanonicalIp(at, address);
  const ip = parseIp(address);
  if (errors.length || !ip) return errors;
  return all(
    isIpv4(ip) !== (type === 'IPv4') && invalid(listAt, address, `must be an ${type} address`),
    validateEndpointIp(at, address),
  );
}

function validateHints({ forZones, forNodes }: EndpointHints, at: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, list, rule] of [
    ['forZones', forZones, isLabelValue],
    ['forNodes', forNodes, isDns1123Subdomain],
  ] as const) {
    const count = list?.length ?? 0;
    if (count > maxHints) return [...errors, tooMany(at.child(key), count, maxHints)];
    const seen = seenBefore();
    errors.push(
      ...each(list, at.child(key), ({ name }, itemAt) => [
        seen(name) && duplicate(itemAt.child('name'), name),
        allInvalid(itemAt.child('name'), name, rule(name)),
      ]),
    );
  }
  return errors;
}
