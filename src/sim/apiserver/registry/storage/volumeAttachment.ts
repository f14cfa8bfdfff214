import {
  fieldForbidden,
  FieldPath,
  invalid,
  required,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import type {
  VolumeAttachment,
  VolumeAttachmentSource,
  VolumeError,
} from '../../../../api/types/storageV1.ts';
import { validateVolumeSpec } from '../core/volumeSpec.ts';
import { all, allInvalid } from '../shared/checks.ts';
import { inclusiveRange, isDns1123Subdomain, utf8Length } from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import { validateDriverName } from './csi.ts';

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');

/** Models kubernetes/pkg/registry/storage/volumeattachment and pkg/apis/storage/validation. */
export const volumeAttachmentStrategy: Strategy<VolumeAttachment> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  metaOnUpdate: ['create'],
  validate,
  validateUpdate,
  subresources: { status: { validateUpdate } },
};

function validateUpdate(attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  return all(
    validate(attachment),
    validateImmutable(attachment.spec, old.spec, spec, 'storage.VolumeAttachmentSpec'),
  );
}

function validate({ spec: own, status: seen }: VolumeAttachment): FieldError[] {
  const { persistentVolumeName: name } = own.source;
  const metadata = Object.entries(seen?.attachmentMetadata ?? {});
  const size = metadata.reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  return all(
    validateDriverName(own.attacher, spec.child('attacher')),
    validateSource(own.source, spec.child('source')),
    allInvalid(spec.child('nodeName'), own.nodeName, isDns1123Subdomain(own.nodeName)),
    size > maxSize && tooLong(status.child('attachmentMetadata'), maxSize),
    validateError(seen?.attachError, status.child('attachError')),
    validateError(seen?.detachError, status.child('detachError')),
    name !== undefined &&
      allInvalid(spec.child('source', 'persistentVolumeName'), name, isDns1123Subdomain(name)),
  );
}

const maxSize = 256 * 1024;

function validateSource(source: VolumeAttachmentSource, at: FieldPath): FieldError[] {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  return all(
    !inline && name === undefined && required(at, exactlyOne),
    inline && name !== undefined && fieldForbidden(at, exactlyOne),
    !inline &&
      name === '' &&
      required(at.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'),
    inline &&
      name === undefined &&
      validateVolumeSpec(inline, '', at.child('inlineVolumeSpec'), {
        isInline: true,
      }),
  );
}

const validateError = (error: VolumeError | undefined, at: FieldPath): FieldError[] =>
  all(
    // Upstream names the limit of the metadata.
    utf8Length(error?.message ?? '') > 1024 && tooLong(at.child('message'), maxSize),
    (error?.errorCode ?? 0) < 0 &&
      invalid(at.child('errorCode'), error?.errorCode, inclusiveRange(0, 2147483647)),
  );
