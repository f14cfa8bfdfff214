interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Numbers of finished indexes, written as `0-2,5`. Models orderedIntervals. */
export class Indexes {
  static readonly none = new Indexes([]);
  readonly #intervals: readonly Interval[];

  private constructor(intervals: readonly Interval[]) {
    this.#intervals = intervals;
  }

  /** What is written, without those that are not below `completions`. */
  static parse(text: string | undefined, completions: number): Indexes {
    const found: number[] = [];
    for (const part of (text ?? '').split(',')) {
      const match = /^(\d+)(?:-(\d+))?$/.exec(part);
      if (!match) continue;
      const first = Number(match[1]);
      const last = Math.min(Number(match[2] ?? match[1]), completions - 1);
      for (let index = first; index <= last; index++) found.push(index);
    }
    return Indexes.none.with(found);
  }

  with(indexes: Iterable<number>): Indexes {
    const all = [...new Set([...this, ...indexes])].sort((a, b) => a - b);
    const intervals: Interval[] = [];
    for (const index of all) {
      const before = intervals.at(-1);
      if (before?.last === index - 1)
        intervals[intervals.length - 1] = { first: before.first, last: index };
      else intervals.push({ first: index, last: index });
    }
    return new Indexes(intervals);
  }

  get total(): number {
    return this.#intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  has(index: number): boolean {
    return this.#intervals.some(({ first, last }) => first <= index && index <= last);
  }

  *[Symbol.iterator](): Generator<number> {
    for (const { first, last } of this.#intervals)
      for (let index = first; index <= last; index++) yield index;
  }

  /** Two in a row are written as two, more as a range. */
  toString(): string {
    return this.#intervals
      .map(({ first, last }) =>
        first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`,
      )
      .join(',');
  }
}
