import {
  FieldPath,
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../../../api/types/networkingV1.ts';
import { all, allInvalid, each } from '../shared/checks.ts';
import { cidrWarnings, contains, parseCidr, validateCidr } from '../shared/ip.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isPortName, isValidPort } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');

/** Models kubernetes/pkg/registry/networking/networkpolicy and pkg/apis/networking/validation. */
export const networkPolicyStrategy: Strategy<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  hasGeneration: true,
  default_({ spec: own }) {
    if (!own) return;
    for (const rule of [...(own.ingress ?? []), ...(own.egress ?? [])])
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    if (!own.policyTypes?.length)
      own.policyTypes = own.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: ({ spec: own }) => validateSpec(own ?? {}, { labels: false, cidrs: [] }),
  warningsOnCreate: warnings,
  validateUpdate: ({ spec: own }, { spec: old = {} }) =>
    validateSpec(own ?? {}, {
      labels: validateLabelSelector(old.podSelector, spec).length > 0,
      cidrs: blocksOf(old).flatMap(({ block }) => [block.cidr, ...(block.except ?? [])]),
    }),
  warningsOnUpdate: warnings,
};

/** What an update may keep because it was stored before the rule was. */
interface Tolerance {
  readonly labels: boolean;
  readonly cidrs: readonly string[];
}

const directions = [
  ['ingress', 'from'],
  ['egress', 'to'],
] as const;
const policyTypes = ['Ingress', 'Egress'];

function validateSpec(own: NetworkPolicySpec, allowed: Tolerance): FieldError[] {
  const errors = validateLabelSelector(own.podSelector, spec.child('podSelector'), allowed.labels);
  for (const [direction, peers] of directions)
    errors.push(
      ...each<RuleOfEither>(own[direction], spec.child(direction), (rule, at) =>
        all(
          each(rule.ports, at.child('ports'), validatePort),
          each(rule[peers], at.child(peers), (peer, peerAt) => validatePeer(peer, peerAt, allowed)),
        ),
      ),
    );
  const typesAt = spec.child('policyTypes');
  if ((own.policyTypes?.length ?? 0) > 2)
    return all(
      errors,
      invalid(typesAt, own.policyTypes, 'may not specify more than two policyTypes'),
    );
  return all(
    errors,
    each(
      own.policyTypes,
      typesAt,
      (type, at) => !policyTypes.includes(type) && notSupported(at, type, policyTypes),
    ),
  );
}

interface RuleOfEither {
  readonly ports?: readonly NetworkPolicyPort[];
  readonly from?: readonly NetworkPolicyPeer[];
  readonly to?: readonly NetworkPolicyPeer[];
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, at: FieldPath): FieldError[] {
  const endAt = at.child('endPort');
  const protocols = ['TCP', 'UDP', 'SCTP'];
  return all(
    protocol !== undefined &&
      !protocols.includes(protocol) &&
      notSupported(at.child('protocol'), protocol, protocols),
    typeof port === 'number' && allInvalid(at.child('port'), port, isValidPort(port)),
    typeof port === 'number' &&
      endPort !== undefined &&
      all(
        endPort < port && invalid(endAt, port, 'must be greater than or equal to `port`'),
        allInvalid(endAt, endPort, isValidPort(endPort)),
      ),
    typeof port === 'string' &&
      endPort !== undefined &&
      invalid(endAt, endPort, 'may not be specified when `port` is non-numeric'),
    typeof port === 'string' && allInvalid(at.child('port'), port, isPortName(port)),
    port === undefined &&
      endPort !== undefined &&
      invalid(endAt, endPort, 'may not be specified when `port` is not specified'),
  );
}

function validatePeer(peer: NetworkPolicyPeer, at: FieldPath, allowed: Tolerance): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const count = [podSelector, namespaceSelector, ipBlock].filter(Boolean).length;
  return all(
    validateLabelSelector(podSelector, at.child('podSelector'), allowed.labels),
    validateLabelSelector(namespaceSelector, at.child('namespaceSelector'), allowed.labels),
    ipBlock && validateBlock(ipBlock, at.child('ipBlock'), allowed),
    count === 0 && required(at, 'must specify a peer'),
    count > 1 && ipBlock && fieldForbidden(at, 'may not specify both ipBlock and another peer'),
  );
}

function validateBlock(block: IPBlock, at: FieldPath, { cidrs }: Tolerance): FieldError[] {
  if (!block.cidr) return [required(at.child('cidr'))];
  const outer = parseCidr(block.cidr);
  return all(
    validateCidr(at.child('cidr'), block.cidr, cidrs),
    outer &&
      each(block.except, at.child('except'), (text, exceptAt) => {
        const inner = parseCidr(text);
        return all(
          validateCidr(exceptAt, text, cidrs),
          inner &&
            !(contains(outer, inner.network) && outer.length < inner.length) &&
            invalid(exceptAt, text, 'must be a strict subset of `cidr`'),
        );
      }),
  );
}

function warnings({ spec: own }: NetworkPolicy): string[] {
  return blocksOf(own ?? {}).flatMap(({ block, at }) => [
    ...cidrWarnings(at.child('cidr'), block.cidr),
    ...(block.except ?? []).flatMap((except, index) =>
      cidrWarnings(at.child('except').index(index), except),
    ),
  ]);
}

function blocksOf(own: NetworkPolicySpec): { block: IPBlock; at: FieldPath }[] {
  const found: { block: IPBlock; at: FieldPath }[] = [];
  for (const [direction, peers] of directions)
    (own[direction] ?? []).forEach((rule: RuleOfEither, index) =>
      (rule[peers] ?? []).forEach(({ ipBlock: block }, peer) => {
        const at = spec.child(direction).index(index).child(peers).index(peer).child('ipBlock');
        if (block) found.push({ block, at });
      }),
    );
  return found;
}
