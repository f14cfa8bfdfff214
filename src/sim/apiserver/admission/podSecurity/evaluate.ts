import type { ObjectMeta } from '../../../../api/meta.ts';
import type { PodSpec } from '../../../../api/types/coreV1.ts';
import { baselineChecks } from './baselineChecks.ts';
import type { Check, CheckPod, Finding } from './check.ts';
import type { LevelVersion } from './policy.ts';
import { restrictedChecks } from './restrictedChecks.ts';

const byId = (a: Check, b: Check): number => (a.id < b.id ? -1 : 1);
const baseline = [...baselineChecks].sort(byId);
const restricted = [...restrictedChecks].sort(byId);

/** The newest minor in which any check changed: later versions and `latest` are judged as it. */
const newest = Math.max(
  ...[...baseline, ...restricted].flatMap((check) => check.versions.map(({ since }) => since)),
);

const cache = new Map<string, readonly CheckPod[]>();

/** What a level forbids about a pod, in the order of the checks. Models policy/registry.go EvaluatePod. */
export function evaluatePod(
  { level, version }: LevelVersion,
  metadata: ObjectMeta,
  spec: PodSpec,
): readonly Finding[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? newest : Math.min(newest, Number(version.slice(3)));
  return checksOf(level, minor).flatMap((check) => check(metadata, spec) ?? []);
}

function checksOf(level: 'baseline' | 'restricted', minor: number): readonly CheckPod[] {
  const key = `${level} ${minor}`;
  let checks = cache.get(key);
  if (!checks) {
    const at = (check: Check): Check['versions'][number] | undefined =>
      check.versions.findLast(({ since }) => since <= minor);
    const extra = level === 'restricted' ? restricted.flatMap((check) => at(check) ?? []) : [];
    const overridden = new Set(extra.map(({ overrides }) => overrides));
    const basic = baseline.filter(({ id }) => !overridden.has(id)).flatMap((it) => at(it) ?? []);
    checks = [...basic, ...extra].map(({ check }) => check);
    cache.set(key, checks);
  }
  return checks;
}

export const reasonText = (findings: readonly Finding[]): string =>
  findings.map(({ reason }) => reason).join(', ');

export const detailText = (findings: readonly Finding[]): string =>
  findings.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(', ');
