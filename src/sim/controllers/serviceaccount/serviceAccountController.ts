import { keyOf } from '../../../api/meta.ts';
import { namespaces, serviceaccounts } from '../../../api/resources.ts';
import { StatusError } from '../../../api/status.ts';
import type { Namespace, ServiceAccount } from '../../../api/types/coreV1.ts';
import type { Cause } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { isNamespaceTerminating } from '../shared/objects.ts';

const NAME = 'default';

/** Sees to it that every namespace has its `default` ServiceAccount. Models pkg/controller/serviceaccount ServiceAccountsController. */
export class ServiceAccountController extends Controller {
  readonly #accounts: Informer<ServiceAccount>;
  readonly #namespaces: Informer<Namespace>;

  constructor(options: ControllerOptions) {
    super(options, 'serviceaccount');
    this.#accounts = this.informer(serviceaccounts, {
      deleted: (account, cause) => {
        if (account.metadata.name === NAME) this.queue.add(account.metadata.namespace ?? '', cause);
      },
    });
    this.#namespaces = this.informer(namespaces, {
      added: (namespace, cause) => this.queue.add(keyOf(namespace), cause),
      updated: (_, namespace, cause) => this.queue.add(keyOf(namespace), cause),
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const namespace = this.#namespaces.lister.byKey(key);
    if (namespace?.status?.phase !== 'Active') return 'the namespace is not active';
    if (this.#accounts.lister.get(key, NAME)) return 'has its ServiceAccount';
    try {
      await this.client.create(
        serviceaccounts,
        {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: NAME, namespace: key },
        },
        cause,
      );
    } catch (error) {
      const isExpected =
        error instanceof StatusError &&
        (error.reason === 'AlreadyExists' || isNamespaceTerminating(error));
      if (!isExpected) throw error;
      return `not created: ${error.message}`;
    }
    return `creates the ServiceAccount ${NAME}`;
  }
}
