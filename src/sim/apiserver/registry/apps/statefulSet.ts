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
  StatefulSet,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
} from '../../../../api/types/appsV1.ts';
import type {
  PersistentVolumeClaim,
  PodTemplateSpec,
  Volume,
} from '../../../../api/types/coreV1.ts';
import { validatePodAnnotations } from '../podSpec/annotations.ts';
import type { PodOptions } from '../podSpec/options.ts';
import { validatePodTemplate } from '../podSpec/podSpec.ts';
import { dropDisabledTemplateFields } from '../podSpec/prepare.ts';
import { templateWarnings } from '../podSpec/warnings.ts';
import { all, atLeastZero, each, mayBe, type Found } from '../shared/checks.ts';
import { claimSpecWarnings, defaultClaimSpec, validateClaimSpec } from '../shared/claimSpec.ts';
import { validateLabels } from '../shared/labels.ts';
import { isDns1123Label, nameRules } from '../shared/names.ts';
import { validateAnnotations } from '../shared/objectMeta.ts';
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
  validateParts,
  validateSelector,
} from './shared.ts';

const spec = FieldPath.of('spec');
const template = spec.child('template');

/** Models kubernetes/pkg/registry/apps/statefulset and pkg/apis/apps/validation. */
export const statefulSetStrategy: Strategy<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  hasGeneration: true,
  allowUnconditionalUpdate: true,
  validateName: nameRules.label,
  default_(set) {
    const own = (set.spec ??= {} as StatefulSetSpec);
    defaultTemplate(own);
    own.podManagementPolicy ??= 'OrderedReady';
    const strategy = (own.updateStrategy ??= {});
    if (!strategy.type) {
      strategy.type = 'RollingUpdate';
      strategy.rollingUpdate ??= {};
    }
    if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate)
      strategy.rollingUpdate.partition ??= 0;
    const retention = (own.persistentVolumeClaimRetentionPolicy ??= {});
    retention.whenDeleted ??= 'Retain';
    retention.whenScaled ??= 'Retain';
    own.replicas ??= 1;
    own.revisionHistoryLimit ??= 10;
    for (const claim of own.volumeClaimTemplates ?? []) defaultClaimTemplate(claim);
  },
  prepareForCreate(set) {
    set.status = { replicas: 0, availableReplicas: 0 };
    set.metadata.generation = 1;
    dropDisabledFields(set, undefined);
  },
  validate: (set) => validateSpec(set, templateOptionsFor(undefined), {}),
  warningsOnCreate: (set) => [
    ...templateWarnings(set.spec?.template, template),
    ...claimWarnings(set, (at) => at),
  ],
  prepareForUpdate(set, old) {
    if (old.status) set.status = old.status;
    dropDisabledFields(set, old);
    set.metadata.generation = (old.metadata.generation ?? 0) + (equal(set.spec, old.spec) ? 0 : 1);
  },
  validateUpdate(set, old) {
    const options = templateOptionsFor(old.spec?.template);
    const lenient = { isUpdate: true };
    const wasBad = validateSpec(old, options, lenient).length > 0;
    return all(
      validateSpec(set, options, { ...lenient, wasBad }),
      !equal(fixedPart(set), fixedPart(old)) &&
        fieldForbidden(
          spec,
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ),
    );
  },
  warningsOnUpdate: (set, old) => [
    ...(set.metadata.generation === old.metadata.generation
      ? []
      : templateWarnings(set.spec?.template, template)),
    ...claimWarnings(set, (at) => at.child('Spec')),
  ],
  subresources: {
    status: {
      prepareForUpdate(set, old) {
        if (old.spec) set.spec = old.spec;
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
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
];
const parts = [
  ['readyReplicas', 'replicas'],
  ['currentReplicas', 'replicas'],
  ['updatedReplicas', 'replicas'],
  ['availableReplicas', 'replicas'],
  ['availableReplicas', 'readyReplicas'],
] as const;

function defaultClaimTemplate(claim: PersistentVolumeClaim): void {
  claim.apiVersion = 'v1';
  claim.kind = 'PersistentVolumeClaim';
  defaultClaimSpec((claim.spec ??= {}));
  claim.status ??= {};
  claim.status.phase ??= 'Pending';
}

/** Several pods at a time are an alpha feature that is off. */
function dropDisabledFields({ spec: own }: StatefulSet, old: StatefulSet | undefined): void {
  if (
    own?.updateStrategy?.rollingUpdate &&
    !old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable
  )
    delete own.updateStrategy.rollingUpdate.maxUnavailable;
  dropDisabledTemplateFields(own?.template, old?.spec?.template);
}

function claimWarnings({ spec: own }: StatefulSet, below: (at: FieldPath) => FieldPath): string[] {
  const claims = (own?.volumeClaimTemplates ?? []).flatMap((claim, index) =>
    claimSpecWarnings(claim.spec ?? {}, below(spec.child('volumeClaimTemplates').index(index))),
  );
  return (own?.revisionHistoryLimit ?? 0) < 0
    ? [
        ...claims,
        'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
      ]
    : claims;
}

/** What no update can change. */
const fixedPart = ({ spec: own }: StatefulSet): object => ({
  ...own,
  replicas: 0,
  template: 0,
  updateStrategy: 0,
  minReadySeconds: 0,
  ordinals: 0,
  revisionHistoryLimit: 0,
  persistentVolumeClaimRetentionPolicy: 0,
});

interface Leniency {
  readonly isUpdate?: boolean;
  /** The old object broke the rules: its template is not looked into. */
  readonly wasBad?: boolean;
}

function validateSpec(set: StatefulSet, options: PodOptions, lenient: Leniency): FieldError[] {
  const own = set.spec ?? ({} as StatefulSetSpec);
  const { selector } = own as { selector?: StatefulSetSpec['selector'] | null };
  const { persistentVolumeClaimRetentionPolicy: retention, podManagementPolicy: policy } = own;
  const at = spec.child('persistentVolumeClaimRetentionPolicy');
  return all(
    policy
      ? !['OrderedReady', 'Parallel'].includes(policy) &&
          invalid(spec.child('podManagementPolicy'), policy, "must be 'OrderedReady' or 'Parallel'")
      : required(spec.child('podManagementPolicy')),
    validateStrategy(own.updateStrategy ?? {}, spec.child('updateStrategy')),
    (['whenDeleted', 'whenScaled'] as const).map((when) => {
      const value = retention?.[when] ?? '';
      const known = ['Retain', 'Delete'];
      return retention && !known.includes(value) && notSupported(at.child(when), value, known);
    }),
    !lenient.isUpdate &&
      each(own.volumeClaimTemplates, spec.child('volumeClaimTemplates'), (claim, place) =>
        validateClaimSpec(claim.spec ?? {}, place.child('spec')),
      ),
    atLeastZero(own.replicas, spec.child('replicas')),
    atLeastZero(own.minReadySeconds, spec.child('minReadySeconds')),
    atLeastZero(own.ordinals?.start, spec.child('ordinals.start')),
    !lenient.isUpdate && mayBe(isDns1123Label, own.serviceName, spec.child('serviceName')),
    validateSelector(selector, 'statefulset', spec.child('selector')),
    isUsable(selector)
      ? validateOwnTemplate(own, selector, options, lenient)
      : invalid(spec.child('selector'), selector, ''),
    validateEndless(own.template, 'StatefulSet', template),
  );
}

function validateStrategy(strategy: StatefulSetUpdateStrategy, path: FieldPath): Found {
  const at = path.child('rollingUpdate');
  const { type, rollingUpdate } = strategy;
  switch (type as string | undefined) {
    case undefined:
    case '':
      return required(path);
    case 'OnDelete':
      return (
        rollingUpdate &&
        invalid(
          at,
          internalForm('apps.RollingUpdateStatefulSetStrategy', rollingUpdate),
          "only allowed for updateStrategy 'RollingUpdate'",
        )
      );
    case 'RollingUpdate': {
      const max = rollingUpdate?.maxUnavailable;
      const place = at.child('maxUnavailable');
      return [
        atLeastZero(rollingUpdate?.partition, at.child('partition')),
        max !== undefined && [
          positiveIntOrPercent(max, place),
          isZero(max) && invalid(place, max, 'cannot be 0'),
          notMoreThan100Percent(max, place),
        ],
      ];
    }
    default:
      return invalid(
        path,
        internalForm('apps.StatefulSetUpdateStrategy', strategy),
        "must be 'RollingUpdate' or 'OnDelete'",
      );
  }
}

/** The template as its pods will be: with volumes for the claims, and names that the controller gives. */
function validateOwnTemplate(
  { template: own, volumeClaimTemplates: claims = [] }: StatefulSetSpec,
  selector: StatefulSetSpec['selector'] | null | undefined,
  options: PodOptions,
  { wasBad }: Leniency,
): FieldError[] {
  const names = claims.map(({ metadata }) => metadata.name ?? '');
  const added = [...new Set(names)].map((name): Volume => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  const given = (own as PodTemplateSpec | undefined) ?? {};
  const podSpec = { ...(given.spec ?? { containers: [] }) };
  delete podSpec.hostname;
  delete podSpec.subdomain;
  const volumes = [
    ...added,
    ...(podSpec.volumes ?? []).filter(({ name }) => !names.includes(name)),
  ];
  const seen: PodTemplateSpec = {
    ...given,
    spec: { ...podSpec, ...((podSpec.volumes ?? claims.length) && { volumes }) },
  };
  const { metadata } = given;
  const at = template.child('annotations');
  return all(
    validateMatch(selector, given, template),
    !wasBad && validatePodTemplate(seen, template, options),
    validateLabels(metadata?.labels, template.child('labels')),
    validateAnnotations(metadata?.annotations, at),
    validatePodAnnotations(metadata?.annotations, seen.spec ?? podSpec, at, options),
  );
}
