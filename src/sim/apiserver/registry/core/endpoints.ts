import { FieldPath, required, type FieldError } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Endpoints,
} from '../../../../api/types/coreV1.ts';
import { protocols } from '../podSpec/containers.ts';
import { all, allInvalid, each, mayBe, mustBeOneOf, type Found } from '../shared/checks.ts';
import { ipWarnings, validateEndpointIp, validateIp } from '../shared/ip.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidPort,
} from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

const path = FieldPath.of('subsets');

/** Models kubernetes/pkg/registry/core/endpoint and core/validation ValidateEndpoints. */
export const endpointsStrategy: Strategy<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['update', 'create'],
  default_({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ??= 'TCP';
  },
  validate: ({ subsets }) => validateSubsets(subsets),
  warningsOnCreate: endpointsWarnings,
  // What nobody changed may stay bad.
  validateUpdate: ({ subsets }, old) =>
    equal(subsets, old.subsets) ? [] : validateSubsets(subsets),
  warningsOnUpdate: endpointsWarnings,
};

const validateSubsets = (subsets: readonly EndpointSubset[] | undefined): FieldError[] =>
  each(subsets, path, ({ addresses, notReadyAddresses, ports }, at) => [
    !addresses?.length &&
      !notReadyAddresses?.length &&
      required(at, 'must specify `addresses` or `notReadyAddresses`'),
    each(addresses, at.child('addresses'), validateAddress),
    each(notReadyAddresses, at.child('notReadyAddresses'), validateAddress),
    each(ports, at.child('ports'), (port, place) =>
      validatePort(port, (ports?.length ?? 0) > 1, place),
    ),
  ]);

const validateAddress = ({ ip, hostname, nodeName }: EndpointAddress, at: FieldPath): Found => [
  validateIp(at.child('ip'), ip),
  mayBe(isDns1123Label, hostname, at.child('hostname')),
  nodeName !== undefined &&
    allInvalid(at.child('nodeName'), nodeName, isDns1123Subdomain(nodeName)),
  validateEndpointIp(at.child('ip'), ip),
];

const validatePort = (
  { name, port, protocol, appProtocol }: EndpointPort,
  needsName: boolean,
  at: FieldPath,
): Found =>
  all(
    needsName && !name && required(at.child('name')),
    mayBe(isDns1123Label, name, at.child('name')),
    allInvalid(at.child('port'), port, isValidPort(port)),
    mustBeOneOf(protocol, protocols, at.child('protocol')),
    appProtocol !== undefined &&
      allInvalid(at.child('appProtocol'), appProtocol, isQualifiedName(appProtocol)),
  );

function endpointsWarnings({ metadata, subsets }: Endpoints): string[] {
  // The controller's own would fill the log.
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return [];
  return (subsets ?? []).flatMap((subset, index) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
      (subset[list] ?? []).flatMap(({ ip }, place) =>
        ipWarnings(path.index(index).child(list).index(place).child('ip'), ip),
      ),
    ),
  );
}
