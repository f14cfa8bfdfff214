import type { FieldError, FieldPath } from '../../../../api/field.ts';
import type { ObjectMeta } from '../../../../api/meta.ts';

export const validateObjectMeta = (
  _meta: ObjectMeta,
  _namespaced: boolean,
  _validateName: ((name: string, prefix: boolean) => readonly string[]) | undefined,
  _path: FieldPath,
): FieldError[] => [];

export const validateObjectMetaUpdate = (
  _meta: ObjectMeta,
  _old: ObjectMeta,
  _path: FieldPath,
): FieldError[] => [];
