import { equal } from '../../../../api/meta.ts';
import { pods } from '../../../../api/resources.ts';
import type { Node, Pod } from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const OWN_LABELS = 'node-restriction.kubernetes.io';

/** Keeps a kubelet to its own node. Models kubernetes/plugin/pkg/admission/noderestriction. */
export const nodeRestriction = {
  name: 'NodeRestriction',

  async admit(attributes, object, context) {
    const { user, group, resource, subresource } = attributes;
    if (!user.groups.includes('system:nodes') || !user.name.startsWith('system:node:'))
      return undefined;
    const node = user.name.slice('system:node:'.length);
    const own = `It is node ${node}'s own.`;
    switch (`${resource}.${group}`) {
      case 'pods.':
        await admitPod(node, attributes, object, context);
        return own;
      case 'nodes.':
        admitNode(node, attributes, object);
        return own;
      case 'persistentvolumeclaims.':
        if (subresource !== 'status') throw refuse(attributes, 'may only update PVC status');
        return 'A node may update the status of claims.';
      case 'leases.coordination.k8s.io':
        admitLease(node, attributes);
        return own;
      case 'csinodes.storage.k8s.io':
        if (attributes.name !== node)
          throw refuse(
            attributes,
            `can only access CSINode with the same name as the requesting node`,
          );
        return own;
      default:
        return undefined;
    }
  },
} satisfies AdmissionPlugin;

async function admitPod(
  node: string,
  attributes: RequestAttributes,
  pod: Pod | undefined,
  context: AdmissionContext,
): Promise<void> {
  const { operation, subresource, namespace, name } = attributes;
  const stored = async (): Promise<string | undefined> =>
    (await context.get(pods, namespace, name))?.spec?.nodeName;
  if (subresource === 'status') {
    const old = attributes.oldObject as Pod | undefined;
    if (old?.spec?.nodeName !== node)
      throw refuse(
        attributes,
        `node "${node}" can only update pod status for pods with spec.nodeName set to itself`,
      );
    if (!equal(old.metadata.labels ?? {}, pod?.metadata.labels ?? {}))
      throw refuse(attributes, `node "${node}" cannot update labels through pod status`);
    return;
  }
  if (subresource === 'eviction') {
    if ((await stored()) !== node)
      throw refuse(attributes, `node ${node} can only evict pods with spec.nodeName set to itself`);
    return;
  }
  if (subresource)
    throw refuse(
      attributes,
      `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`,
    );
  if (operation === 'DELETE') {
    if ((await stored()) !== node)
      throw refuse(
        attributes,
        `node "${node}" can only delete pods with spec.nodeName set to itself`,
      );
    return;
  }
  if (operation !== 'CREATE')
    throw refuse(
      attributes,
      `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`,
    );
  if (pod?.metadata.annotations?.[MIRROR] === undefined)
    throw refuse(
      attributes,
      `pod does not have "${MIRROR}" annotation, node "${node}" can only create mirror pods`,
    );
  if (pod.spec?.nodeName !== node)
    throw refuse(
      attributes,
      `node "${node}" can only create pods with spec.nodeName set to itself`,
    );
}

function admitNode(node: string, attributes: RequestAttributes, object: Node | undefined): void {
  const { name, operation } = attributes;
  if (name !== node)
    throw refuse(attributes, `node "${node}" is not allowed to modify node "${name}"`);
  if (!object) return;
  const old = operation === 'UPDATE' ? (attributes.oldObject as Node) : undefined;
  if (old && !equal(old.spec?.taints ?? [], object.spec?.taints ?? []))
    throw refuse(attributes, `node "${node}" is not allowed to modify taints`);
  const labels = changedLabels(object.metadata.labels ?? {}, old?.metadata.labels ?? {});
  const refused = labels.filter(isRestricted).sort();
  if (refused.length)
    throw refuse(
      attributes,
      old
        ? `is not allowed to modify labels: ${refused.join(', ')}`
        : `node "${node}" is not allowed to set the following labels: ${refused.join(', ')}`,
    );
}

const changedLabels = (
  labels: Readonly<Record<string, string>>,
  old: Readonly<Record<string, string>>,
): string[] =>
  [...new Set([...Object.keys(labels), ...Object.keys(old)])].filter(
    (key) => labels[key] !== old[key],
  );

/** Labels under kubernetes.io that a kubelet may set about itself. Models kubelet/pkg/apis/well_known_labels.go. */
const ALLOWED = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);

function isRestricted(key: string): boolean {
  const domain = key.split('/')[0] ?? '';
  if (!key.includes('/')) return false;
  if (domain === OWN_LABELS || domain.endsWith(`.${OWN_LABELS}`)) return true;
  const isKubernetes = /(^|\.)(kubernetes\.io|k8s\.io)$/.test(domain);
  const isKubelet = /(^|\.)(kubelet|node)\.kubernetes\.io$/.test(domain);
  return isKubernetes && !isKubelet && !ALLOWED.has(key);
}

function admitLease(node: string, attributes: RequestAttributes): void {
  const { namespace, name } = attributes;
  if (namespace !== 'kube-node-lease')
    throw refuse(attributes, 'can only access leases in the "kube-node-lease" system namespace');
  if (name !== node)
    throw refuse(
      attributes,
      'can only access node lease with the same name as the requesting node',
    );
}
