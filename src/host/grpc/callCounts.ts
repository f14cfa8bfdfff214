/** How many calls of a method began, and how many ended with each gRPC code. */
export interface MethodCounts {
  started: number;
  readonly handled: number[];
}

/** Calls by their paths. */
export class CallCounts {
  readonly #methods = new Map<string, MethodCounts>();

  of(path: string): MethodCounts {
    let counts = this.#methods.get(path);
    if (!counts)
      this.#methods.set(
        path,
        (counts = { started: 0, handled: new Array(17).fill(0) as number[] }),
      );
    return counts;
  }
}
