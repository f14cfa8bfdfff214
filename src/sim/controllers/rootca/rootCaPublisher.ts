import { clone, equal, keyOf } from '../../../api/meta.ts';
import { configmaps, namespaces } from '../../../api/resources.ts';
import { isStatus } from '../../../api/status.ts';
import type { ConfigMap } from '../../../api/types/coreV1.ts';
import type { Cause } from '../../../trace/event.ts';
import { Controller, type ControllerOptions } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { isNamespaceTerminating } from '../shared/objects.ts';

const NAME = 'kube-root-ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Puts the certificate of the cluster's authority into every namespace. Models pkg/controller/certificates/rootcacertpublisher. */
export class RootCaPublisher extends Controller {
  readonly #configMaps: Informer<ConfigMap>;
  readonly #rootCa: string;

  constructor(options: ControllerOptions & { readonly rootCa: string }) {
    super(options, 'root_ca_cert_publisher');
    this.#rootCa = options.rootCa;
    this.#configMaps = this.informer(configmaps, {
      updated: (_, map, cause) => {
        if (map.metadata.name === NAME) this.queue.add(map.metadata.namespace ?? '', cause);
      },
      deleted: (map, cause) => {
        if (map.metadata.name === NAME) this.queue.add(map.metadata.namespace ?? '', cause);
      },
    });
    this.informer(namespaces, {
      added: (namespace, cause) => this.queue.add(keyOf(namespace), cause),
      updated: (_, namespace, cause) => {
        if (namespace.status?.phase === 'Active') this.queue.add(keyOf(namespace), cause);
      },
    });
  }

  protected async reconcile(key: string, cause: Cause): Promise<string> {
    const data = { 'ca.crt': this.#rootCa };
    const map = this.#configMaps.lister.get(key, NAME);
    if (!map) return this.#create(key, data, cause);
    if (equal(map.data, data) && map.metadata.annotations?.[DESCRIPTION])
      return 'has the certificate';
    const changed = clone(map);
    changed.data = data;
    changed.metadata.annotations = {
      ...changed.metadata.annotations,
      [DESCRIPTION]: DESCRIPTION_TEXT,
    };
    await this.client.update(configmaps, changed, cause);
    return `puts ${NAME} right`;
  }

  async #create(namespace: string, data: Record<string, string>, cause: Cause): Promise<string> {
    const map: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: NAME, namespace, annotations: { [DESCRIPTION]: DESCRIPTION_TEXT } },
      data,
    };
    try {
      await this.client.create(configmaps, map, cause);
    } catch (error) {
      if (!isStatus(error, 'NotFound') && !isNamespaceTerminating(error)) throw error;
      return 'the namespace is going: nothing to do';
    }
    return `creates ${NAME}`;
  }
}
