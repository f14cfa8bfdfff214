import { FieldPath, invalid, type FieldError } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../../../../api/types/appsV1.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { dropDisabledTemplateFields } from '../podSpec/prepare.ts';
import { templateWarnings } from '../podSpec/warnings.ts';
import { all, atLeastZero } from '../shared/checks.ts';
import { nameWarnings } from '../shared/nameWarnings.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import {
  defaultTemplate,
  isUsable,
  templateOptionsFor,
  validateCounts,
  validateParts,
  validateSelector,
  validateTemplate,
} from './shared.ts';

const spec = FieldPath.of('spec');
const template = spec.child('template');

/** Models kubernetes/pkg/registry/apps/replicaset. */
export const replicaSetStrategy: Strategy<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  default_(set) {
    const own = (set.spec ??= {} as ReplicaSetSpec);
    defaultTemplate(own);
    own.replicas ??= 1;
  },
  prepareForCreate(set) {
    set.status = { replicas: 0 };
    set.metadata.generation = 1;
    dropDisabledTemplateFields(set.spec?.template);
  },
  validate: (set) => validateSpec(set, templateOptionsFor(undefined)),
  warningsOnCreate: (set) => [
    ...nameWarnings(set.metadata.name),
    ...templateWarnings(set.spec?.template, template),
  ],
  prepareForUpdate(set, old) {
    if (old.status) set.status = old.status;
    dropDisabledTemplateFields(set.spec?.template, old.spec?.template);
    set.metadata.generation = (old.metadata.generation ?? 0) + (equal(set.spec, old.spec) ? 0 : 1);
  },
  validateUpdate: (set, old) => [
    ...validateSpec(set, templateOptionsFor(old.spec?.template)),
    ...validateImmutable(set.spec?.selector, old.spec?.selector, spec.child('selector')),
  ],
  warningsOnUpdate: (set, old) =>
    set.metadata.generation === old.metadata.generation
      ? []
      : templateWarnings(set.spec?.template, template),
  subresources: {
    status: {
      prepareForUpdate(set, old) {
        if (old.spec) set.spec = old.spec;
      },
      validateUpdate: ({ status }) => {
        const path = FieldPath.of('status');
        return all(validateCounts(status, counts, path), validateParts(status, parts, path));
      },
    },
  },
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
};

const counts = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
  'terminatingReplicas',
];
const parts = [
  ['fullyLabeledReplicas', 'replicas'],
  ['readyReplicas', 'replicas'],
  ['availableReplicas', 'replicas'],
  ['availableReplicas', 'readyReplicas', 'readyReplicas'],
] as const;

function validateSpec(set: ReplicaSet, options: PodOptions): FieldError[] {
  const own = set.spec ?? ({} as ReplicaSetSpec);
  const { selector } = own as { selector?: ReplicaSetSpec['selector'] | null };
  return all(
    atLeastZero(own.replicas, spec.child('replicas')),
    atLeastZero(own.minReadySeconds, spec.child('minReadySeconds')),
    // Upstream's text.
    validateSelector(selector, 'deployment', spec.child('selector')),
    isUsable(selector)
      ? validateTemplate(own.template, selector, 'ReplicaSet', template, options)
      : invalid(spec.child('selector'), selector, 'invalid label selector'),
  );
}
