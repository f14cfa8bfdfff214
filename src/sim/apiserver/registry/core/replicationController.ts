import { asGiven } from '../../../../api/emptied.ts';
import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import { labelSetMatches } from '../../../../api/selectors.ts';
import type {
  ReplicationController,
  ReplicationControllerSpec,
} from '../../../../api/types/coreV1.ts';
import {
  defaultTemplate,
  templateOptionsFor,
  validateCounts,
  validateEndless,
  validateParts,
} from '../apps/shared.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { validatePodTemplate } from '../podSpec/podSpec.ts';
import { dropDisabledTemplateFields } from '../podSpec/prepare.ts';
import { templateWarnings } from '../podSpec/warnings.ts';
import { all, atLeastZero, must } from '../shared/checks.ts';
import { nameRules } from '../shared/names.ts';
import { nameWarnings } from '../shared/nameWarnings.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');
const template = spec.child('template');

/** Models kubernetes/pkg/registry/core/replicationcontroller. */
export const replicationControllerStrategy: Strategy<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  // The name is checked by its declaration, which counts bytes.
  validateName: nameRules.longName,
  default_(controller) {
    const own = (controller.spec ??= {} as ReplicationControllerSpec);
    const labels = own.template?.metadata?.labels;
    if (own.template) defaultTemplate(own);
    if (labels && !Object.keys(own.selector ?? {}).length) own.selector = { ...labels };
    if (labels && !Object.keys(controller.metadata.labels ?? {}).length)
      controller.metadata.labels = { ...labels };
    own.replicas ??= 1;
  },
  prepareForCreate(controller) {
    controller.status = { replicas: 0 };
    controller.metadata.generation = 1;
    dropDisabledTemplateFields(controller.spec?.template);
  },
  validate: (controller) => validateSpec(controller, templateOptionsFor(undefined)),
  warningsOnCreate: (controller) => [
    ...nameWarnings(controller.metadata.name),
    ...templateWarnings(controller.spec?.template, template),
  ],
  prepareForUpdate(controller, old) {
    if (old.status) controller.status = old.status;
    dropDisabledTemplateFields(controller.spec?.template, old.spec?.template);
    const isSame = equal(controller.spec, old.spec);
    controller.metadata.generation = (old.metadata.generation ?? 0) + (isSame ? 0 : 1);
  },
  validateUpdate: (controller, old) =>
    validateSpec(controller, templateOptionsFor(old.spec?.template)),
  // Upstream looks at the old template.
  warningsOnUpdate: (controller, old) =>
    controller.metadata.generation === old.metadata.generation
      ? []
      : templateWarnings(old.spec?.template, template),
  subresources: {
    status: {
      prepareForUpdate(controller, old) {
        if (old.spec) controller.spec = old.spec;
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
];
const parts = [
  ['fullyLabeledReplicas', 'replicas'],
  ['readyReplicas', 'replicas'],
  ['availableReplicas', 'replicas'],
  ['availableReplicas', 'readyReplicas', 'readyReplicas'],
] as const;

function validateSpec(controller: ReplicationController, options: PodOptions): FieldError[] {
  const own = controller.spec ?? {};
  const { selector, template: pods } = own;
  const labels = pods?.metadata?.labels;
  return all(
    atLeastZero(own.minReadySeconds, spec.child('minReadySeconds')),
    must(Object.keys(selector ?? {}).length, spec.child('selector')),
    atLeastZero(own.replicas, spec.child('replicas')),
    !pods
      ? required(template)
      : [
          !labelSetMatches(selector, labels) &&
            invalid(
              template.child('metadata', 'labels'),
              asGiven(pods.metadata, 'labels'),
              '`selector` does not match template `labels`',
            ),
          validatePodTemplate(pods, template, options),
          validateEndless(pods, 'ReplicationController', template),
        ],
  );
}
