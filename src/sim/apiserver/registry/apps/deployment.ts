import {
  FieldPath,
  fieldForbidden,
  invalid,
  notSupported,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  Deployment,
  DeploymentSpec,
  DeploymentStrategy,
} from '../../../../api/types/appsV1.ts';
import type { PodTemplateSpec } from '../../../../api/types/coreV1.ts';
import { defaultPodSpec } from '../podSpec/defaults.ts';
import { podWarnings } from '../podSpec/warnings.ts';
import { isDns1123Label } from '../shared/names.ts';
import { nonNegative, validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import {
  isUsable,
  isZero,
  notMoreThan100Percent,
  positiveIntOrPercent,
  validateSelector,
  validateTemplate,
} from './shared.ts';

const spec = FieldPath.of('spec');

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
    strategy.type ||= 'RollingUpdate';
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
  },
  validate: (deployment) => validateSpec(deployment.spec ?? ({} as DeploymentSpec)),
  warningsOnCreate: (deployment) => [
    ...nameWarnings(deployment),
    ...podWarnings(
      deployment.spec?.template.spec,
      deployment.spec?.template.metadata,
      spec.child('template', 'spec'),
    ),
  ],
  prepareForUpdate(deployment, old) {
    deployment.status = old.status ?? {};
    const changed =
      !equal(deployment.spec, old.spec) ||
      !equal(deployment.metadata.annotations, old.metadata.annotations);
    deployment.metadata.generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0);
  },
  validateUpdate: (deployment, old) => [
    ...validateSpec(deployment.spec ?? ({} as DeploymentSpec)),
    ...validateImmutable(deployment.spec?.selector, old.spec?.selector, spec.child('selector')),
  ],
  warningsOnUpdate: (deployment, old) =>
    deployment.metadata.generation === old.metadata.generation
      ? []
      : podWarnings(
          deployment.spec?.template.spec,
          deployment.spec?.template.metadata,
          spec.child('template', 'spec'),
        ),
  subresources: {
    status: {
      prepareForUpdate(deployment, old) {
        if (old.spec) deployment.spec = old.spec;
        if (old.metadata.labels) deployment.metadata.labels = old.metadata.labels;
        else delete deployment.metadata.labels;
      },
      validateUpdate: (deployment) => validateStatus(deployment),
    },
  },
};

/** Pods of a template get their own defaults. */
export function defaultTemplate(owner: { template?: PodTemplateSpec }): void {
  owner.template ??= {} as PodTemplateSpec;
  const template = owner.template;
  template.metadata ??= {};
  template.spec ??= { containers: null } as unknown as NonNullable<PodTemplateSpec['spec']>;
  defaultPodSpec(template.spec);
}

export const nameWarnings = ({ metadata }: { metadata: { name?: string } }): string[] => {
  const problems = metadata.name ? isDns1123Label(metadata.name) : [];
  return problems.length
    ? [
        `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
      ]
    : [];
};

function validateSpec(own: DeploymentSpec): FieldError[] {
  const errors = nonNegative(own.replicas, spec.child('replicas'));
  errors.push(...validateSelector(own.selector, 'deployment', spec.child('selector')));
  const { selector } = own as { selector?: DeploymentSpec['selector'] | null };
  if (selector && !isUsable(selector))
    errors.push(invalid(spec.child('selector'), selector, 'invalid label selector'));
  else
    errors.push(...validateTemplate(own.template, selector, 'ReplicaSet', spec.child('template')));
  errors.push(...validateStrategy(own.strategy, spec.child('strategy')));
  errors.push(...nonNegative(own.minReadySeconds, spec.child('minReadySeconds')));
  errors.push(...nonNegative(own.revisionHistoryLimit, spec.child('revisionHistoryLimit')));
  const deadline = own.progressDeadlineSeconds;
  if (deadline !== undefined) {
    errors.push(...nonNegative(deadline, spec.child('progressDeadlineSeconds')));
    if (deadline <= (own.minReadySeconds ?? 0))
      errors.push(
        invalid(
          spec.child('progressDeadlineSeconds'),
          deadline,
          'must be greater than minReadySeconds',
        ),
      );
  }
  return errors;
}

function validateStrategy(strategy: DeploymentStrategy | undefined, path: FieldPath): FieldError[] {
  switch (strategy?.type as string | undefined) {
    case 'Recreate':
      return strategy?.rollingUpdate
        ? [
            fieldForbidden(
              path.child('rollingUpdate'),
              "may not be specified when strategy `type` is 'Recreate'",
            ),
          ]
        : [];
    case 'RollingUpdate': {
      const { maxUnavailable = 0, maxSurge = 0 } = strategy?.rollingUpdate ?? {};
      const at = path.child('rollingUpdate');
      const errors = [
        ...positiveIntOrPercent(maxUnavailable, at.child('maxUnavailable')),
        ...positiveIntOrPercent(maxSurge, at.child('maxSurge')),
      ];
      if (isZero(maxUnavailable) && isZero(maxSurge))
        errors.push(
          invalid(at.child('maxUnavailable'), maxUnavailable, 'may not be 0 when `maxSurge` is 0'),
        );
      errors.push(...notMoreThan100Percent(maxUnavailable, at.child('maxUnavailable')));
      return errors;
    }
    default:
      return [
        notSupported(path.child('type'), strategy?.type ?? '', ['Recreate', 'RollingUpdate']),
      ];
  }
}

function validateStatus({ status }: Deployment): FieldError[] {
  const path = FieldPath.of('status');
  const errors: FieldError[] = [];
  for (const key of [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ] as const)
    errors.push(...nonNegative(status?.[key], path.child(key)));
  const message = 'cannot be greater than status.replicas';
  const {
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
  } = status ?? {};
  if (updatedReplicas > replicas)
    errors.push(invalid(path.child('updatedReplicas'), updatedReplicas, message));
  if (readyReplicas > replicas)
    errors.push(invalid(path.child('readyReplicas'), readyReplicas, message));
  if (availableReplicas > replicas)
    errors.push(invalid(path.child('availableReplicas'), availableReplicas, message));
  if (availableReplicas > readyReplicas)
    errors.push(
      invalid(
        path.child('availableReplicas'),
        availableReplicas,
        'cannot be greater than readyReplicas',
      ),
    );
  return errors;
}
