import { FieldPath, invalid, type FieldError } from '../../../../api/field.ts';
import type { Namespace } from '../../../../api/types/coreV1.ts';
import { all, allInvalid, each } from '../shared/checks.ts';
import { isQualifiedName, nameRules } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

const nameLabel = 'kubernetes.io/metadata.name';
const finalizer = 'kubernetes';
const finalizers = FieldPath.of('spec', 'finalizers');

/** Models kubernetes/pkg/registry/core/namespace and core/validation ValidateNamespace. */
export const namespaceStrategy: Strategy<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  allowUnconditionalUpdate: true,
  validateName: nameRules.label,
  metaOnUpdate: ['create', 'update'],
  default_(namespace) {
    const { metadata } = namespace;
    // A name from generateName is labelled when it is there (canonicalize).
    if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
    namespace.status ??= {};
    namespace.status.phase ??= 'Active';
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    namespace.spec ??= {};
    if (!namespace.spec.finalizers?.includes(finalizer))
      namespace.spec.finalizers = [...(namespace.spec.finalizers ?? []), finalizer];
  },
  validate: validateFinalizers,
  prepareForUpdate(namespace, old) {
    if (old.spec) namespace.spec = { ...old.spec };
    if (old.status) namespace.status = old.status;
  },
  validateUpdate: validateFinalizers,
  canonicalize({ metadata }) {
    if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
  },
  subresources: {
    status: {
      prepareForUpdate(namespace, old) {
        if (old.spec) namespace.spec = old.spec;
      },
      validateUpdate({ metadata, status }) {
        const isDeleted = metadata.deletionTimestamp !== undefined;
        const wanted = isDeleted ? 'Terminating' : 'Active';
        return all(
          status?.phase !== wanted &&
            invalid(
              FieldPath.of('status', 'Phase'),
              status?.phase ?? '',
              `may only be '${wanted}' if \`deletionTimestamp\` is ${isDeleted ? 'not ' : ''}empty`,
            ),
        );
      },
    },
    finalize: {
      prepareForUpdate(namespace, old) {
        if (old.status) namespace.status = old.status;
      },
      validateUpdate: ({ spec }) => each(spec?.finalizers, finalizers, validateFinalizer),
    },
  },
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
};

/** Upstream names the list here, not its item. */
function validateFinalizers({ spec }: Namespace): FieldError[] {
  return (spec?.finalizers ?? []).flatMap((name) => validateFinalizer(name, finalizers));
}

const standard = ['kubernetes', 'orphan', 'foregroundDeletion'];

const validateFinalizer = (name: string, at: FieldPath): FieldError[] =>
  all(
    allInvalid(at, name, isQualifiedName(name)),
    !name.includes('/') &&
      !standard.includes(name) &&
      invalid(at, name, 'name is neither a standard finalizer name nor is it fully qualified'),
  );
