import { nameRules } from '../shared/names.ts';
import type { Namespace } from '../../../../api/types/coreV1.ts';
import type { Strategy } from '../strategy.ts';

const nameLabel = 'kubernetes.io/metadata.name';
const finalizer = 'kubernetes';

/** Models kubernetes/pkg/registry/core/namespace. */
export const namespaceStrategy: Strategy<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  allowUnconditionalUpdate: true,
  validateName: nameRules.label,
  default_({ metadata }) {
    // A name from generateName is labelled when it is there (canonicalize).
    if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    namespace.spec ??= {};
    if (!namespace.spec.finalizers?.includes(finalizer))
      namespace.spec.finalizers = [...(namespace.spec.finalizers ?? []), finalizer];
  },
  prepareForUpdate(namespace, old) {
    if (old.spec) namespace.spec = { ...old.spec };
    if (old.status) namespace.status = old.status;
  },
  canonicalize({ metadata }) {
    if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
  },
  subresources: {
    status: {
      prepareForUpdate(namespace, old) {
        if (old.spec) namespace.spec = old.spec;
      },
    },
    finalize: {
      prepareForUpdate(namespace, old) {
        if (old.status) namespace.status = old.status;
      },
    },
  },
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
};
