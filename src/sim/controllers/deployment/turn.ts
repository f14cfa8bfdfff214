import { deployments, replicasets } from '../../../api/resources.ts';
import type { Deployment, ReplicaSet } from '../../../api/types/appsV1.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/eventRecorder.ts';
import type { Lister } from '../../client/objectCache.ts';

/** What one reconciliation of a Deployment works with. */
export interface Turn {
  /** A copy of its own: revision and conditions are changed in place until they are written. */
  readonly d: Deployment;
  /** The ReplicaSets that are its own. */
  readonly sets: readonly ReplicaSet[];
  readonly cause: Cause;
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly replicaSets: Lister<ReplicaSet>;
  /** Looks at the Deployment again later. */
  again(delay: Micros): void;
  /** What was done, for the trace. */
  note(text: string): void;
}

export const updateStatus = (turn: Turn): Promise<Deployment> =>
  turn.client.update(deployments, turn.d, turn.cause, 'status');

export const updateSet = (turn: Turn, set: ReplicaSet): Promise<ReplicaSet> =>
  turn.client.update(replicasets, set, turn.cause);
