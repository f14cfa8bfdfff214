import { equal } from '../../../api/meta.ts';
import type { Service } from '../../../api/types/coreV1.ts';
import type { Endpoint } from '../../../api/types/discoveryV1.ts';

const CLOSE = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode']);

/**
 * The endpoint with the hints that the Service's trafficDistribution asks for: its own zone, and its own node.
 * Models k8s.io/endpointslice/trafficdist ReconcileHints.
 */
export function withHints(endpoint: Endpoint, service: Service): Endpoint {
  const { trafficDistribution = '' } = service.spec ?? {};
  const { hints: old, ...plain } = endpoint;
  if (!CLOSE.has(trafficDistribution)) return plain;
  if (endpoint.conditions?.ready !== true) return endpoint;
  const { zone, nodeName } = endpoint;
  const hints = {
    ...(zone && { forZones: [{ name: zone }] }),
    ...(nodeName && trafficDistribution === 'PreferSameNode' && { forNodes: [{ name: nodeName }] }),
  };
  if (Object.keys(hints).length === 0) return plain;
  return equal(old, hints) ? endpoint : { ...plain, hints };
}
