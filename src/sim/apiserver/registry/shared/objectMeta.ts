import { asGiven } from '../../../../api/emptied.ts';
import type { FieldPath } from '../../../../api/field.ts';
import {
  fieldForbidden,
  invalid,
  required,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal, type ObjectMeta } from '../../../../api/meta.ts';
import { all } from './checks.ts';
import { validateLabels } from './labels.ts';
import { isDns1123Label, isQualifiedName, nameRules, utf8Length } from './names.ts';

const maxAnnotationsSize = 256 * 1024;

type NameRule = (name: string, prefix: boolean) => readonly string[];

/** Models apimachinery/pkg/api/validation ValidateObjectMetaAccessor, with core/validation ValidateObjectMeta if `isKube`. */
export function validateObjectMeta(
  meta: ObjectMeta,
  namespaced: boolean,
  validateName: NameRule | undefined,
  path: FieldPath,
  isKube = true,
): FieldError[] {
  const errors: FieldError[] = [];
  const rule = validateName ?? nameRules.subdomain;
  const { name = '', generateName = '', namespace = '', generation = 0 } = meta;
  if (generateName)
    for (const message of rule(generateName, true))
      errors.push(invalid(path.child('generateName'), generateName, message));
  if (!name) errors.push(required(path.child('name'), 'name or generateName is required'));
  else
    for (const message of rule(name, false))
      errors.push(invalid(path.child('name'), name, message));
  if (namespaced) {
    if (!namespace) errors.push(required(path.child('namespace')));
    else
      for (const message of isDns1123Label(namespace))
        errors.push(invalid(path.child('namespace'), namespace, message));
  } else if (namespace)
    errors.push(fieldForbidden(path.child('namespace'), 'not allowed on this type'));
  if (generation < 0)
    errors.push(
      invalid(path.child('generation'), generation, 'must be greater than or equal to 0'),
    );
  errors.push(
    ...validateLabels(meta.labels, path.child('labels')),
    ...validateAnnotations(meta.annotations, path.child('annotations')),
  );
  errors.push(
    ...validateOwnerReferences(meta, path.child('ownerReferences')),
    ...validateFinalizers(meta.finalizers, path.child('finalizers')),
  );
  errors.push(...validateManagedFields(meta, path.child('managedFields')));
  if (isKube) errors.push(...validateFinalizerNames(meta.finalizers, path.child('finalizers')));
  return errors;
}

/** Models ValidateAnnotations: names without regard to case, and the size of all together. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(annotations ?? {}))
    for (const message of isQualifiedName(key.toLowerCase()))
      errors.push(invalid(path, key, message));
  return [...errors, ...validateAnnotationsSize(annotations, path)];
}

export function validateAnnotationsSize(
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] {
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {}))
    size += utf8Length(key) + utf8Length(value);
  return size > maxAnnotationsSize ? [tooLong(path, maxAnnotationsSize)] : [];
}

const orphanFinalizers = ['orphan', 'foregroundDeletion'];

function validateFinalizers(
  finalizers: readonly string[] | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of finalizers ?? [])
    for (const message of isQualifiedName(finalizer))
      errors.push(invalid(path, finalizer, message));
  const both = orphanFinalizers.every((name) => finalizers?.includes(name));
  if (both)
    errors.push(
      invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    );
  return errors;
}

const standardFinalizers = ['kubernetes', ...orphanFinalizers];

/** Built-in kinds want a domain, or one of their own names. Models core/validation validateKubeFinalizerName. */
const validateFinalizerNames = (
  finalizers: readonly string[] | undefined,
  path: FieldPath,
): FieldError[] =>
  (finalizers ?? []).flatMap((finalizer, index) =>
    finalizer.includes('/') || standardFinalizers.includes(finalizer)
      ? []
      : [
          invalid(
            path.index(index),
            finalizer,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ],
  );

function validateOwnerReferences({ ownerReferences }: ObjectMeta, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of ownerReferences ?? []) {
    if (!reference.apiVersion || reference.apiVersion.split('/').length > 2)
      errors.push(
        invalid(path.child('apiVersion'), reference.apiVersion, 'version must not be empty'),
      );
    if (reference.kind === '')
      errors.push(invalid(path.child('kind'), reference.kind, 'must not be empty'));
    if (reference.name === '')
      errors.push(invalid(path.child('name'), reference.name, 'must not be empty'));
    if (reference.uid === '')
      errors.push(invalid(path.child('uid'), reference.uid, 'must not be empty'));
    if (reference.apiVersion === 'v1' && reference.kind === 'Event')
      errors.push(invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'));
    if (!reference.controller) continue;
    const self = `${reference.kind}/${reference.name}`;
    if (controller === undefined) controller = self;
    else
      errors.push(
        invalid(
          path,
          ownerReferences,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${self}`,
        ),
      );
  }
  return errors;
}

function validateManagedFields({ managedFields }: ObjectMeta, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  managedFields?.forEach((entry, index) => {
    const at = path.index(index);
    const operation: string = entry.operation ?? '';
    if (operation !== 'Apply' && operation !== 'Update')
      errors.push(invalid(at.child('operation'), operation, 'must be `Apply` or `Update`'));
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1')
      errors.push(invalid(at.child('fieldsType'), entry.fieldsType, 'must be `FieldsV1`'));
    errors.push(...validateFieldManager(entry.manager ?? '', at.child('manager')));
  });
  return errors;
}

/** Models metav1/validation ValidateFieldManager. */
export function validateFieldManager(manager: string, path: FieldPath): FieldError[] {
  if (utf8Length(manager) > 128) return [tooLong(path, 128)];
  return /^[^\p{C}]*$/u.test(manager)
    ? []
    : [invalid(path, manager, 'should only contain printable characters')];
}

export const immutable = 'field is immutable';

/** `type` is the internal Go type of values that are structs: messages print it with Go's field names. */
export const validateImmutable = (
  now: unknown,
  before: unknown,
  path: FieldPath,
  type?: string,
): FieldError[] =>
  equal(now, before)
    ? []
    : [invalid(path, type === undefined ? (now ?? null) : internalForm(type, now), immutable)];

/** A member of an object that may not change. */
export const validateImmutableMember = <T extends object>(
  key: keyof T & string,
  now: T,
  before: T,
  path: FieldPath,
): FieldError[] =>
  equal(now[key], before[key])
    ? []
    : [invalid(path.child(key), asGiven(now, key) ?? null, immutable)];

/** Models ValidateObjectMetaAccessorUpdate, with core/validation ValidateObjectMetaUpdate if `isKube`. */
export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath,
  isKube = true,
): FieldError[] {
  const errors: FieldError[] = [];
  const deleting = old.deletionTimestamp !== undefined;
  const added = (meta.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
  if (deleting && added.length)
    errors.push(
      fieldForbidden(
        path.child('finalizers'),
        `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added)}`,
      ),
    );
  if (!meta.resourceVersion)
    errors.push(
      invalid(
        path.child('resourceVersion'),
        meta.resourceVersion ?? '',
        'must be specified for an update',
      ),
    );
  if ((meta.generation ?? 0) < (old.generation ?? 0))
    errors.push(invalid(path.child('generation'), meta.generation ?? 0, 'must not be decremented'));
  for (const key of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const)
    errors.push(...validateImmutable(meta[key], old[key], path.child(key)));
  errors.push(
    ...validateLabels(meta.labels, path.child('labels')),
    ...validateAnnotations(meta.annotations, path.child('annotations')),
  );
  errors.push(
    ...validateOwnerReferences(meta, path.child('ownerReferences')),
    ...validateManagedFields(meta, path.child('managedFields')),
  );
  if (isKube) errors.push(...validateFinalizerNames(meta.finalizers, path.child('finalizers')));
  return errors;
}

/** Go's %#v of a []string. */
const goStrings = (values: readonly string[]): string =>
  `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`;

/** What the metadata of a template may not have, in Go's order. */
const notOfTemplates = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uID',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

/** Models core/validation ValidateTemplateObjectMeta. */
export const validateTemplateMeta = (meta: ObjectMeta | undefined, path: FieldPath): FieldError[] =>
  all(
    validateAnnotations(meta?.annotations, path.child('annotations')),
    validateLabels(meta?.labels, path.child('labels')),
    notOfTemplates.map((name) => {
      const value = asGiven<ObjectMeta>(meta, name === 'uID' ? 'uid' : name);
      const isZero = value === '' || (name === 'generation' && value === 0);
      const isSet = value !== undefined && value !== null && !isZero;
      return isSet && fieldForbidden(path.child(name), 'cannot be set');
    }),
  );
