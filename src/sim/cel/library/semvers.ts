import { method, overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import { CelError, OpaqueValue, type CelValue } from '../values.ts';
import { perCharacter } from './standard.ts';

// Semantic versions. Models apiserver/pkg/cel/library/semverlib.go with blang/semver.

const type = t.struct('kubernetes.Semver');

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly pre: readonly string[];
}

class SemverValue extends OpaqueValue {
  readonly type = type;
  readonly version: Version;

  constructor(version: Version) {
    super();
    this.version = version;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof SemverValue && compareVersions(this.version, other.version) === 0;
  }
}

function parse(text: string): SemverValue | CelError {
  if (text === '') return new CelError('Version string empty');
  const match = /^([^.]*)\.([^.]*)\.([^-+]*)(?:-([^+]*))?(?:\+(.*))?$/.exec(text);
  if (!match) return new CelError('No Major.Minor.Patch elements found');
  const numbers: bigint[] = [];
  for (const [at, name] of ['major', 'minor', 'patch'].entries()) {
    const digits = match[at + 1] ?? '';
    if (!/^\d+$/.test(digits))
      return new CelError(`Invalid character(s) found in ${name} number "${digits}"`);
    if (digits.length > 1 && digits.startsWith('0'))
      return new CelError(
        `${name[0]?.toUpperCase() ?? ''}${name.slice(1)} number must not contain leading zeroes "${digits}"`,
      );
    numbers.push(BigInt(digits));
  }
  const pre = match[4] === undefined ? [] : match[4].split('.');
  for (const part of pre) {
    if (part === '') return new CelError('Prerelease is empty');
    if (!/^[0-9A-Za-z-]+$/.test(part))
      return new CelError(`Invalid character(s) found in prerelease "${part}"`);
    if (/^0\d+$/.test(part))
      return new CelError(`Numeric PreRelease version must not contain leading zeroes "${part}"`);
  }
  for (const part of match[5]?.split('.') ?? []) {
    if (part === '') return new CelError('Build meta data is empty');
    if (!/^[0-9A-Za-z-]+$/.test(part))
      return new CelError(`Invalid character(s) found in build meta data "${part}"`);
  }
  const [major = 0n, minor = 0n, patch = 0n] = numbers;
  return new SemverValue({ numbers: [major, minor, patch], pre });
}

/** `v1.02` as `1.2.0`. */
function parseNormalized(text: string): SemverValue | CelError {
  const parts = text.replace(/^v/, '').split('.');
  const three = [...parts.slice(0, 2), ...(parts.length > 2 ? [parts.slice(2).join('.')] : [])];
  const trimmed = three.map((part) => {
    if (part.length <= 1) return part;
    const rest = part.replace(/^0+/, '');
    return /^\d/.test(rest) ? rest : `0${rest}`;
  });
  if (trimmed.length < 3 && /[+-]/.test(trimmed.at(-1) ?? ''))
    return new CelError('short version cannot contain PreRelease/Build meta data');
  while (trimmed.length < 3) trimmed.push('0');
  return parse(trimmed.join('.'));
}

function compareVersions(a: Version, b: Version): number {
  for (const [at, number] of a.numbers.entries()) {
    const other = b.numbers[at] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (!a.pre.length || !b.pre.length) return Math.sign(b.pre.length - a.pre.length);
  for (const [at, part] of a.pre.entries()) {
    const other = b.pre[at];
    if (other === undefined) return 1;
    const order = comparePre(part, other);
    if (order) return order;
  }
  return Math.sign(a.pre.length - b.pre.length);
}

function comparePre(a: string, b: string): number {
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (x && y) return Math.sign(Number(BigInt(a) - BigInt(b)));
  if (x !== y) return x ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const read = (text: CelValue | undefined, normalize?: CelValue): SemverValue | CelError =>
  normalize === true ? parseNormalized(text as string) : parse(text as string);
const ofText = ([text = null]: readonly CelValue[]): number => perCharacter(text);
const order = (a: CelValue | undefined, b: CelValue | undefined): number =>
  compareVersions((a as SemverValue).version, (b as SemverValue).version);
const part = (at: 0 | 1 | 2) => (value?: CelValue) => (value as SemverValue).version.numbers[at];

export const semvers: Readonly<Record<string, readonly Overload[]>> = {
  semver: [
    overload('string_to_semver', [t.string], type, (text) => read(text), ofText),
    overload('string_bool_to_semver', [t.string, t.bool], type, read, ofText),
  ],
  isSemver: [
    overload('is_semver_string', [t.string], t.bool, (text) => read(text) instanceof SemverValue, ofText),
    overload('is_semver_string_bool', [t.string, t.bool], t.bool, (text, normalize) => read(text, normalize) instanceof SemverValue, ofText),
  ],
  isGreaterThan: [method('semver_is_greater_than', [type, type], t.bool, (a, b) => order(a, b) > 0)],
  isLessThan: [method('semver_is_less_than', [type, type], t.bool, (a, b) => order(a, b) < 0)],
  compareTo: [method('semver_compare_to', [type, type], t.int, (a, b) => BigInt(order(a, b)))],
  major: [method('semver_major', [type], t.int, part(0))],
  minor: [method('semver_minor', [type], t.int, part(1))],
  patch: [method('semver_patch', [type], t.int, part(2))],
}; // prettier-ignore
