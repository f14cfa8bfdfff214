import { storageclasses } from '../../../../api/resources.ts';
import type { PersistentVolumeClaim } from '../../../../api/types/coreV1.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const DEFAULTS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** Gives a claim without a class the default one. Models plugin/pkg/admission/storage/storageclass/setdefault. */
export const defaultStorageClass = {
  name: 'DefaultStorageClass',

  async admit(attributes, object, context) {
    const { group, resource, subresource, operation } = attributes;
    if (group !== '' || resource !== 'persistentvolumeclaims' || subresource) return undefined;
    if (operation !== 'CREATE' || !object) return undefined;
    const claim = object as PersistentVolumeClaim;
    const { annotations } = claim.metadata;
    if (annotations?.[OLD_CLASS] !== undefined || claim.spec?.storageClassName !== undefined)
      return 'The claim names its class.';
    const classes = (await context.list(storageclasses, '')).filter(({ metadata }) =>
      DEFAULTS.some((name) => metadata.annotations?.[name] === 'true'),
    );
    const [newest] = newestFirst(classes);
    const name = newest?.metadata.name;
    if (name === undefined) return 'There is no default StorageClass.';
    claim.spec = { ...claim.spec, storageClassName: name };
    return `StorageClass ${name} is the default.`;
  },
} satisfies AdmissionPlugin;

/** The newest first; of the same age, by name. */
export function newestFirst<
  T extends {
    readonly metadata: { readonly creationTimestamp?: string | null; readonly name?: string };
  },
>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => {
    const [one, other] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
    if (one !== other) return one > other ? -1 : 1;
    return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
  });
}
