import { invalid, required, type FieldError, type FieldPath } from '../../../../api/field.ts';

// The rules of names, with their messages. Models k8s.io/apimachinery/pkg/util/validation.

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const patterns = {
  label: whole(label),
  subdomain: whole(subdomain),
  label1035: whole(label1035),
  qualified: whole(qualifiedPart),
  labelValue: whole(`(${qualifiedPart})?`),
  portName: whole('[-a-z0-9]+'),
  envVar: /^[-._a-zA-Z][-._a-zA-Z0-9]*$/,
  relaxedEnvVar: /^[ -<>-~]+$/,
  configKey: /^[-._a-zA-Z0-9]+$/,
};

/** `… (e.g. 'a',  or 'b', regex used for validation is 'r')` */
export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (!examples.length) return `${message} (regex used for validation is '${pattern}')`;
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

export const maxLength = (length: number): string => `must be no more than ${length} characters`;
export const maxBytes = (length: number): string => `must be no more than ${length} bytes`;
export const emptyError = 'must be non-empty';
export const inclusiveRange = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`;

const messages = {
  label: regexError(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    label,
    'my-name',
    '123-abc',
  ),
  subdomain: regexError(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    subdomain,
    'example.com',
  ),
  label1035: regexError(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    label1035,
    'my-name',
    'abc-123',
  ),
  qualified: regexError(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    qualifiedPart,
    'MyName',
    'my.name',
    '123-abc',
  ),
  labelValue: regexError(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    `(${qualifiedPart})?`,
    'MyValue',
    'my_value',
    '12345',
  ),
  envVar:
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
  configKey: regexError(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    '[-._a-zA-Z0-9]+',
    'key.name',
    'KEY_NAME',
    'key-name',
  ),
};

const ascii = /^[\x00-\x7f]*$/;

/** The length in UTF-8, which is what limits count. */
export function utf8Length(text: string): number {
  if (ascii.test(text)) return text.length;
  let size = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    size += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return size;
}

function check(value: string, limit: number, pattern: RegExp, message: string): string[] {
  const errors: string[] = [];
  if (utf8Length(value) > limit) errors.push(maxLength(limit));
  if (!pattern.test(value)) errors.push(message);
  return errors;
}

export const isDns1123Label = (value: string): string[] =>
  // What is a good subdomain can only have dots too many.
  check(
    value,
    63,
    patterns.label,
    patterns.subdomain.test(value) ? 'must not contain dots' : messages.label,
  );
export const isDns1123Subdomain = (value: string): string[] =>
  check(value, 253, patterns.subdomain, messages.subdomain);
export const isDns1035Label = (value: string): string[] =>
  check(value, 63, patterns.label1035, messages.label1035);

const wildcard = `\\*\\.${subdomain}`;
/** `*.example.com` */
export const isWildcardSubdomain = (value: string): string[] =>
  check(
    value,
    253,
    whole(wildcard),
    regexError(
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
      wildcard,
      '*.example.com',
    ),
  );

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** `acme.io/foo`. Models validation IsDomainPrefixedPath. */
export function validateDomainPrefixedPath(value: string, path: FieldPath): FieldError[] {
  if (value === '') return [required(path)];
  const [, host = '', rest = ''] = /^([^/]*)\/(.*)$/s.exec(value) ?? [];
  if (!host || !rest)
    return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const errors = isDns1123Subdomain(host).map((message) => invalid(path, host, message));
  if (!whole(httpPath).test(rest))
    errors.push(invalid(path, rest, regexError('Invalid path', httpPath)));
  return errors;
}

/** A domain with at least two parts, and a dot at its end if it likes. Models validation IsFullyQualifiedDomainName. */
export function validateDomainName(value: string, path: FieldPath): FieldError[] {
  if (value === '') return [required(path)];
  const name = value.replace(/\.$/, '');
  const problems = isDns1123Subdomain(name);
  if (problems.length) return [invalid(path, name, problems.join(','))];
  const labels = name.split('.');
  if (labels.length < 2)
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  const bad = labels.find((part) => isDns1123Label(part).length > 0);
  return bad === undefined ? [] : [invalid(path, bad, isDns1123Label(bad).join(','))];
}

/** A domain with at least three parts. Models validation IsFullyQualifiedName. */
export function validateFullyQualifiedName(value: string, path: FieldPath): FieldError[] {
  if (value === '') return [required(path)];
  const problems = isDns1123Subdomain(value);
  if (problems.length) return [invalid(path, value, problems.join(','))];
  return value.split('.').length < 3
    ? [invalid(path, value, 'should be a domain with at least three segments separated by dots')]
    : [];
}

export function isQualifiedName(value: string): string[] {
  const parts = value.split('/');
  const errors: string[] = [];
  let name = parts[0] ?? '';
  if (parts.length === 2) {
    const [prefix = '', rest = ''] = parts;
    name = rest;
    if (prefix === '') errors.push(`prefix part ${emptyError}`);
    else {
      if (utf8Length(prefix) > 253) errors.push(`prefix part ${maxBytes(253)}`);
      if (!patterns.subdomain.test(prefix)) errors.push(`prefix part ${messages.subdomain}`);
    }
  } else if (parts.length > 2) {
    return [
      `a valid label key ${messages.qualified} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (name === '') errors.push(`name part ${emptyError}`);
  else if (utf8Length(name) > 63) errors.push(`name part ${maxBytes(63)}`);
  if (!patterns.qualified.test(name)) errors.push(`name part ${messages.qualified}`);
  return errors;
}

export function isLabelValue(value: string): string[] {
  const errors: string[] = [];
  if (utf8Length(value) > 63) errors.push(maxBytes(63));
  if (!patterns.labelValue.test(value)) errors.push(messages.labelValue);
  return errors;
}

export const isValidPort = (port: number): string[] =>
  port >= 1 && port <= 65535 ? [] : [inclusiveRange(1, 65535)];

export function isPortName(name: string): string[] {
  const errors: string[] = [];
  if (utf8Length(name) > 15) errors.push(maxLength(15));
  if (!patterns.portName.test(name))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)');
  if (name.includes('--')) errors.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-'))
    errors.push('must not begin or end with a hyphen');
  return errors;
}

export function isEnvVarName(name: string): string[] {
  if (name === '') return [`environment variable name ${emptyError}`];
  return patterns.relaxedEnvVar.test(name) ? [] : [messages.envVar];
}

const underscored = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoredSubdomain = `${underscored}(\\.${underscored})*`;
/** Search domains of DNS may have underscores. */
export const isUnderscoredSubdomain = (value: string): string[] =>
  check(
    value,
    253,
    whole(underscoredSubdomain),
    regexError(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
      underscoredSubdomain,
      'example.com',
    ),
  );

const headerName = '[-A-Za-z0-9]+';
export const isHttpHeaderName = (value: string): string[] =>
  whole(headerName).test(value)
    ? []
    : [
        regexError(
          "a valid HTTP header must consist of alphanumeric characters or '-'",
          headerName,
          'X-Header-Name',
        ),
      ];

const percent = '[0-9]+%';
export const isPercent = (value: string): string[] =>
  whole(percent).test(value)
    ? []
    : [
        regexError(
          "a valid percent string must be a numeric string followed by an ending '%'",
          percent,
          '1%',
          '93%',
        ),
      ];

export function isConfigMapKey(key: string): string[] {
  const errors: string[] = [];
  if (utf8Length(key) > 253) errors.push(maxLength(253));
  if (!patterns.configKey.test(key)) errors.push(messages.configKey);
  if (key === '.') errors.push("must not be '.'");
  else if (key === '..') errors.push("must not be '..'");
  else if (key.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

/** A trailing dash is allowed where a suffix will be added. */
const masked = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;

/** Kinds of metadata.name rules; `prefix` says that a suffix will follow. */
export const nameRules = {
  subdomain: (name: string, prefix: boolean): string[] =>
    isDns1123Subdomain(prefix ? masked(name) : name),
  /** Of kinds whose name is declared to be long: counts bytes. */
  longName: (name: string): string[] => [
    ...(utf8Length(name) > 253 ? [maxBytes(253)] : []),
    ...(patterns.subdomain.test(name) ? [] : [messages.subdomain]),
  ],
  label: (name: string, prefix: boolean): string[] => isDns1123Label(prefix ? masked(name) : name),
  label1035: (name: string, prefix: boolean): string[] =>
    isDns1035Label(prefix ? masked(name) : name),
  /** RBAC: whatever fits into a path. */
  pathSegment: (name: string, prefix: boolean): string[] => isPathSegment(name, prefix),
};

export function isPathSegment(name: string, prefix = false): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%']
    .filter((illegal) => name.includes(illegal))
    .map((illegal) => `may not contain '${illegal}'`);
}
