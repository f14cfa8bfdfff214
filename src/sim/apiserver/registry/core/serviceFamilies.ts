import { FieldPath, invalid, invalidObject, type FieldError } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { Service, ServiceSpec } from '../../../../api/types/coreV1.ts';
import { all, each } from '../shared/checks.ts';
import { takesNodePorts } from './serviceFacts.ts';
import { isIpv6Text, validateClusterIps } from './serviceRules.ts';

const spec = FieldPath.of('spec');
const policyPath = spec.child('ipFamilyPolicy');

/** The families that have addresses here: this cluster has IPv4 only. */
const configured: readonly string[] = ['IPv4'];

/**
 * Decides which address families a Service has, in place. Throws what is wrong about them: 422.
 * Models kubernetes/pkg/registry/core/service/storage/alloc.go initIPFamilyFields.
 */
export function settleFamilies(service: Service, old: Service | undefined): void {
  const own = (service.spec ??= {});
  const before = old?.spec;
  if (own.type === 'ExternalName' || (before && staysPreferred(own, before))) return;
  const isFree = own.clusterIP === 'None' && !Object.keys(own.selector ?? {}).length;
  const policy = (own.ipFamilyPolicy ??=
    before?.ipFamilyPolicy ?? (isFree ? 'RequireDualStack' : 'SingleStack'));
  const refuse = (errors: readonly FieldError[]): void => {
    if (errors.length)
      throw invalidObject({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors);
  };
  refuse(validateClusterIps(own, before));
  const reduced = before ? reduce(own, before) : [];
  const mismatched = policy === 'SingleStack' ? singleStackErrors(own) : [];
  refuse(all(reduced, mismatched, inferFamilies(own)));
  const families = (own.ipFamilies = [...(own.ipFamilies ?? [])]);
  if (!isFree)
    refuse(
      all(
        policy === 'RequireDualStack' &&
          invalid(policyPath, policy, 'this cluster is not configured for dual-stack services'),
        each(families, spec.child('ipFamilies'), (family, at) =>
          configured.includes(family)
            ? undefined
            : invalid(at, family, 'not configured on this cluster'),
        ),
      ),
    );
  if (!families.length) families.push('IPv4');
  // Without addresses of its own and without a selector it may have both families on any cluster.
  if (isFree && families.length < 2 && policy !== 'SingleStack')
    families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4');
}

/** Services that prefer two families keep what they have when a cluster gets a second one. */
const staysPreferred = (own: ServiceSpec, before: ServiceSpec): boolean =>
  own.type === before.type &&
  (own.type === 'ClusterIP' || takesNodePorts(own)) &&
  own.ipFamilyPolicy === 'PreferDualStack' &&
  (before.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
  equal(own.clusterIPs, before.clusterIPs) &&
  equal(own.ipFamilies, before.ipFamilies);

/** Who asks for one family gives the second back; who does not ask must not leave it out. */
function reduce(own: ServiceSpec, before: ServiceSpec): FieldError[] {
  const isFewer = (now: readonly string[] = [], then: readonly string[] = []): boolean =>
    now.length > 0 && now.length < then.length;
  const mustBeSingle = (what: string): FieldError =>
    invalid(
      policyPath,
      own.ipFamilyPolicy,
      `must be 'SingleStack' to release the secondary ${what}`,
    );
  if (own.ipFamilyPolicy === 'SingleStack') {
    const { clusterIPs, ipFamilies } = own;
    if (clusterIPs && equal(clusterIPs, before.clusterIPs)) own.clusterIPs = clusterIPs.slice(0, 1);
    if (ipFamilies && equal(ipFamilies, before.ipFamilies)) own.ipFamilies = ipFamilies.slice(0, 1);
    return [];
  }
  return all(
    isFewer(own.clusterIPs, before.clusterIPs) && mustBeSingle('cluster IP'),
    isFewer(own.ipFamilies, before.ipFamilies) && mustBeSingle('IP family'),
  );
}

function singleStackErrors({ ipFamilyPolicy, clusterIPs, ipFamilies }: ServiceSpec): FieldError[] {
  const mustBeDual = (what: string): FieldError =>
    invalid(
      policyPath,
      ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    );
  return all(
    clusterIPs?.length === 2 && mustBeDual('cluster IPs'),
    ipFamilies?.length === 2 && mustBeDual('IP families'),
  );
}

/** A family that is not given follows from the address that is. */
function inferFamilies(own: ServiceSpec): FieldError[] {
  const { clusterIPs = [] } = own;
  if (clusterIPs[0] === 'None') return [];
  const families = [...(own.ipFamilies ?? [])];
  const errors: FieldError[] = [];
  for (const [index, ip] of clusterIPs.entries()) {
    if (index < families.length) continue;
    const family = isIpv6Text(ip) ? 'IPv6' : 'IPv4';
    if (configured.includes(family)) families.push(family);
    else
      errors.push(
        invalid(
          spec.child('clusterIPs').index(index),
          clusterIPs,
          `${family} is not configured on this cluster`,
        ),
      );
  }
  own.ipFamilies = families;
  return errors;
}
