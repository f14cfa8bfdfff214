import { isDns1123Label } from './names.ts';

/** A name that becomes part of others had better be a DNS label. */
export function nameWarnings(
  name: string | undefined,
  where = 'Pod names and hostnames',
): string[] {
  const problems = isDns1123Label(name ?? '');
  return problems.length
    ? [
        `metadata.name: this is used in ${where}, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
      ]
    : [];
}
