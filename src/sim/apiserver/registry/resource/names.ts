import {
  invalid,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { all, allInvalid, type Found } from '../shared/checks.ts';
import { isDns1123Label, isDns1123Subdomain, regexError, utf8Length } from '../shared/names.ts';
import { validateDriverName } from '../storage/csi.ts';

// The names of devices and what they have. Models kubernetes/pkg/apis/resource/validation.

const maxIdLength = 32;
const poolNameLimit = 253;
const cIdentifier = '[A-Za-z_][A-Za-z0-9_]*';
const isCIdentifier = (value: string): string[] =>
  new RegExp(`^${cIdentifier}$`).test(value)
    ? []
    : [
        regexError(
          "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
          cIdentifier,
          'my_name',
          'MY_NAME',
          'MyName',
        ),
      ];

export const validateLabelLike = (name: string | null | undefined, at: FieldPath): FieldError[] =>
  allInvalid(at, name ?? '', isDns1123Label(name ?? ''));

export const validateClassName = (name: string | null | undefined, at: FieldPath): FieldError[] =>
  name ? allInvalid(at, name, isDns1123Subdomain(name)) : [required(at)];

export function validatePoolName(name: string, at: FieldPath): FieldError[] {
  if (!name) return [required(at)];
  return all(
    utf8Length(name) > poolNameLimit && tooLong(at, poolNameLimit),
    name.split('/').map((part) => allInvalid(at, part, isDns1123Subdomain(part))),
  );
}

function validateId(id: string, at: FieldPath): Found {
  return [
    utf8Length(id) > maxIdLength && tooLong(at, maxIdLength),
    allInvalid(at, id, isCIdentifier(id)),
  ];
}

/** `memory` or `gpu.example.com/memory`. */
export function validateQualifiedName(name: string, at: FieldPath): FieldError[] {
  const parts = name.split('/');
  const [domain = '', id = ''] = parts;
  if (parts.length === 1) return all(validateId(domain, at));
  if (parts.length !== 2) return [];
  return all(
    domain ? validateDriverName(domain, at) : invalid(at, '', 'the domain must not be empty'),
    id ? validateId(id, at) : invalid(at, '', 'the name must not be empty'),
  );
}

export const validateFullName = (name: string, at: FieldPath): FieldError[] =>
  all(
    validateQualifiedName(name, at),
    !name.includes('/') &&
      invalid(at, name, 'a fully qualified name must be a domain and a name separated by a slash'),
  );

/** Models validateUID. */
export function validateUid(uid: string, at: FieldPath): FieldError[] {
  const plain = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  const isOtherForm =
    plain.test(uid.replace(/^urn:uuid:/i, '').replace(/^\{(.*)\}$/, '$1')) ||
    /^[0-9a-f]{32}$/i.test(uid);
  if (plain.test(uid) && uid === uid.toLowerCase()) return [];
  const problem = [32, 36, 38, 45].includes(uid.length)
    ? 'invalid UUID format'
    : `invalid UUID length: ${uid.length}`;
  return [
    invalid(
      at,
      uid,
      isOtherForm
        ? 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
        : `error validating uid: ${problem}`,
    ),
  ];
}
