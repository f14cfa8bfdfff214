import type { Service } from '../../../../api/types/coreV1.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';

/** Services take no external addresses that they did not have. Models plugin/pkg/admission/network/denyserviceexternalips. */
export const denyServiceExternalIPs = {
  name: 'DenyServiceExternalIPs',

  validate(attributes) {
    const { group, resource, subresource, operation, object, oldObject } = attributes;
    if (group !== '' || resource !== 'services' || subresource !== '' || !object) return undefined;
    if (operation === 'DELETE') return undefined;
    const addresses = (service: Service | undefined): readonly string[] =>
      service?.spec?.externalIPs ?? [];
    const known = new Set(addresses(oldObject));
    if (addresses(object as Service).every((address) => known.has(address)))
      return 'Takes no external address.';
    throw refuse(attributes, 'Use of external IPs is denied by admission control');
  },
} satisfies AdmissionPlugin;
