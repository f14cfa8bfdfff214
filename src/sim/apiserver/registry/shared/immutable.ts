import { goJson } from '../../../../api/field.ts';
import { unifiedDiff } from '../../../../api/unifiedDiff.ts';

/** What changed between two values in their internal form, as messages print it. Models apimachinery/pkg/util/diff Diff. */
export const diffOf = (before: unknown, now: unknown): string =>
  unifiedDiff(goJson(before, 1), goJson(now, 1));
