import { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../base/time.ts';
import type { Random } from '../../base/random.ts';
import type { Api } from '../../api/wire.ts';
import type { Cause, CauseId } from '../../trace/event.ts';
import type { TraceSink } from '../../trace/sink.ts';
import { ApiClient } from '../client/apiClient.ts';
import type { Controller, ControllerOptions } from '../client/controller.ts';
import { controllerTable } from './controllerTable.ts';

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

function createController(
  { name, lane, serviceAccount, create }: ControllerEntry,
  { api, clock, random, trace, rootCa }: ControllerManagerOptions,
): Controller {
  const user =
    serviceAccount === undefined
      ? { name: 'system:kube-controller-manager', groups: [] }
      : {
          name: `system:serviceaccount:kube-system:${serviceAccount}`,
          groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
        };
  const suffix = serviceAccount === undefined ? name : user.name;
  const client = new ApiClient(api, {
    component: `controller/${lane}`,
    user,
    userAgent: `${USER_AGENT}/${suffix}`,
  });
  return create({ client, clock, random: random.fork(name), trace }, { rootCa });
}
