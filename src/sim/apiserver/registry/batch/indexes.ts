import { goQuote } from '../../../../api/field.ts';

// Lists of indexes of a Job: `0-2,4`. Models kubernetes/pkg/apis/batch/validation validateIndexesFormat.

interface Interval {
  readonly first: number;
  readonly last: number;
}

/** How many indexes there are, or the first thing that is wrong with the text. */
export function readIndexes(
  text: string,
  completions: number,
): { readonly total: number; readonly problem?: string } {
  let before: number | undefined;
  let total = 0;
  for (const part of text === '' ? [] : text.split(',')) {
    const interval = readInterval(part, completions);
    if (typeof interval === 'string') return { total: 0, problem: interval };
    const { first, last } = interval;
    if (before !== undefined && before >= first)
      return { total: 0, problem: notRising(before, first) };
    total += last - first + 1;
    before = last;
  }
  return { total };
}

/** Why two lists may not stand together. Models validateFailedIndexesNotOverlapCompleted. */
export function overlapOf(
  completed: string,
  failed: string,
  completions: number,
): string | undefined {
  const good = (text: string): Interval[] =>
    text
      .split(',')
      .map((part) => readInterval(part, completions))
      .filter((interval) => typeof interval !== 'string');
  if (!completed || !failed) return undefined;
  for (const one of good(completed))
    for (const other of good(failed))
      if (one.first <= other.last && other.first <= one.last)
        return `failedIndexes and completedIndexes overlap at index: ${Math.max(one.first, other.first)}`;
  return undefined;
}

const notRising = (before: number, now: number): string =>
  `non-increasing order, previous: ${before}, current: ${now}`;

function readInterval(text: string, completions: number): Interval | string {
  const parts = text.split('-');
  if (parts.length > 2)
    return `the fragment ${goQuote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  const numbers: number[] = [];
  for (const part of parts) {
    if (!/^[-+]?\d+$/.test(part))
      return `cannot convert string to integer for index: ${goQuote(part)}`;
    if (Number(part) >= completions) return `too large index: ${goQuote(part)}`;
    numbers.push(Number(part));
  }
  const [first = 0, last = first] = numbers;
  return parts.length > 1 && first >= last ? notRising(first, last) : { first, last };
}
