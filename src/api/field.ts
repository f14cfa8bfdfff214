import { failure, type StatusError, type StatusCause } from './status.ts';
import type { GroupVersionKind } from './meta.ts';

/**
 * The place of a field, as validation messages print it: `spec.containers[0].image`, `metadata.labels[app/x]`.
 * Models k8s.io/apimachinery/pkg/util/validation/field Path. The root prints as `<nil>` in Go; it is '' here.
 */
export class FieldPath {
  static readonly root = new FieldPath(undefined, '', '');
  readonly #parent: FieldPath | undefined;
  readonly #name: string;
  readonly #kind: '' | '.' | '[';

  private constructor(parent: FieldPath | undefined, name: string, kind: '' | '.' | '[') {
    this.#parent = parent;
    this.#name = name;
    this.#kind = kind;
  }

  static of(...names: string[]): FieldPath {
    return names.reduce((path, name) => path.child(name), FieldPath.root);
  }

  /** Paths are made for fields that turn out to be right, too: texts are built by toString only. */
  child(name: string, ...more: string[]): FieldPath {
    let path = new FieldPath(this, name, this.#parent === undefined ? '' : '.');
    for (const next of more) path = new FieldPath(path, next, '.');
    return path;
  }

  index(index: number): FieldPath {
    return new FieldPath(this, String(index), '[');
  }

  key(key: string): FieldPath {
    return new FieldPath(this, key, '[');
  }

  toString(): string {
    const head = this.#parent?.toString() ?? '';
    return this.#kind === '[' ? `${head}[${this.#name}]` : head + this.#kind + this.#name;
  }
}

/** Models field.ErrorType: the value is the cause's reason, the label below is the text. */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'FieldValueTooShort'
  | 'FieldValueNotFound'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

const LABELS: Record<FieldErrorType, string> = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  FieldValueTooShort: 'Too short',
  FieldValueNotFound: 'Not found',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

/** One broken rule. `value` is the offending JSON value; absent where the text prints none. */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly value?: unknown;
  readonly detail: string;
  /** No error where the cluster's policy allows this. */
  readonly unlessAllowed?: 'privileged';
}

const NO_VALUE = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'FieldValueTooShort',
  'InternalError',
]);

/** The value of an error whose text prints none although its type does. Models field.OmitValueType. */
export const omitted: unique symbol = Symbol('omitted');

/** How Go prints a value in a message: strings quoted, null as `null`, objects as JSON. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return goQuote(value);
  return goJson(value);
}

/** JSON as Go's encoder writes it: with what means something to HTML escaped. */
export const goJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );

/** What Go's %q does not write as it is. */

const quoted = /["\\\x00-\x1f\x7f]/g;

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x07': '\\a',
  '\b': '\\b',
  '\v': '\\v',
  '\f': '\\f',
};

/** Go's %q. */
export const goQuote = (text: string): string =>
  `"${text.replace(quoted, (char) => escapes[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

/** `Invalid value: "x": must be …` : the error without its field, which is also the cause's message. */
export function errorBody(error: FieldError): string {
  const label = LABELS[error.type];
  const head =
    NO_VALUE.has(error.type) || error.value === omitted
      ? label
      : `${label}: ${formatValue(error.value)}`;
  return error.detail ? `${head}: ${error.detail}` : head;
}

const at = (path: FieldPath): string => path.toString();

export const required = (path: FieldPath, detail = ''): FieldError => ({
  type: 'FieldValueRequired',
  field: at(path),
  detail,
});
export const invalid = (path: FieldPath, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field: at(path),
  value,
  detail,
});
export const fieldForbidden = (path: FieldPath, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field: at(path),
  detail,
});
export const duplicate = (path: FieldPath, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field: at(path),
  value,
  detail: '',
});
export const fieldNotFound = (path: FieldPath, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field: at(path),
  value,
  detail: '',
});

/** The valid values are printed in the order given: most rules give them sorted, some don't. */
export function notSupported(
  path: FieldPath,
  value: unknown,
  valid: readonly string[],
): FieldError {
  const detail = valid.length ? `supported values: ${valid.map(goQuote).join(', ')}` : '';
  return { type: 'FieldValueNotSupported', field: at(path), value, detail };
}

export const tooLong = (path: FieldPath, limit: number): FieldError => ({
  type: 'FieldValueTooLong',
  field: at(path),
  detail:
    limit >= 0
      ? `may not be more than ${limit} ${limit === 1 ? 'byte' : 'bytes'}`
      : 'value is too long',
});

export const tooMany = (path: FieldPath, actual: number, limit: number): FieldError => ({
  type: 'FieldValueTooMany',
  field: at(path),
  value: actual,
  detail:
    limit >= 0
      ? `must have at most ${limit} ${limit === 1 ? 'item' : 'items'}`
      : 'has too many items',
});

/** 422: `Deployment.apps "web" is invalid: [a: …, b: …]`. Models errors.NewInvalid. */
export function invalidObject(
  gvk: Pick<GroupVersionKind, 'group' | 'kind'>,
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${errorBody(error)}`))];
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const kind = gvk.group ? `${gvk.kind}.${gvk.group}` : gvk.kind;
  const causes: StatusCause[] = errors.map((error) => ({
    reason: error.type,
    message: errorBody(error),
    field: error.field,
  }));
  return failure(
    422,
    'Invalid',
    `${kind} "${name}" is invalid${errors.length ? `: ${list}` : ''}`,
    {
      name,
      group: gvk.group,
      kind: gvk.kind,
      ...(causes.length && { causes }),
    },
  );
}
