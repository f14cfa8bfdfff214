import {
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
} from './certificates/certificates.ts';
import { defaultIngressClass } from './defaultIngressClass/defaultIngressClass.ts';
import { defaultStorageClass } from './defaultStorageClass/defaultStorageClass.ts';
import { defaultTolerationSeconds } from './defaultTolerationSeconds/defaultTolerationSeconds.ts';
import { limitRanger } from './limitRanger/limitRanger.ts';
import { mutatingAdmissionPolicy } from './policies/mutatingAdmissionPolicy.ts';
import { validatingAdmissionPolicy } from './policies/validatingAdmissionPolicy.ts';
import { namespaceLifecycle } from './namespaceLifecycle/namespaceLifecycle.ts';
import { nodeRestriction } from './nodeRestriction/nodeRestriction.ts';
import { nodeDeclaredFeatureValidator } from './nodeDeclaredFeatureValidator/nodeDeclaredFeatureValidator.ts';
import { persistentVolumeClaimResize } from './persistentVolumeClaimResize/persistentVolumeClaimResize.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { podResizeValidator } from './podResizeValidator/podResizeValidator.ts';
import { podSecurity } from './podSecurity/podSecurity.ts';
import { podTopologyLabels } from './podTopologyLabels/podTopologyLabels.ts';
import { priority } from './priority/priority.ts';
import { resourceQuota } from './resourceQuota/resourceQuota.ts';
import { runtimeClass } from './runtimeClass/runtimeClass.ts';
import { serviceAccount } from './serviceAccount/serviceAccount.ts';
import { storageObjectInUseProtection } from './storageObjectInUseProtection/storageObjectInUseProtection.ts';
import { mutatingAdmissionWebhook } from './webhooks/mutatingAdmissionWebhook.ts';
import { validatingAdmissionWebhook } from './webhooks/validatingAdmissionWebhook.ts';
import { taintNodesByCondition } from './taintNodesByCondition/taintNodesByCondition.ts';

/**
 * The plugins that are simulated. Their order is admission.json's. Of those that a server has by default, only such are
 * missing as nothing reaches: what PodGroupProtection, PodGroupWorkloadExists, JobValidation and ClusterTrustBundleAttest look
 * at is alpha, or off.
 */
export const plugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  podTopologyLabels,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  runtimeClass,
  defaultIngressClass,
  persistentVolumeClaimResize,
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  nodeDeclaredFeatureValidator,
  podResizeValidator,
  mutatingAdmissionPolicy,
  mutatingAdmissionWebhook,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  resourceQuota,
];
