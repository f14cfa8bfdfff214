import type { KubeObject } from '../../../api/meta.ts';
import type { Resource } from '../../../api/resource.ts';
import type { Selector } from '../../../api/selectors.ts';
import type { ReplicaSetStatus } from '../../../api/types/appsV1.ts';
import type { PodTemplateSpec } from '../../../api/types/coreV1.ts';
import type { LabelSelector } from '../../../api/types/metaV1.ts';

/** A ReplicaSet, or a ReplicationController, which is the same with a simpler selector. */
export interface Replicated extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly selector?: LabelSelector | Record<string, string>;
    readonly template?: PodTemplateSpec;
  };
  status?: ReplicaSetStatus;
}

export interface ReplicaKind {
  readonly resource: Resource<Replicated>;
  readonly queueName: string;
  /** The source of its events. */
  readonly source: string;
  readonly selectorOf: (owner: Replicated) => Selector;
  /** Whether the status counts pods on their way out. */
  readonly countsTerminating: boolean;
  readonly checksConsistency: boolean;
}
