import {
  goQuote,
  invalid,
  required,
  tooLong,
  type FieldError,
  type FieldPath,
} from '../../../../api/field.ts';
import { all } from './checks.ts';
import { isDns1123Label, isDns1123Subdomain, isQualifiedName, utf8Length } from './names.ts';

// Names of certificate signers. Models kubernetes/pkg/apis/core/validation names.go.

export const isKubernetesSigner = (name: string): boolean =>
  /^(?:.*\.)?kubernetes\.io$/.test(name.split('/', 1)[0] ?? '');

/** `example.com/signer-name` */
export function validateSignerName(name: string, path: FieldPath): FieldError[] {
  if (!name) return [required(path)];
  const [domain = '', rest = '', ...more] = name.split('/');
  if (more.length || !name.includes('/'))
    return [
      invalid(
        path,
        name,
        "must be a fully qualified domain and path of the form 'example.com/signer-name'",
      ),
    ];
  const labels = domain.split('.');
  return all(
    utf8Length(domain) > 253 && tooLong(path, 253),
    firstBad(labels, isDns1123Label, domain, path),
    labels.length < 2 &&
      invalid(path, domain, 'should be a domain with at least two segments separated by dots'),
    firstBad(rest.split('.'), isDns1123Subdomain, rest, path),
    utf8Length(name) > 571 && tooLong(path, 571),
  );
}

function firstBad(
  labels: readonly string[],
  rule: (label: string) => readonly string[],
  value: string,
  path: FieldPath,
): FieldError[] {
  const bad = labels.find((label) => rule(label).length);
  if (bad === undefined) return [];
  return rule(bad).map((problem) =>
    invalid(path, value, `validating label ${goQuote(bad)}: ${problem}`),
  );
}

/** Models validation.IsDomainPrefixedKey, as messages. */
export function isDomainPrefixedKey(key: string): readonly string[] {
  const problems = isQualifiedName(key);
  if (problems.length || key.includes('/')) return problems;
  return ['must be a domain-prefixed key (such as "acme.io/foo")'];
}
