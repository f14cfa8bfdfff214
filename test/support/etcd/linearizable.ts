/** One call of a client. `end` undefined: nobody knows whether it was done, or when. Times only have to be in order. */
export interface Call<Input, Output> {
  readonly client: string;
  readonly input: Input;
  readonly output: Output | undefined;
  readonly start: number;
  readonly end: number | undefined;
}

export interface Model<State, Input, Output> {
  readonly initial: State;
  /**
   * The states after the call; none when it cannot have answered so. `output` undefined: it was done, whatever it answered;
   * a call without an end may also have no place in the order at all.
   */
  step(state: State, input: Input, output: Output | undefined): readonly State[];
  /** Equal for equal states. */
  nameOf(state: State): string;
}

interface Link {
  /** Of the call, in the list of calls. */
  readonly index: number;
  /** The link of its end; undefined in links of ends. */
  end: Link | undefined;
  previous: Link | undefined;
  next: Link | undefined;
}

/** What the search came to, with the longest order that was found when it did not come to the end of the calls. */
export interface Verdict<Input, Output> {
  readonly holds: 'yes' | 'no' | 'undecided';
  readonly longest: readonly Call<Input, Output>[];
  /** How many calls were tried in some place. */
  readonly tried: number;
}

/** A history that is right takes two thousand or so; one that is wrong can take forever. */
const mostTries = 300_000;

/**
 * Whether there is an order of the calls, each between its start and its end, in which one after another they would have
 * answered as they did: Wing and Gong's search with the memory of Lowe, as porcupine does it. Gives up after `limit` tries.
 */
export function checkLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  calls: readonly Call<Input, Output>[],
  limit = mostTries,
): Verdict<Input, Output> {
  const head = linksOf(calls);
  const done = new Set<number>();
  const seen = new Set<string>();
  const trail: { readonly link: Link; readonly before: readonly State[] }[] = [];
  let states: readonly State[] = [model.initial];
  let longest: readonly Link[] = [];
  const bits = new Bits(calls.length);
  let at = head.next;
  const mustEnd = calls.filter(({ end }) => end !== undefined).length;
  let ended = 0;
  let tried = 0;
  const failed = (holds: 'no' | 'undecided'): Verdict<Input, Output> => ({
    holds,
    longest: longest.map(({ index }) => calls[index] as Call<Input, Output>),
    tried,
  });
  while (ended < mustEnd) {
    if (at?.end) {
      if (++tried > limit) return failed('undecided');
      const call = calls[at.index] as Call<Input, Output>;
      const after = distinct(
        model,
        states.flatMap((state) => model.step(state, call.input, call.output)),
      );
      if (after.length) {
        bits.flip(at.index);
        const name = `${bits.name()} ${after.map((state) => model.nameOf(state)).join('|')}`;
        if (!seen.has(name)) {
          seen.add(name);
          trail.push({ link: at, before: states });
          states = after;
          done.add(at.index);
          if (call.end !== undefined) ended++;
          lift(at);
          if (trail.length > longest.length) longest = trail.map(({ link }) => link);
          at = head.next;
          continue;
        }
        bits.flip(at.index);
      }
      at = at.next;
      continue;
    }
    // The end of a call that is not done: the order so far cannot be the one.
    const last = trail.pop();
    if (!last) return failed('no');
    states = last.before;
    done.delete(last.link.index);
    bits.flip(last.link.index);
    if (calls[last.link.index]?.end !== undefined) ended--;
    lower(last.link);
    at = last.link.next;
  }
  return { holds: 'yes', longest: [], tried };
}

/** Starts and ends in the order of time; calls without an end have it after all others. */
function linksOf<Input, Output>(calls: readonly Call<Input, Output>[]): Link {
  const points = calls.flatMap(({ start, end }, index) => [
    { time: start, isEnd: false, index },
    { time: end ?? Number.POSITIVE_INFINITY, isEnd: true, index },
  ]);
  // What ends in the moment in which another starts may have been at the same time.
  points.sort((a, b) => a.time - b.time || Number(a.isEnd) - Number(b.isEnd));
  const head: Link = { index: -1, end: undefined, previous: undefined, next: undefined };
  const starts = new Map<number, Link>();
  let last = head;
  for (const { isEnd, index } of points) {
    const link: Link = { index, end: undefined, previous: last, next: undefined };
    last.next = link;
    last = link;
    const start = starts.get(index);
    if (isEnd && start) start.end = link;
    else starts.set(index, link);
  }
  return head;
}

function lift(link: Link): void {
  for (const it of [link, link.end as Link]) {
    if (it.previous) it.previous.next = it.next;
    if (it.next) it.next.previous = it.previous;
  }
}

function lower(link: Link): void {
  for (const it of [link.end as Link, link]) {
    if (it.previous) it.previous.next = it;
    if (it.next) it.next.previous = it;
  }
}

function distinct<State, Input, Output>(
  model: Model<State, Input, Output>,
  states: readonly State[],
): readonly State[] {
  if (states.length < 2) return states;
  return [...new Map(states.map((state) => [model.nameOf(state), state])).values()];
}

class Bits {
  readonly #words: Uint32Array;

  constructor(length: number) {
    this.#words = new Uint32Array(Math.ceil(length / 32));
  }

  flip(index: number): void {
    const word = index >>> 5;
    this.#words[word] = ((this.#words[word] ?? 0) ^ (1 << (index & 31))) >>> 0;
  }

  name(): string {
    return this.#words.join(',');
  }
}
