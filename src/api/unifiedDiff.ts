/**
 * The lines in which two texts differ, with three lines around them and no file names, as messages about changes that are
 * not allowed print them. Models github.com/pmezard/go-difflib UnifiedDiff, which is Python's difflib.
 *
 *     unifiedDiff('a\nb', 'a\nc')   →   '@@ -1,2 +1,2 @@\n a\n-b\n+c\n'
 */
export function unifiedDiff(before: string, after: string): string {
  const a = linesOf(before);
  const b = linesOf(after);
  let out = '';
  for (const group of groupsOf(opcodesOf(a, b))) {
    const first = group[0];
    const last = group.at(-1);
    if (!first || !last) continue;
    out += `@@ -${rangeText(first.a1, last.a2)} +${rangeText(first.b1, last.b2)} @@\n`;
    for (const { tag, a1, a2, b1, b2 } of group) {
      if (tag === 'equal') for (const line of a.slice(a1, a2)) out += ` ${line}`;
      else {
        for (const line of a.slice(a1, a2)) out += `-${line}`;
        for (const line of b.slice(b1, b2)) out += `+${line}`;
      }
    }
  }
  return out;
}

const context = 3;
/** From this many lines on, lines that occur too often don't anchor a match. */
const manyLines = 200;

const linesOf = (text: string): string[] => text.split('\n').map((line) => `${line}\n`);

/** `start,length`, the start one-based; the length left out when it is 1. */
function rangeText(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

interface Opcode {
  readonly tag: 'equal' | 'change';
  readonly a1: number;
  readonly a2: number;
  readonly b1: number;
  readonly b2: number;
}

/** Where each line of `b` stands, without those that are too popular. */
function indexOf(b: readonly string[]): Map<string, number[]> {
  const index = new Map<string, number[]>();
  b.forEach((line, at) => index.set(line, [...(index.get(line) ?? []), at]));
  if (b.length >= manyLines) {
    const limit = Math.floor(b.length / 100) + 1;
    for (const [line, places] of index) if (places.length > limit) index.delete(line);
  }
  return index;
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  index: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): Match {
  let best = { a: aLow, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of index.get(a[i] ?? '') ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  while (best.a > aLow && best.b > bLow && a[best.a - 1] === b[best.b - 1])
    best = { a: best.a - 1, b: best.b - 1, size: best.size + 1 };
  while (
    best.a + best.size < aHigh &&
    best.b + best.size < bHigh &&
    a[best.a + best.size] === b[best.b + best.size]
  )
    best = { ...best, size: best.size + 1 };
  return best;
}

function opcodesOf(a: readonly string[], b: readonly string[]): Opcode[] {
  const index = indexOf(b);
  const matches: Match[] = [];
  const find = (aLow: number, aHigh: number, bLow: number, bHigh: number): void => {
    const match = longestMatch(a, b, index, [aLow, aHigh, bLow, bHigh]);
    if (!match.size) return;
    if (aLow < match.a && bLow < match.b) find(aLow, match.a, bLow, match.b);
    matches.push(match);
    if (match.a + match.size < aHigh && match.b + match.size < bHigh)
      find(match.a + match.size, aHigh, match.b + match.size, bHigh);
  };
  find(0, a.length, 0, b.length);
  const opcodes: Opcode[] = [];
  let at = { a: 0, b: 0 };
  for (const match of [...matches, { a: a.length, b: b.length, size: 0 }]) {
    if (at.a < match.a || at.b < match.b)
      opcodes.push({ tag: 'change', a1: at.a, a2: match.a, b1: at.b, b2: match.b });
    at = { a: match.a + match.size, b: match.b + match.size };
    const before = opcodes.at(-1);
    if (!match.size) continue;
    if (before?.tag === 'equal') opcodes[opcodes.length - 1] = { ...before, a2: at.a, b2: at.b };
    else opcodes.push({ tag: 'equal', a1: match.a, a2: at.a, b1: match.b, b2: at.b });
  }
  return opcodes;
}

/** Changes that are near each other, each group with the lines around it. */
function groupsOf(opcodes: readonly Opcode[]): Opcode[][] {
  const codes = [...opcodes];
  const first = codes[0];
  if (first?.tag === 'equal')
    codes[0] = {
      ...first,
      a1: Math.max(first.a1, first.a2 - context),
      b1: Math.max(first.b1, first.b2 - context),
    };
  const last = codes.at(-1);
  if (last?.tag === 'equal')
    codes[codes.length - 1] = {
      ...last,
      a2: Math.min(last.a2, last.a1 + context),
      b2: Math.min(last.b2, last.b1 + context),
    };
  const groups: Opcode[][] = [];
  let group: Opcode[] = [];
  for (const code of codes) {
    if (code.tag === 'equal' && code.a2 - code.a1 > 2 * context) {
      group.push({ ...code, a2: code.a1 + context, b2: code.b1 + context });
      groups.push(group);
      group = [{ ...code, a1: code.a2 - context, b1: code.b2 - context }];
    } else group.push(code);
  }
  if (group.length && !(group.length === 1 && group[0]?.tag === 'equal')) groups.push(group);
  return groups;
}
