import { asGiven } from '../../../../api/emptied.ts';
import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  IPAddress,
  ParentReference,
  ServiceCIDR,
} from '../../../../api/types/networkingV1.ts';
import { all, allInvalid, each, type Loose } from '../shared/checks.ts';
import { isIpv4, parseCidr, validateCanonicalCidr, validateCanonicalIp } from '../shared/ip.ts';
import { isDns1123Subdomain, isPathSegment } from '../shared/names.ts';
import { immutable, validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import { requiredPathSegment } from './ingress.ts';

// The addresses of Services and the ranges that they come from.

const parentRef = FieldPath.of('spec', 'parentRef');
const cidrs = FieldPath.of('spec', 'cidrs');

/** Models kubernetes/pkg/registry/networking/ipaddress. */
export const ipAddressStrategy: Strategy<IPAddress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  metaOnUpdate: ['create', 'update'],
  validateName: (name) => validateCanonicalIp(FieldPath.root, name).map(({ detail }) => detail),
  validate: ({ spec }) => validateParent((spec as Loose<IPAddress['spec']>).parentRef),
  validateUpdate: ({ spec }, old) =>
    all(
      validateParent((spec as Loose<IPAddress['spec']>).parentRef),
      validateImmutable(
        spec.parentRef,
        old.spec.parentRef,
        parentRef,
        '*networking.ParentReference',
      ),
    ),
};

function validateParent(parent: Loose<ParentReference> | null | undefined): FieldError[] {
  if (!parent) return [required(parentRef)];
  const { group, namespace } = parent;
  return all(
    group && allInvalid(parentRef.child('group'), group, isDns1123Subdomain(group)),
    requiredPathSegment(parent.resource, parentRef.child('resource')),
    requiredPathSegment(parent.name, parentRef.child('name')),
    namespace && allInvalid(parentRef.child('namespace'), namespace, isPathSegment(namespace)),
  );
}

/** Models kubernetes/pkg/registry/networking/servicecidr. */
export const serviceCidrStrategy: Strategy<ServiceCIDR> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  validate: ({ spec }) => validateCidrs(spec?.cidrs ?? []),
  validateUpdate: ({ spec }, old) => {
    const now = spec?.cidrs ?? [];
    const before = old.spec?.cidrs ?? [];
    const kept = each(
      before,
      cidrs,
      (text, at, index) => now[index] !== text && invalid(at, now[index], immutable),
    );
    if (now.length === before.length) return kept;
    // A second family may join, nothing else.
    return before.length === 1 && now.length === 2
      ? all(kept, validateCidrs(now))
      : [invalid(cidrs, asGiven(spec, 'cidrs') ?? null, immutable)];
  },
};

function validateCidrs(list: readonly string[]): FieldError[] {
  if (!list.length) return [required(cidrs, 'at least one CIDR required')];
  if (list.length > 2)
    return [
      invalid(
        cidrs,
        internalForm('networking.ServiceCIDRSpec', { cidrs: list }),
        'may only hold up to 2 values',
      ),
    ];
  const families = list.map((text) => parseCidr(text)).map((cidr) => cidr && isIpv4(cidr));
  return all(
    each(list, cidrs, (text, at) => validateCanonicalCidr(at, text)),
    list.length === 2 &&
      families[0] !== undefined &&
      equal(families[0], families[1]) &&
      invalid(
        cidrs,
        list,
        'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ),
  );
}
