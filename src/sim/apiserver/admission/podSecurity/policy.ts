import { FieldPath, invalid, type FieldError } from '../../../../api/field.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

/** A level as it stood in a version: a minor of v1, or the latest. */
export interface LevelVersion {
  readonly level: Level;
  /** `latest` or `v1.24`. */
  readonly version: string;
}

/** What a namespace's labels ask for. */
export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

export const LABEL_PREFIX = 'pod-security.kubernetes.io/';
const LEVELS: readonly string[] = ['privileged', 'baseline', 'restricted'];

export const allowAll: Policy = {
  enforce: { level: 'privileged', version: 'latest' },
  audit: { level: 'privileged', version: 'latest' },
  warn: { level: 'privileged', version: 'latest' },
};

/** The policy in a namespace's labels, with what is wrong about them. Models pod-security-admission/api PolicyToEvaluate. */
export function policyOf(
  labels: Readonly<Record<string, string>>,
  defaults: Policy = allowAll,
): { readonly policy: Policy; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const level = (mode: string, otherwise: Level, onError: Level): Level => {
    const value = labels[LABEL_PREFIX + mode];
    if (value === undefined) return otherwise;
    if (LEVELS.includes(value)) return value as Level;
    errors.push(problem(mode, value, `must be one of ${LEVELS.join(', ')}`));
    return onError;
  };
  const version = (mode: string, otherwise: string): string => {
    const value = labels[`${LABEL_PREFIX}${mode}-version`];
    if (value === undefined) return otherwise;
    if (value === 'latest' || /^v1\.([0-9]|[1-9][0-9]*)$/.test(value)) return value;
    errors.push(problem(`${mode}-version`, value, 'must be "latest" or "v1.x"'));
    return 'latest';
  };
  const enforce: LevelVersion = {
    level: level('enforce', defaults.enforce.level, 'restricted'),
    version: version('enforce', defaults.enforce.version),
  };
  const isEnforceValid = LEVELS.includes(labels[`${LABEL_PREFIX}enforce`] ?? '');
  // A level that fails to parse is not audited or warned of, but enforced at its strictest.
  const audit: LevelVersion = {
    level: level('audit', defaults.audit.level, 'privileged'),
    version: version('audit', defaults.audit.version),
  };
  let warn: LevelVersion = {
    level: level('warn', defaults.warn.level, 'privileged'),
    version: version('warn', defaults.warn.version),
  };
  // Who enforces and says nothing of warnings is warned of the same: workloads are not enforced.
  const warns = labels[`${LABEL_PREFIX}warn`] !== undefined;
  if (!warns && isEnforceValid && compareLevels(enforce.level, warn.level) > 0)
    warn = {
      level: enforce.level,
      version: labels[`${LABEL_PREFIX}warn-version`] === undefined ? enforce.version : warn.version,
    };
  return { policy: { enforce, audit, warn }, errors };
}

const problem = (label: string, value: string, message: string): FieldError =>
  invalid(FieldPath.of('metadata', 'labels').key(LABEL_PREFIX + label), value, message);

export const compareLevels = (a: Level, b: Level): number => LEVELS.indexOf(a) - LEVELS.indexOf(b);

export const levelText = ({ level, version }: LevelVersion): string => `${level}:${version}`;

export const isFullyPrivileged = ({ enforce, audit, warn }: Policy): boolean =>
  [enforce, audit, warn].every(({ level }) => level === 'privileged');

export const isSameLevel = (a: LevelVersion, b: LevelVersion): boolean =>
  a.level === b.level && a.version === b.version;
