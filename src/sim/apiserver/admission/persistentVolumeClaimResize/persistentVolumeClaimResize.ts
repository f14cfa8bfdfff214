import { compareQuantities, parseQuantity } from '../../../../api/quantity.ts';
import { storageclasses } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/types/coreV1.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';

/** Who may grow a claim. Models kubernetes/plugin/pkg/admission/storage/persistentvolume/resize. */
export const persistentVolumeClaimResize = {
  name: 'PersistentVolumeClaimResize',

  async validate(attributes, context) {
    const { group, resource, subresource, operation } = attributes;
    if (group !== '' || resource !== 'persistentvolumeclaims' || subresource) return undefined;
    if (operation !== 'UPDATE') return undefined;
    const claim = attributes.object as PersistentVolumeClaim;
    const old = attributes.oldObject as PersistentVolumeClaim;
    if (compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return 'The claim does not grow.';
    if (old.status?.phase !== 'Bound')
      throw refuse(attributes, 'Only bound persistent volume claims can be expanded');
    const name = classOf(claim);
    const found = name && name === classOf(old) && (await context.get(storageclasses, '', name));
    if (!found || found.allowVolumeExpansion !== true)
      throw refuse(
        attributes,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    return `StorageClass ${name} lets claims grow.`;
  },
} satisfies AdmissionPlugin;

const sizeOf = (claim: PersistentVolumeClaim): ReturnType<typeof parseQuantity> =>
  parseQuantity(claim.spec?.resources?.requests?.['storage'] ?? '0');

const classOf = (claim: PersistentVolumeClaim): string =>
  claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
  claim.spec?.storageClassName ??
  '';
