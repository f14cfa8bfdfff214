import {
  fieldForbidden,
  invalid,
  required,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import type {
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../../../../api/types/coreV1.ts';
import {
  all,
  allInvalid,
  mayBe,
  mayBeOneOf,
  must,
  oneOf,
  type Found,
  type Loose,
} from './checks.ts';
import { validateLabelSelector } from './labels.ts';
import { isDns1123Label, isDns1123Subdomain } from './names.ts';
import { roundAmounts } from './resourceLists.ts';
import { isWhole, validateAmount, validatePositiveAmount } from './resources.ts';

// What a claim asks for: of a PersistentVolumeClaim, of a template in a StatefulSet or in a pod's ephemeral volume.
// Models core/validation ValidatePersistentVolumeClaimSpec.

/** What an object that was stored before may keep. */
export interface ClaimOptions {
  readonly badSelectorValues?: boolean;
  readonly badDataSourceGroups?: boolean;
}

export const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const volumeModes = ['Block', 'Filesystem'];

export function validateAccessModes(
  modes: readonly string[] | null | undefined,
  path: FieldPath,
): Found {
  const known = modes?.filter((mode) => accessModes.includes(mode)) ?? [];
  return [
    modes?.map((mode) => oneOf(mode, accessModes, path)),
    known.includes('ReadWriteOncePod') &&
      known.some((mode) => mode !== 'ReadWriteOncePod') &&
      fieldForbidden(path, 'may not use ReadWriteOncePod with other access modes'),
  ];
}

export function validateClaimSpec(
  spec: PersistentVolumeClaimSpec,
  path: FieldPath,
  options: ClaimOptions = {},
): FieldError[] {
  const { dataSource, dataSourceRef: ref, selector } = spec;
  return all(
    must(spec.accessModes, path.child('accessModes'), 'at least 1 access mode is required'),
    validateLabelSelector(selector, path.child('selector'), options.badSelectorValues),
    validateAccessModes(spec.accessModes, path.child('accessModes')),
    validateStorage(spec.resources?.requests?.['storage'], path.child('resources').key('storage')),
    mayBe(isDns1123Subdomain, spec.storageClassName, path.child('storageClassName')),
    mayBeOneOf(spec.volumeMode, volumeModes, path.child('volumeMode')),
    dataSource && validateDataSource(dataSource, path.child('dataSource'), options),
    ref && [
      validateDataSource(ref, path.child('dataSourceRef'), options),
      mayBe(isDns1123Label, ref.namespace, path.child('dataSourceRef', 'namespace')),
    ],
    // Upstream gives the path of the other field as the value; it has no JSON of its own.
    ref?.namespace
      ? dataSource &&
          invalid(path, pathValue, 'may not be specified when dataSourceRef.namespace is specified')
      : dataSource &&
          ref &&
          !isSameSource(dataSource, ref) &&
          invalid(path, pathValue, 'must match dataSourceRef'),
    mayBe(
      isDns1123Subdomain,
      spec.volumeAttributesClassName,
      path.child('volumeAttributesClassName'),
    ),
  );
}

/** What Go's encoder makes of a field.Path: a struct without exported fields. */
const pathValue = {};

function validateStorage(amount: string | undefined, path: FieldPath): Found {
  if (amount === undefined) return required(path);
  const bad = validatePositiveAmount(amount, path);
  return bad.length ? bad : validateAmount('storage', amount, path);
}

function validateDataSource(
  source: Loose<TypedLocalObjectReference> | Loose<TypedObjectReference>,
  path: FieldPath,
  options: ClaimOptions,
): Found {
  const { name, kind, apiGroup } = source;
  return [
    must(name, path.child('name')),
    must(kind, path.child('kind')),
    !apiGroup
      ? kind !== 'PersistentVolumeClaim' &&
        invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")
      : !options.badDataSourceGroups &&
        allInvalid(path.child('apiGroup'), apiGroup, isDns1123Subdomain(apiGroup)),
  ];
}

const isSameSource = (a: TypedLocalObjectReference, b: TypedObjectReference): boolean =>
  a.apiGroup === b.apiGroup && a.kind === b.kind && a.name === b.name;

export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
  roundAmounts(spec.resources?.requests, spec.resources?.limits);
}

/** Models GetWarningsForPersistentVolumeClaimSpec. */
export const claimSpecWarnings = (
  { resources }: PersistentVolumeClaimSpec,
  path: FieldPath,
): string[] =>
  (['requests', 'limits'] as const).flatMap((which) => {
    const amount = resources?.[which]?.['storage'];
    return amount === undefined || isWhole(amount)
      ? []
      : [
          `${path.child('resources', which).key('storage').toString()}: fractional byte value "${amount}" is invalid, must be an integer`,
        ];
  });
