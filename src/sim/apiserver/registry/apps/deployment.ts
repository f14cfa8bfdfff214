import {
  FieldPath,
  fieldForbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  Deployment,
  DeploymentSpec,
  DeploymentStrategy,
} from '../../../../api/types/appsV1.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { dropDisabledTemplateFields } from '../podSpec/prepare.ts';
import { templateWarnings } from '../podSpec/warnings.ts';
import { all, atLeastZero, type Found } from '../shared/checks.ts';
import { nameWarnings } from '../shared/nameWarnings.ts';
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
  validateParts,
  validateSelector,
  validateTemplate,
} from './shared.ts';

const spec = FieldPath.of('spec');
const template = spec.child('template');

/** Models kubernetes/pkg/registry/apps/deployment and pkg/apis/apps/validation. */
export const deploymentStrategy: Strategy<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  default_(deployment) {
    const own = (deployment.spec ??= {} as DeploymentSpec);
    defaultTemplate(own);
    own.replicas ??= 1;
    const strategy = (own.strategy ??= {});
    strategy.type ??= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') {
      strategy.rollingUpdate ??= {};
      strategy.rollingUpdate.maxUnavailable ??= '25%';
      strategy.rollingUpdate.maxSurge ??= '25%';
    }
    own.revisionHistoryLimit ??= 10;
    own.progressDeadlineSeconds ??= 600;
  },
  prepareForCreate(deployment) {
    deployment.status = {};
    deployment.metadata.generation = 1;
    dropDisabledTemplateFields(deployment.spec?.template);
  },
  validate: (deployment) => validateSpec(deployment, templateOptionsFor(undefined)),
  warningsOnCreate: (deployment) => [
    ...nameWarnings(deployment.metadata.name),
    ...templateWarnings(deployment.spec?.template, template),
  ],
  prepareForUpdate(deployment, old) {
    deployment.status = old.status ?? {};
    dropDisabledTemplateFields(deployment.spec?.template, old.spec?.template);
    const changed =
      !equal(deployment.spec, old.spec) ||
      !equal(deployment.metadata.annotations, old.metadata.annotations);
    deployment.metadata.generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0);
  },
  validateUpdate: (deployment, old) => [
    ...validateSpec(deployment, templateOptionsFor(old.spec?.template)),
    ...validateImmutable(deployment.spec?.selector, old.spec?.selector, spec.child('selector')),
  ],
  warningsOnUpdate: (deployment, old) =>
    deployment.metadata.generation === old.metadata.generation
      ? []
      : templateWarnings(deployment.spec?.template, template),
  subresources: {
    status: {
      prepareForUpdate(deployment, old) {
        if (old.spec) deployment.spec = old.spec;
        if (old.metadata.labels) deployment.metadata.labels = old.metadata.labels;
        else delete deployment.metadata.labels;
      },
      validateUpdate: ({ status }, old) => {
        const path = FieldPath.of('status');
        return all(
          validateCounts(status, counts, path),
          validateParts(status, parts, path),
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
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
];
const parts = [
  ['updatedReplicas', 'replicas'],
  ['readyReplicas', 'replicas'],
  ['availableReplicas', 'replicas'],
  ['availableReplicas', 'readyReplicas', 'readyReplicas'],
] as const;

function validateSpec(deployment: Deployment, options: PodOptions): FieldError[] {
  const own = deployment.spec ?? ({} as DeploymentSpec);
  const { selector } = own as { selector?: DeploymentSpec['selector'] | null };
  const deadline = own.progressDeadlineSeconds;
  const at = spec.child('progressDeadlineSeconds');
  return all(
    atLeastZero(own.replicas, spec.child('replicas')),
    validateSelector(selector, 'deployment', spec.child('selector')),
    isUsable(selector)
      ? validateTemplate(own.template, selector, 'ReplicaSet', template, options)
      : invalid(spec.child('selector'), selector, 'invalid label selector'),
    validateStrategy(own.strategy ?? {}, spec.child('strategy')),
    atLeastZero(own.minReadySeconds, spec.child('minReadySeconds')),
    atLeastZero(own.revisionHistoryLimit, spec.child('revisionHistoryLimit')),
    deadline !== undefined && [
      atLeastZero(deadline, at),
      deadline <= (own.minReadySeconds ?? 0) &&
        invalid(at, deadline, 'must be greater than minReadySeconds'),
    ],
  );
}

function validateStrategy(strategy: DeploymentStrategy, path: FieldPath): Found {
  const { type, rollingUpdate } = strategy;
  const at = path.child('rollingUpdate');
  switch (type as string | undefined) {
    case 'Recreate':
      return (
        rollingUpdate &&
        fieldForbidden(at, "may not be specified when strategy `type` is 'Recreate'")
      );
    case 'RollingUpdate': {
      if (!rollingUpdate) return required(at, 'this should be defaulted and never be nil');
      const { maxUnavailable, maxSurge } = rollingUpdate;
      return [
        positiveIntOrPercent(maxUnavailable, at.child('maxUnavailable')),
        positiveIntOrPercent(maxSurge, at.child('maxSurge')),
        isZero(maxUnavailable) &&
          isZero(maxSurge) &&
          invalid(
            at.child('maxUnavailable'),
            maxUnavailable ?? 0,
            'may not be 0 when `maxSurge` is 0',
          ),
        notMoreThan100Percent(maxUnavailable, at.child('maxUnavailable')),
      ];
    }
    default:
      return notSupported(path, internalForm('apps.DeploymentStrategy', strategy), [
        'Recreate',
        'RollingUpdate',
      ]);
  }
}
