import { invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import { all, type Found } from '../shared/checks.ts';

// Paths within volumes and containers. Models core/validation validateLocalDescendingPath and its kin.

export const noBacksteps = (text: string, path: FieldPath): Found =>
  text.split('/').includes('..') && invalid(path, text, "must not contain '..'");

/** Relative, and never up. */
export const localPath = (text: string, path: FieldPath): FieldError[] =>
  all(
    text.startsWith('/') && invalid(path, text, 'must be a relative path'),
    noBacksteps(text, path),
  );

/** The same where names that begin with two dots are the kubelet's own. */
export const localNonReservedPath = (text: string, path: FieldPath): FieldError[] =>
  all(
    localPath(text, path),
    /^\.\.(?!\/)/.test(text) && invalid(path, text, "must not start with '..'"),
  );

export const fileMode = (mode: number | null | undefined, path: FieldPath): Found =>
  ((mode ?? 0) < 0 || (mode ?? 0) > 0o777) &&
  invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive');
