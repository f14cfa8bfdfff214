import { replicationcontrollers } from '../../../api/resources.ts';
import { selectorOfLabels } from '../../../api/selectors.ts';
import type { ControllerOptions } from '../../client/controller.ts';
import { ReplicaSetController } from '../replicaset/replicaSetController.ts';
import type { ReplicaKind } from '../replicaset/replicated.ts';

const REPLICATION_CONTROLLER: ReplicaKind = {
  resource: replicationcontrollers,
  queueName: 'replicationmanager',
  source: 'replication-controller',
  selectorOf: (owner) => selectorOfLabels(owner.spec?.selector as Record<string, string>),
  countsTerminating: false,
  checksConsistency: false,
};

/** A ReplicaSet controller for the older kind. Models pkg/controller/replication ReplicationManager. */
export class ReplicationManager extends ReplicaSetController {
  constructor(options: ControllerOptions) {
    super(options, REPLICATION_CONTROLLER);
  }
}
