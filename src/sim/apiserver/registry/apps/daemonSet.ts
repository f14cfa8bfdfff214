import {
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  DaemonSet,
  DaemonSetSpec,
  DaemonSetUpdateStrategy,
} from '../../../../api/types/appsV1.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { validatePodTemplate } from '../podSpec/podSpec.ts';
import { dropDisabledTemplateFields } from '../podSpec/prepare.ts';
import { templateWarnings } from '../podSpec/warnings.ts';
import { all, atLeastZero, type Found } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import {
  defaultTemplate,
  isUsable,
  isZero,
  notDecremented,
  notMoreThan100Percent,
  positiveIntOrPercent,
  templateOptionsFor,
  validateCounts,
  validateEndless,
  validateMatch,
  validateNotEmpty,
} from './shared.ts';

const spec = FieldPath.of('spec');
const template = spec.child('template');

/** Counts changes of the template; a field of its own inside, an annotation outside. */
const templateGeneration = 'deprecated.daemonset.template.generation';

/** Models kubernetes/pkg/registry/apps/daemonset and pkg/apis/apps/validation. */
export const daemonSetStrategy: Strategy<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  default_(set) {
    const own = (set.spec ??= {} as DaemonSetSpec);
    defaultTemplate(own);
    const strategy = (own.updateStrategy ??= {});
    strategy.type ??= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') {
      strategy.rollingUpdate ??= {};
      strategy.rollingUpdate.maxUnavailable ??= 1;
    }
    if (strategy.rollingUpdate) {
      strategy.rollingUpdate.maxUnavailable ??= 0;
      strategy.rollingUpdate.maxSurge ??= 0;
    }
    own.revisionHistoryLimit ??= 10;
    // A field of the internal form that every set has.
    setTemplateGeneration(set, templateGenerationOf(set));
  },
  prepareForCreate(set) {
    set.status = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
    set.metadata.generation = 1;
    setTemplateGeneration(set, Math.max(templateGenerationOf(set), 1));
    dropDisabledTemplateFields(set.spec?.template);
  },
  validate: (set) => validateSpec(set, templateOptionsFor(undefined)),
  warningsOnCreate: (set) => templateWarnings(set.spec?.template, template),
  prepareForUpdate(set, old) {
    if (old.status) set.status = old.status;
    dropDisabledTemplateFields(set.spec?.template, old.spec?.template);
    const isNewTemplate = !equal(set.spec?.template, old.spec?.template);
    setTemplateGeneration(set, templateGenerationOf(old) + (isNewTemplate ? 1 : 0));
    set.metadata.generation = (old.metadata.generation ?? 0) + (equal(set.spec, old.spec) ? 0 : 1);
  },
  validateUpdate: (set, old) => [
    ...validateImmutable(set.spec?.selector, old.spec?.selector, spec.child('selector')),
    ...validateSpec(set, {
      ...templateOptionsFor(old.spec?.template),
      badSelectorValues: !isUsable(old.spec?.selector),
    }),
  ],
  warningsOnUpdate: (set, old) =>
    templateGenerationOf(set) === templateGenerationOf(old)
      ? []
      : templateWarnings(set.spec?.template, template),
  subresources: {
    status: {
      prepareForUpdate(set, old) {
        if (old.spec) set.spec = old.spec;
        setTemplateGeneration(set, templateGenerationOf(old));
      },
      validateUpdate: ({ status }, old) => {
        const path = FieldPath.of('status');
        return all(
          validateCounts(status, counts, path),
          notDecremented(
            status?.collisionCount,
            old.status?.collisionCount,
            path.child('collisionCount'),
          ),
        );
      },
    },
  },
};

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];

const templateGenerationOf = ({ metadata }: DaemonSet): number =>
  Number(metadata.annotations?.[templateGeneration] ?? 0) || 0;

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) };
}

function validateSpec(set: DaemonSet, options: PodOptions): FieldError[] {
  const own = set.spec ?? ({} as DaemonSetSpec);
  const { selector } = own as { selector?: DaemonSetSpec['selector'] | null };
  const at = spec.child('selector');
  return all(
    validateLabelSelector(selector, at, options.badSelectorValues),
    isUsable(selector) && validateMatch(selector, own.template, template),
    validateNotEmpty(selector, 'daemonset', at),
    validatePodTemplate(own.template, template, options),
    validateEndless(own.template, 'DaemonSet', template),
    atLeastZero(own.minReadySeconds, spec.child('minReadySeconds')),
    atLeastZero(templateGenerationOf(set), spec.child('templateGeneration')),
    validateStrategy(own.updateStrategy ?? {}, spec.child('updateStrategy')),
    atLeastZero(own.revisionHistoryLimit, spec.child('revisionHistoryLimit')),
  );
}

function validateStrategy(strategy: DaemonSetUpdateStrategy, path: FieldPath): Found {
  const at = path.child('rollingUpdate');
  const { type, rollingUpdate } = strategy;
  if (type === 'OnDelete') return undefined;
  if (type !== 'RollingUpdate')
    return notSupported(path, internalForm('apps.DaemonSetUpdateStrategy', strategy), [
      'RollingUpdate',
      'OnDelete',
    ]);
  if (!rollingUpdate) return required(at);
  const { maxUnavailable, maxSurge } = rollingUpdate;
  return [
    positiveIntOrPercent(maxUnavailable, at.child('maxUnavailable')),
    positiveIntOrPercent(maxSurge, at.child('maxSurge')),
    notMoreThan100Percent(maxUnavailable, at.child('maxUnavailable')),
    notMoreThan100Percent(maxSurge, at.child('maxSurge')),
    isZero(maxUnavailable) !== isZero(maxSurge)
      ? undefined
      : isZero(maxUnavailable)
        ? required(at.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0')
        : invalid(at.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'),
  ];
}
