import type { DiffLine } from '../protocol/timeline.ts';

/**
 * The lines that differ between two texts, with `context` equal lines around them; `…` stands for what is left out.
 * Models E. W. Myers, "An O(ND) Difference Algorithm": the shortest edit script.
 */
export function diffLines(before: string, after: string, context = 2): DiffLine[] {
  const a = before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const b = after === '' ? [] : after.replace(/\n$/, '').split('\n');
  return withContext(script(a, b), context);
}

function script(a: readonly string[], b: readonly string[]): DiffLine[] {
  const trace = furthest(a, b);
  const lines: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let depth = trace.length - 1; depth >= 0; depth--) {
    const reached = trace[depth];
    if (!reached) break;
    const k = x - y;
    const down =
      k === -depth || (k !== depth && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = depth === 0 ? 0 : (reached.get(fromK) ?? 0);
    const fromY = depth === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      lines.push({ sign: ' ', text: a[x - 1] ?? '' });
      x--;
      y--;
    }
    if (depth === 0) break;
    if (down) lines.push({ sign: '+', text: b[y - 1] ?? '' });
    else lines.push({ sign: '-', text: a[x - 1] ?? '' });
    x = fromX;
    y = fromY;
  }
  return lines.reverse();
}

/** For each number of edits, how far along `a` each diagonal got before it. */
function furthest(a: readonly string[], b: readonly string[]): Map<number, number>[] {
  const reached = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let depth = 0; depth <= a.length + b.length; depth++) {
    trace.push(new Map(reached));
    for (let k = -depth; k <= depth; k += 2) {
      const down =
        k === -depth || (k !== depth && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1));
      let x = down ? (reached.get(k + 1) ?? 0) : (reached.get(k - 1) ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      reached.set(k, x);
      if (x >= a.length && y >= b.length) return trace;
    }
  }
  return trace;
}

function withContext(lines: readonly DiffLine[], context: number): DiffLine[] {
  const near = new Set<number>();
  lines.forEach((line, index) => {
    if (line.sign === ' ') return;
    for (let at = index - context; at <= index + context; at++) near.add(at);
  });
  const shown: DiffLine[] = [];
  lines.forEach((line, index) => {
    if (near.has(index)) shown.push(line);
    else if (near.has(index - 1)) shown.push({ sign: ' ', text: '…' });
  });
  if (shown.at(-1)?.text === '…') shown.pop();
  return shown;
}
