import type { ServiceSpec } from '../../../../api/types/coreV1.ts';

// What follows from the type of a Service. Models kubernetes/pkg/api/service util.go.

type Spec = Pick<ServiceSpec, 'type' | 'externalIPs' | 'externalTrafficPolicy' | 'clusterIPs'>;

export const isExternallyAccessible = ({ type, externalIPs }: Spec): boolean =>
  type === 'LoadBalancer' ||
  type === 'NodePort' ||
  (type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0);

export const takesNodePorts = ({ type }: Spec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer';

export const needsHealthCheck = ({ type, externalTrafficPolicy }: Spec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

export const isHeadless = ({ clusterIPs }: Spec): boolean =>
  clusterIPs?.length === 1 && clusterIPs[0] === 'None';
