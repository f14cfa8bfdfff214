import type {
  DaemonSet,
  DaemonSetSpec,
  StatefulSet,
  StatefulSetSpec,
} from '../../../../api/types/appsV1.ts';
import type { CronJob, CronJobSpec, Job, JobSpec } from '../../../../api/types/batchV1.ts';
import type {
  PersistentVolumeClaim,
  ReplicationController,
  ReplicationControllerSpec,
} from '../../../../api/types/coreV1.ts';
import { defaultTemplate } from './deployment.ts';

// Defaults of the other workloads. Models kubernetes/pkg/apis/{apps,batch,core}/v1/defaults.go.

export function defaultDaemonSet(set: DaemonSet): void {
  const own = (set.spec ??= {} as DaemonSetSpec);
  defaultTemplate(own);
  const strategy = (own.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= 1;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  own.revisionHistoryLimit ??= 10;
}

export function defaultStatefulSet(set: StatefulSet): void {
  const own = (set.spec ??= {} as StatefulSetSpec);
  defaultTemplate(own);
  own.podManagementPolicy ||= 'OrderedReady';
  const strategy = (own.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.partition ??= 0;
  }
  const retention = (own.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= 'Retain';
  retention.whenScaled ||= 'Retain';
  own.replicas ??= 1;
  own.revisionHistoryLimit ??= 10;
  for (const claim of own.volumeClaimTemplates ?? []) defaultClaimTemplate(claim);
}

function defaultClaimTemplate(claim: PersistentVolumeClaim): void {
  claim.spec ??= {};
  claim.spec.volumeMode ??= 'Filesystem';
  claim.status ??= {};
  claim.status.phase ??= 'Pending';
}

export function defaultJobSpec(own: JobSpec): void {
  defaultTemplate(own);
  if (own.completions === undefined && own.parallelism === undefined) {
    own.completions = 1;
    own.parallelism = 1;
  }
  own.parallelism ??= 1;
  own.backoffLimit ??= own.backoffLimitPerIndex === undefined ? 6 : 2147483647;
  own.completionMode ??= 'NonIndexed';
  own.suspend ??= false;
  own.podReplacementPolicy ??= own.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  own.manualSelector ??= false;
  for (const rule of own.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
}

export function defaultJob(job: Job): void {
  const own = (job.spec ??= {} as JobSpec);
  defaultJobSpec(own);
  const labels = own.template.metadata?.labels;
  if (labels && !job.metadata.labels) job.metadata.labels = { ...labels };
}

export function defaultCronJob(job: CronJob): void {
  const own = (job.spec ??= {} as CronJobSpec);
  own.concurrencyPolicy ||= 'Allow';
  own.suspend ??= false;
  own.successfulJobsHistoryLimit ??= 3;
  own.failedJobsHistoryLimit ??= 1;
  const template = own.jobTemplate as CronJobSpec['jobTemplate'] | undefined;
  if (template?.spec) defaultTemplate(template.spec);
}

export function defaultReplicationController(controller: ReplicationController): void {
  const own = (controller.spec ??= {} as ReplicationControllerSpec);
  const labels = own.template?.metadata?.labels;
  if (own.template) defaultTemplate(own as { template: NonNullable<typeof own.template> });
  if (labels && !Object.keys(own.selector ?? {}).length) own.selector = { ...labels };
  if (labels && !Object.keys(controller.metadata.labels ?? {}).length)
    controller.metadata.labels = { ...labels };
  own.replicas ??= 1;
}
