import { FieldPath, type FieldError } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { PodTemplate } from '../../../../api/types/coreV1.ts';
import { defaultTemplate, templateOptionsFor } from '../apps/shared.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { validatePodTemplate } from '../podSpec/podSpec.ts';
import { dropDisabledTemplateFields } from '../podSpec/prepare.ts';
import { templateWarnings } from '../podSpec/warnings.ts';
import type { Strategy } from '../strategy.ts';

const path = FieldPath.of('template');

/** Models kubernetes/pkg/registry/core/podtemplate. */
export const podTemplateStrategy: Strategy<PodTemplate> = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  default_: defaultTemplate,
  prepareForCreate(template) {
    template.metadata.generation = 1;
    dropDisabledTemplateFields(template.template);
  },
  validate: (template) => validate(template, templateOptionsFor(undefined)),
  warningsOnCreate: ({ template }) => templateWarnings(template, path),
  prepareForUpdate(template, old) {
    dropDisabledTemplateFields(template.template, old.template);
    const isSame = equal(template.template, old.template);
    template.metadata.generation = (old.metadata.generation ?? 0) + (isSame ? 0 : 1);
  },
  validateUpdate: (template, old) => validate(template, templateOptionsFor(old.template)),
  warningsOnUpdate: (template, old) =>
    template.metadata.generation === old.metadata.generation
      ? []
      : templateWarnings(template.template, path),
};

const validate = ({ template }: PodTemplate, options: PodOptions): FieldError[] =>
  validatePodTemplate(template ?? {}, path, options);
