import type { Controller, ControllerOptions } from '../client/controller.ts';
import { ClusterRoleAggregationController } from './clusterroleaggregation/clusterRoleAggregationController.ts';
import { CronJobController } from './cronjob/cronJobController.ts';
import { DaemonSetController } from './daemonset/daemonSetController.ts';
import { DeploymentController } from './deployment/deploymentController.ts';
import { DisruptionController } from './disruption/disruptionController.ts';
import { EndpointsController } from './endpoints/endpointsController.ts';
import { EndpointSliceController } from './endpointslice/endpointSliceController.ts';
import { EndpointSliceMirroringController } from './endpointslicemirroring/endpointSliceMirroringController.ts';
import { GarbageCollector } from './garbagecollector/garbageCollector.ts';
import { JobController } from './job/jobController.ts';
import { NamespaceController } from './namespace/namespaceController.ts';
import { NodeIpamController } from './nodeipam/nodeIpamController.ts';
import { NodeLifecycleController } from './nodelifecycle/nodeLifecycleController.ts';
import { EphemeralVolumeController } from './persistentvolume/ephemeralVolumeController.ts';
import { PersistentVolumeController } from './persistentvolume/persistentVolumeController.ts';
import { VolumeExpandController } from './persistentvolume/volumeExpandController.ts';
import { PodGarbageCollector } from './podgc/podGarbageCollector.ts';
import { ReplicaSetController } from './replicaset/replicaSetController.ts';
import { ReplicationManager } from './replicationcontroller/replicationManager.ts';
import { ResourceQuotaController } from './resourcequota/resourceQuotaController.ts';
import { RootCaPublisher } from './rootca/rootCaPublisher.ts';
import { ServiceAccountController } from './serviceaccount/serviceAccountController.ts';
import { StatefulSetController } from './statefulset/statefulSetController.ts';
import { TaintEvictionController } from './tainteviction/taintEvictionController.ts';
import { TtlController } from './ttl/ttlController.ts';
import { TtlAfterFinishedController } from './ttlafterfinished/ttlAfterFinishedController.ts';
import { ClaimProtectionController } from './volumeprotection/claimProtectionController.ts';
import { VolumeProtectionController } from './volumeprotection/volumeProtectionController.ts';

/** What a controller is made with, beside what every one of them gets. */
export interface ControllerExtras {
  readonly rootCa: string;
}

export interface ControllerEntry {
  /** As kube-controller-manager --controllers lists it. */
  readonly name: string;
  /** Its lane in the trace: `controller/deployment`. */
  readonly lane: string;
  /** Its ServiceAccount in kube-system; absent: it acts as the controller manager itself. */
  readonly serviceAccount?: string;
  readonly create: (options: ControllerOptions, extras: ControllerExtras) => Controller;
}

/** The controllers that are simulated. The others of kube-controller-manager do not run yet. */
export const controllerTable: readonly ControllerEntry[] = [
  {
    name: 'serviceaccount-controller',
    lane: 'serviceaccount',
    serviceAccount: 'service-account-controller',
    create: (options) => new ServiceAccountController(options),
  },
  {
    name: 'root-ca-certificate-publisher-controller',
    lane: 'root-ca-cert-publisher',
    serviceAccount: 'root-ca-cert-publisher',
    create: (options, { rootCa }) => new RootCaPublisher({ ...options, rootCa }),
  },
  {
    name: 'namespace-controller',
    lane: 'namespace',
    serviceAccount: 'namespace-controller',
    create: (options) => new NamespaceController(options),
  },
  {
    name: 'deployment-controller',
    lane: 'deployment',
    serviceAccount: 'deployment-controller',
    create: (options) => new DeploymentController(options),
  },
  {
    name: 'replicaset-controller',
    lane: 'replicaset',
    serviceAccount: 'replicaset-controller',
    create: (options) => new ReplicaSetController(options),
  },
  {
    name: 'statefulset-controller',
    lane: 'statefulset',
    serviceAccount: 'statefulset-controller',
    create: (options) => new StatefulSetController(options),
  },
  {
    name: 'daemonset-controller',
    lane: 'daemonset',
    serviceAccount: 'daemon-set-controller',
    create: (options) => new DaemonSetController(options),
  },
  {
    name: 'job-controller',
    lane: 'job',
    serviceAccount: 'job-controller',
    create: (options) => new JobController(options),
  },
  {
    name: 'cronjob-controller',
    lane: 'cronjob',
    serviceAccount: 'cronjob-controller',
    create: (options) => new CronJobController(options),
  },
  {
    name: 'disruption-controller',
    lane: 'disruption',
    serviceAccount: 'disruption-controller',
    create: (options) => new DisruptionController(options),
  },
  {
    name: 'endpoints-controller',
    lane: 'endpoints',
    serviceAccount: 'endpoint-controller',
    create: (options) => new EndpointsController(options),
  },
  {
    name: 'endpointslice-controller',
    lane: 'endpointslice',
    serviceAccount: 'endpointslice-controller',
    create: (options) => new EndpointSliceController(options),
  },
  {
    name: 'endpointslice-mirroring-controller',
    lane: 'endpointslice-mirroring',
    serviceAccount: 'endpointslicemirroring-controller',
    create: (options) => new EndpointSliceMirroringController(options),
  },
  {
    name: 'resourcequota-controller',
    lane: 'resourcequota',
    serviceAccount: 'resourcequota-controller',
    create: (options) => new ResourceQuotaController(options),
  },
  {
    name: 'garbage-collector-controller',
    lane: 'garbage-collector',
    serviceAccount: 'generic-garbage-collector',
    create: (options) => new GarbageCollector(options),
  },
  {
    name: 'node-lifecycle-controller',
    lane: 'node-lifecycle',
    serviceAccount: 'node-controller',
    create: (options) => new NodeLifecycleController(options),
  },
  {
    name: 'taint-eviction-controller',
    lane: 'taint-eviction',
    serviceAccount: 'node-controller',
    create: (options) => new TaintEvictionController(options),
  },
  {
    name: 'pod-garbage-collector-controller',
    lane: 'pod-garbage-collector',
    serviceAccount: 'pod-garbage-collector',
    create: (options) => new PodGarbageCollector(options),
  },
  {
    name: 'replicationcontroller-controller',
    lane: 'replicationcontroller',
    serviceAccount: 'replication-controller',
    create: (options) => new ReplicationManager(options),
  },
  {
    name: 'ttl-controller',
    lane: 'ttl',
    serviceAccount: 'ttl-controller',
    create: (options) => new TtlController(options),
  },
  {
    name: 'node-ipam-controller',
    lane: 'node-ipam',
    serviceAccount: 'node-controller',
    create: (options) => new NodeIpamController(options),
  },
  {
    name: 'clusterrole-aggregation-controller',
    lane: 'clusterrole-aggregation',
    serviceAccount: 'clusterrole-aggregation-controller',
    create: (options) => new ClusterRoleAggregationController(options),
  },
  {
    name: 'ttl-after-finished-controller',
    lane: 'ttl-after-finished',
    serviceAccount: 'ttl-after-finished-controller',
    create: (options) => new TtlAfterFinishedController(options),
  },
  {
    name: 'persistentvolume-binder-controller',
    lane: 'persistentvolume-binder',
    serviceAccount: 'persistent-volume-binder',
    create: (options) => new PersistentVolumeController(options),
  },
  {
    name: 'ephemeral-volume-controller',
    lane: 'ephemeral-volume',
    serviceAccount: 'ephemeral-volume-controller',
    create: (options) => new EphemeralVolumeController(options),
  },
  {
    name: 'persistentvolume-expander-controller',
    lane: 'persistentvolume-expander',
    serviceAccount: 'expand-controller',
    create: (options) => new VolumeExpandController(options),
  },
  {
    name: 'persistentvolumeclaim-protection-controller',
    lane: 'persistentvolumeclaim-protection',
    serviceAccount: 'pvc-protection-controller',
    create: (options) => new ClaimProtectionController(options),
  },
  {
    name: 'persistentvolume-protection-controller',
    lane: 'persistentvolume-protection',
    serviceAccount: 'pv-protection-controller',
    create: (options) => new VolumeProtectionController(options),
  },
];
