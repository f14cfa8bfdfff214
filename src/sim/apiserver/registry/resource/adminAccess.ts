import { fieldForbidden, FieldPath, type FieldError } from '../../../../api/field.ts';
import type { KubeObject } from '../../../../api/meta.ts';
import type {
  DeviceClaim,
  ResourceClaim,
  ResourceClaimTemplate,
} from '../../../../api/types/resourceV1.ts';
import type { Exchange } from '../../exchange.ts';
import type { Loose } from '../shared/checks.ts';

const label = 'resource.kubernetes.io/admin-access';

/**
 * Devices that others use are given to namespaces that say so. Upstream names the path of a claim for templates, too.
 * Models kubernetes/pkg/registry/resource AuthorizedForAdmin.
 */
export async function adminAccessErrors(
  exchange: Exchange,
  object: KubeObject,
): Promise<readonly FieldError[]> {
  const index = (devicesOf(object).requests ?? []).findIndex(
    ({ exactly }) => exactly?.adminAccess === true,
  );
  if (index < 0) return [];
  const { resources, store } = exchange.server;
  const namespaces = resources.get('', 'v1', 'namespaces');
  const found = namespaces && (await store.get(namespaces, '', object.metadata.namespace ?? ''));
  const labels = found?.object.metadata.labels ?? {};
  if (labels[label] === 'true') return [];
  const at = FieldPath.of('spec', 'devices', 'requests').index(index).child('adminAccess');
  return [
    fieldForbidden(
      at,
      `admin access to devices requires the \`${label}: true\` label on the containing namespace`,
    ),
  ];
}

function devicesOf(object: KubeObject): Loose<DeviceClaim> {
  const claim = object as unknown as Loose<ResourceClaim>;
  const template = object as unknown as Loose<ResourceClaimTemplate>;
  const isTemplate = object.kind === 'ResourceClaimTemplate';
  return (isTemplate ? template.spec?.spec?.devices : claim.spec?.devices) ?? {};
}
