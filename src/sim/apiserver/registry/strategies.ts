import type { KubeObject } from '../../../api/meta.ts';
import { controllerRevisionStrategy } from './apps/controllerRevision.ts';
import { daemonSetStrategy } from './apps/daemonSet.ts';
import { deploymentStrategy } from './apps/deployment.ts';
import { replicaSetStrategy } from './apps/replicaSet.ts';
import { statefulSetStrategy } from './apps/statefulSet.ts';
import { cronJobStrategy } from './batch/cronJob.ts';
import { jobStrategy } from './batch/job.ts';
import { configMapStrategy } from './core/configMap.ts';
import { endpointsStrategy } from './core/endpoints.ts';
import { eventStrategy, newEventStrategy } from './core/event.ts';
import { limitRangeStrategy } from './core/limitRange.ts';
import { namespaceStrategy } from './core/namespace.ts';
import { nodeStrategy } from './core/node.ts';
import { persistentVolumeStrategy } from './core/persistentVolume.ts';
import { persistentVolumeClaimStrategy } from './core/persistentVolumeClaim.ts';
import { podStrategy } from './core/pod.ts';
import { podTemplateStrategy } from './core/podTemplate.ts';
import { replicationControllerStrategy } from './core/replicationController.ts';
import { resourceQuotaStrategy } from './core/resourceQuota.ts';
import { secretStrategy } from './core/secret.ts';
import { serviceStrategy } from './core/service.ts';
import { serviceAccountStrategy } from './core/serviceAccount.ts';
import { ipAddressStrategy, serviceCidrStrategy } from './networking/addresses.ts';
import { ingressStrategy } from './networking/ingress.ts';
import { ingressClassStrategy } from './networking/ingressClass.ts';
import { networkPolicyStrategy } from './networking/networkPolicy.ts';
import { leaseStrategy } from './coordination/lease.ts';
import { runtimeClassStrategy } from './node/runtimeClass.ts';
import { podDisruptionBudgetStrategy } from './policy/podDisruptionBudget.ts';
import { priorityClassStrategy } from './scheduling/priorityClass.ts';
import { deviceClassStrategy } from './resource/deviceClass.ts';
import { resourceClaimStrategy, resourceClaimTemplateStrategy } from './resource/resourceClaim.ts';
import { resourceSliceStrategy } from './resource/resourceSlice.ts';
import { storageClassStrategy, volumeAttributesClassStrategy } from './storage/classes.ts';
import { csiDriverStrategy, csiNodeStrategy, csiStorageCapacityStrategy } from './storage/csi.ts';
import { volumeAttachmentStrategy } from './storage/volumeAttachment.ts';
import { mutatingAdmissionPolicyStrategy } from './admissionregistration/mutatingAdmissionPolicy.ts';
import {
  mutatingAdmissionPolicyBindingStrategy,
  validatingAdmissionPolicyBindingStrategy,
} from './admissionregistration/policyBindings.ts';
import { validatingAdmissionPolicyStrategy } from './admissionregistration/validatingAdmissionPolicy.ts';
import {
  mutatingWebhookConfigurationStrategy,
  validatingWebhookConfigurationStrategy,
} from './admissionregistration/webhookConfigurations.ts';
import { apiServiceStrategy } from './apiregistration/apiService.ts';
import { customResourceDefinitionStrategy } from './apiextensions/customResourceDefinition.ts';
import {
  horizontalPodAutoscalerStrategy,
  horizontalPodAutoscalerV1Strategy,
} from './autoscaling/horizontalPodAutoscaler.ts';
import { certificateSigningRequestStrategy } from './certificates/certificateSigningRequest.ts';
import { endpointSliceStrategy } from './discovery/endpointSlice.ts';
import { flowSchemaStrategy } from './flowcontrol/flowSchema.ts';
import { priorityLevelConfigurationStrategy } from './flowcontrol/priorityLevelConfiguration.ts';
import { clusterRoleBindingStrategy, roleBindingStrategy } from './rbac/bindings.ts';
import { clusterRoleStrategy, roleStrategy } from './rbac/roles.ts';
import { schemaErrors } from './shared/schemaRules.ts';
import type { Strategy } from './strategy.ts';

/** Kinds with rules of their own: one line each. What is not here follows its schema (`generic`). */
const own: readonly Strategy[] = [
  podStrategy,
  podTemplateStrategy,
  replicationControllerStrategy,
  serviceStrategy,
  endpointsStrategy,
  namespaceStrategy,
  nodeStrategy,
  configMapStrategy,
  secretStrategy,
  serviceAccountStrategy,
  persistentVolumeStrategy,
  persistentVolumeClaimStrategy,
  resourceQuotaStrategy,
  limitRangeStrategy,
  eventStrategy,
  newEventStrategy,
  deploymentStrategy,
  replicaSetStrategy,
  statefulSetStrategy,
  daemonSetStrategy,
  controllerRevisionStrategy,
  jobStrategy,
  cronJobStrategy,
  roleStrategy,
  clusterRoleStrategy,
  roleBindingStrategy,
  clusterRoleBindingStrategy,
  flowSchemaStrategy,
  priorityLevelConfigurationStrategy,
  endpointSliceStrategy,
  horizontalPodAutoscalerStrategy,
  horizontalPodAutoscalerV1Strategy,
  ingressStrategy,
  ingressClassStrategy,
  networkPolicyStrategy,
  ipAddressStrategy,
  serviceCidrStrategy,
  podDisruptionBudgetStrategy,
  priorityClassStrategy,
  leaseStrategy,
  runtimeClassStrategy,
  storageClassStrategy,
  volumeAttributesClassStrategy,
  csiDriverStrategy,
  csiNodeStrategy,
  csiStorageCapacityStrategy,
  volumeAttachmentStrategy,
  validatingWebhookConfigurationStrategy,
  mutatingWebhookConfigurationStrategy,
  validatingAdmissionPolicyStrategy,
  validatingAdmissionPolicyBindingStrategy,
  mutatingAdmissionPolicyStrategy,
  mutatingAdmissionPolicyBindingStrategy,
  customResourceDefinitionStrategy,
  apiServiceStrategy,
  certificateSigningRequestStrategy,
  resourceClaimStrategy,
  resourceClaimTemplateStrategy,
  deviceClassStrategy,
  resourceSliceStrategy,
].map((strategy) => strategy as unknown as Strategy);

const byKind = new Map(
  own.map((strategy) => [idOf(strategy.group, strategy.version, strategy.kind), strategy]),
);

/** The strategy of a kind; one that knows its schema only, where there is no other. */
export function strategyOf(group: string, version: string, kind: string): Strategy {
  const id = idOf(group, version, kind);
  let strategy = byKind.get(id);
  if (!strategy) byKind.set(id, (strategy = generic(group, version, kind)));
  return strategy;
}

function idOf(group: string, version: string, kind: string): string {
  return `${group}/${version}/${kind}`;
}

function generic<T extends KubeObject = KubeObject>(
  group: string,
  version: string,
  kind: string,
  more: Partial<Strategy<T>> = {},
): Strategy<T> {
  return {
    group,
    version,
    kind,
    validate: (object) => schemaErrors(object, { group, version, kind }),
    validateUpdate: (object) => schemaErrors(object, { group, version, kind }),
    ...more,
  };
}
