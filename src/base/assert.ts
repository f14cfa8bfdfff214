/** Thrown when our own code is wrong. It is never caught to go on: it stops the component and reaches the log. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops when `condition` does not hold. `message` says what was believed. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The value, which the caller knows to be there. */
export function defined<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new AssertionError(message);
  return value;
}

/** For the `default` of a switch over a closed union: a new member is a compile error here. */
export function unreachable(value: never, message = 'unexpected value'): never {
  throw new AssertionError(`${message}: ${JSON.stringify(value)}`);
}
