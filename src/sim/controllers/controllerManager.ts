import { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import type { Api } from '../../api/wire.ts';
import type { Cause, CauseId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import { ApiClient } from '../client/apiClient.ts';
import type { Controller } from '../client/controller.ts';
import { controllerTable, type ControllerEntry } from './controllerTable.ts';

export interface ControllerManagerOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: TraceSink;
  /** PEM of the cluster's authority, which every namespace gets. */
  readonly rootCa: string;
  /** Which controllers run, by name; all of them unless given. */
  readonly only?: readonly string[];
}

/** All controllers of a cluster, each with its own identity. Models cmd/kube-controller-manager. */
export class ControllerManager extends Disposable {
  readonly #controllers: readonly Controller[];

  constructor(options: ControllerManagerOptions) {
    super();
    const { only } = options;
    this.#controllers = controllerTable
      .filter(({ name }) => !only || only.includes(name))
      .map((entry) => this._register(createController(entry, options)));
  }

  start(cause: Cause | CauseId): void {
    for (const controller of this.#controllers) controller.start(cause);
  }
}

const USER_AGENT = 'kube-controller-manager/v0.0.0 (linux/amd64) kubernetes/$Format';
const MANAGER = { name: 'system:kube-controller-manager', groups: [] };

/** Informers read as the manager, which may read everything; what a controller writes it writes as itself. */
function createController(
  { name, lane, serviceAccount, create }: ControllerEntry,
  { api, clock, random, trace, rootCa }: ControllerManagerOptions,
): Controller {
  const component = `controller/${lane}` as const;
  const informerClient = new ApiClient(api, {
    component,
    user: MANAGER,
    userAgent: `${USER_AGENT}/shared-informers`,
  });
  const user = serviceAccount === undefined ? MANAGER : serviceAccountUser(serviceAccount);
  const client = new ApiClient(api, {
    component,
    user,
    userAgent: `${USER_AGENT}/${serviceAccount === undefined ? name : user.name}`,
  });
  return create({ client, informerClient, clock, random: random.fork(name), trace }, { rootCa });
}

const serviceAccountUser = (name: string): { name: string; groups: string[] } => ({
  name: `system:serviceaccount:kube-system:${name}`,
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
});
