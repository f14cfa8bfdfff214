import { failure, notFound, forbidden } from '../../../../api/status.ts';
import { groupResource, type KubeObject } from '../../../../api/meta.ts';
import { namespaces } from '../../../../api/resources.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Requests that are fine in any namespace: they create nothing in it. */
const ACCESS_REVIEW = new Set(['localsubjectaccessreviews']);

/** Models apiserver/pkg/admission/plugin/namespace/lifecycle. */
export const namespaceLifecycle = {
  name: 'NamespaceLifecycle',

  async admit(attributes, object, context) {
    const { operation, resource, group, namespace, name } = attributes;
    const isNamespace = resource === 'namespaces' && group === '';
    if (operation === 'DELETE' && isNamespace && IMMORTAL.has(name))
      throw forbidden({ group, resource }, name, 'this namespace may not be deleted');
    if (!namespace || isNamespace || operation === 'DELETE') return undefined;
    if (ACCESS_REVIEW.has(resource)) return undefined;
    const found = await context.get(namespaces, '', namespace);
    if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
    if (operation !== 'CREATE') return `Namespace ${namespace} exists.`;
    if (found.status?.phase !== 'Terminating')
      return `Namespace ${namespace} exists and is active.`;
    throw terminating(attributes, found, object);
  },
} satisfies AdmissionPlugin;

function terminating(
  attributes: { group: string; resource: string; name: string; namespace: string },
  namespace: KubeObject,
  object: KubeObject | undefined,
): Error {
  const name = attributes.name || (object?.metadata.name ?? '');
  const why = `unable to create new content in namespace ${attributes.namespace} because it is being terminated`;
  const what = groupResource(attributes);
  const causes = [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace.metadata.name ?? ''} is being terminated`,
      field: 'metadata.namespace',
    },
  ];
  return failure(
    403,
    'Forbidden',
    name ? `${what} "${name}" is forbidden: ${why}` : `${what} is forbidden: ${why}`,
    { name, group: attributes.group, kind: attributes.resource, causes },
  );
}
