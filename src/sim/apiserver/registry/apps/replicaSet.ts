import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type { ReplicaSet, ReplicaSetSpec } from '../../../../api/types/appsV1.ts';
import { podWarnings } from '../podSpec/warnings.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { nonNegative, validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import { defaultTemplate, nameWarnings } from './deployment.ts';
import { isUsable, validateTemplate } from './shared.ts';

const spec = FieldPath.of('spec');

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
  },
  validate: ({ spec: own }) => validateSpec(own ?? ({} as ReplicaSetSpec)),
  warningsOnCreate: (set) => [
    ...nameWarnings(set),
    ...podWarnings(
      set.spec?.template?.spec,
      set.spec?.template?.metadata,
      spec.child('template', 'spec'),
    ),
  ],
  prepareForUpdate(set, old) {
    if (old.status) set.status = old.status;
    set.metadata.generation = (old.metadata.generation ?? 0) + (equal(set.spec, old.spec) ? 0 : 1);
  },
  validateUpdate: (set, old) => [
    ...validateSpec(set.spec ?? ({} as ReplicaSetSpec)),
    ...validateImmutable(set.spec?.selector, old.spec?.selector, spec.child('selector')),
  ],
  subresources: {
    status: {
      prepareForUpdate(set, old) {
        if (old.spec) set.spec = old.spec;
      },
      validateUpdate: ({ status }) => {
        const path = FieldPath.of('status');
        const errors: FieldError[] = [];
        for (const key of [
          'replicas',
          'fullyLabeledReplicas',
          'readyReplicas',
          'availableReplicas',
          'terminatingReplicas',
          'observedGeneration',
        ] as const)
          errors.push(...nonNegative(status?.[key], path.child(key)));
        const {
          replicas = 0,
          fullyLabeledReplicas = 0,
          readyReplicas = 0,
          availableReplicas = 0,
        } = status ?? {};
        const message = 'cannot be greater than status.replicas';
        if (fullyLabeledReplicas > replicas)
          errors.push(invalid(path.child('fullyLabeledReplicas'), fullyLabeledReplicas, message));
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
      },
    },
  },
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
};

function validateSpec(own: ReplicaSetSpec): FieldError[] {
  const errors = [
    ...nonNegative(own.replicas, spec.child('replicas')),
    ...nonNegative(own.minReadySeconds, spec.child('minReadySeconds')),
  ];
  const { selector } = own as { selector?: ReplicaSetSpec['selector'] | null };
  if (!selector) errors.push(required(spec.child('selector')));
  else {
    errors.push(...validateLabelSelector(selector, spec.child('selector')));
    if (!Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length)
      errors.push(
        invalid(spec.child('selector'), selector, 'empty selector is invalid for deployment'),
      );
  }
  if (selector && !isUsable(selector))
    errors.push(invalid(spec.child('selector'), selector, 'invalid label selector'));
  else
    errors.push(...validateTemplate(own.template, selector, 'ReplicaSet', spec.child('template')));
  return errors;
}
