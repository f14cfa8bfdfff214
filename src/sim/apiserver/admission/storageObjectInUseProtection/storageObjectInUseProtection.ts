import type { AdmissionPlugin } from '../plugin.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  'persistentvolumes.': 'kubernetes.io/pv-protection',
  'persistentvolumeclaims.': 'kubernetes.io/pvc-protection',
  'volumeattributesclasses.storage.k8s.io': 'kubernetes.io/vac-protection',
};

/** Keeps volumes and claims from vanishing while they are used. Models plugin/pkg/admission/storage/storageobjectinuseprotection. */
export const storageObjectInUseProtection = {
  name: 'StorageObjectInUseProtection',

  admit(attributes, object) {
    const finalizer = FINALIZERS[`${attributes.resource}.${attributes.group}`];
    if (!finalizer || attributes.operation !== 'CREATE' || attributes.subresource || !object)
      return undefined;
    const has = object.metadata.finalizers ?? [];
    if (has.includes(finalizer)) return `It has the finalizer ${finalizer} already.`;
    object.metadata.finalizers = [...has, finalizer];
    return `It gets the finalizer ${finalizer}.`;
  },
} satisfies AdmissionPlugin;
