import { alwaysPullImages } from './alwaysPullImages/alwaysPullImages.ts';
import { denyServiceExternalIPs } from './denyServiceExternalIPs/denyServiceExternalIPs.ts';
import { extendedResourceToleration } from './extendedResourceToleration/extendedResourceToleration.ts';
import { limitPodHardAntiAffinityTopology } from './limitPodHardAntiAffinityTopology/limitPodHardAntiAffinityTopology.ts';
import { ownerReferencesPermissionEnforcement } from './ownerReferencesPermissionEnforcement/ownerReferencesPermissionEnforcement.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { podNodeSelectorPlugin } from './podNodeSelector/podNodeSelector.ts';
import { podTolerationRestrictionPlugin } from './podTolerationRestriction/podTolerationRestriction.ts';

/** Plugins that a real server has off unless --enable-admission-plugins names them. */
export const optionalPlugins: readonly AdmissionPlugin[] = [
  limitPodHardAntiAffinityTopology,
  alwaysPullImages,
  podNodeSelectorPlugin(),
  podTolerationRestrictionPlugin(),
  extendedResourceToleration,
  ownerReferencesPermissionEnforcement,
  denyServiceExternalIPs,
];

/** Where they stand among the others. Models kubernetes/pkg/kubeapiserver/options/plugins.go. */
const ORDER: readonly string[] = [
  'LimitPodHardAntiAffinityTopology',
  'LimitRanger',
  'ServiceAccount',
  'NodeRestriction',
  'TaintNodesByCondition',
  'AlwaysPullImages',
  'PodSecurity',
  'PodNodeSelector',
  'Priority',
  'DefaultTolerationSeconds',
  'PodTolerationRestriction',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'DefaultStorageClass',
  'StorageObjectInUseProtection',
  'PodGroupProtection',
  'OwnerReferencesPermissionEnforcement',
  'PersistentVolumeClaimResize',
  'RuntimeClass',
  'CertificateApproval',
  'CertificateSigning',
  'ClusterTrustBundleAttest',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'DenyServiceExternalIPs',
  'PodTopologyLabels',
];

/** Whether an optional plugin stands before another one: those that are not named here come last. */
export function standsBefore(optional: string, other: string): boolean {
  const at = ORDER.indexOf(other);
  return other !== 'NamespaceLifecycle' && (at < 0 || at > ORDER.indexOf(optional));
}
