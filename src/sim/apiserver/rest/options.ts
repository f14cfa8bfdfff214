import {
  FieldPath,
  fieldForbidden,
  invalid,
  invalidObject,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../../../api/field.ts';
import type { JsonObject } from '../../../api/meta.ts';
import { badRequest } from '../../../api/status.ts';
import type { Exchange } from '../exchange.ts';
import type { Query } from '../query.ts';
import { utf8Length } from '../registry/shared/names.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** Create-, Update- and PatchOptions: what a write carries in its query. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean | undefined;
  /** As sent, for policies and webhooks. */
  readonly sent: JsonObject;
}

export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

/** Reads and checks the options. Models apimachinery/pkg/apis/meta/v1/validation. */
export function writeOptions(exchange: Exchange, kind: OptionsKind, isApply = false): WriteOptions {
  const { query } = exchange;
  const force = booleanParameter(query, 'force');
  const fieldManager = query.get('fieldManager') ?? '';
  const dryRun = query.all('dryRun');
  const fieldValidation = query.get('fieldValidation') ?? '';
  const errors: FieldError[] = [];
  if (kind === 'PatchOptions') {
    if (isApply && !fieldManager)
      errors.push(required(FieldPath.of('fieldManager'), 'is required for apply patch'));
    if (!isApply && force !== undefined)
      errors.push(
        fieldForbidden(FieldPath.of('force'), 'may not be specified for non-apply patch'),
      );
  }
  errors.push(...fieldManagerErrors(fieldManager), ...dryRunErrors(dryRun));
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation))
    errors.push(
      notSupported(FieldPath.of('fieldValidation'), fieldValidation, [
        '',
        'Ignore',
        'Strict',
        'Warn',
      ]),
    );
  if (errors.length) throw invalidObject({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager,
    fieldValidation: (fieldValidation || 'Warn') as FieldValidation,
    force: kind === 'PatchOptions' ? force : undefined,
    sent: {
      kind,
      apiVersion: 'meta.k8s.io/v1',
      ...(dryRun.length && { dryRun: [...dryRun] }),
      ...(fieldManager && { fieldManager }),
      ...(fieldValidation && { fieldValidation }),
      ...(force !== undefined && { force }),
    },
  };
}

/** All that real programs call themselves. */
const plainManager = /^[\w.:/ -]{0,128}$/;

function fieldManagerErrors(manager: string): FieldError[] {
  if (plainManager.test(manager)) return [];
  const path = FieldPath.of('fieldManager');
  const errors: FieldError[] = [];
  if (utf8Length(manager) > 128) errors.push(tooLong(path, 128));
  let at = 0;
  for (const char of manager) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalid(path, manager, `invalid character U+${code} (at position ${at})`));
    }
    at += utf8Length(char);
  }
  return errors;
}

export function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All')
    ? []
    : [notSupported(FieldPath.of('dryRun'), [...values], ['All'])];
}

/** Models runtime.Convert_Slice_string_To_bool: present means true, unless it says false or 0. */
export function booleanParameter(query: Query, name: string): boolean | undefined {
  const value = query.get(name);
  if (value === undefined) return undefined;
  return value.toLowerCase() !== 'false' && value !== '0';
}

/** A whole number in the query, as Go's strconv reads it. */
export function integerParameter(query: Query, name: string): number | undefined {
  const value = query.get(name);
  if (value === undefined || value === '') return undefined;
  if (!/^[+-]?\d+$/.test(value))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  return Number(value);
}
