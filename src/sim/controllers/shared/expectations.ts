import { minute, type Clock, type Micros } from '../../../base/time.ts';

const TIMEOUT: Micros = 5 * minute;

interface Expected {
  creations: number;
  /** Which pods are to go, or for controllers that don't track them, how many. */
  readonly deletions: Set<string>;
  deletionCount: number;
  readonly since: Micros;
}

/**
 * What a controller has asked for and not seen in its informers yet. Until it has, it must not act again on what it
 * sees. Models controller.UIDTrackingControllerExpectations.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether everything asked for was seen, or that took too long. */
  satisfied(owner: string): boolean {
    const expected = this.#expected.get(owner);
    if (!expected) return true;
    const isFulfilled =
      expected.creations <= 0 && expected.deletions.size === 0 && expected.deletionCount <= 0;
    return isFulfilled || this.#clock.now() - expected.since > TIMEOUT;
  }

  expectCreations(owner: string, count: number): void {
    this.#expected.set(owner, {
      creations: count,
      deletions: new Set(),
      deletionCount: 0,
      since: this.#clock.now(),
    });
  }

  expectDeletions(owner: string, pods: readonly string[]): void {
    this.#expected.set(owner, {
      creations: 0,
      deletions: new Set(pods),
      deletionCount: 0,
      since: this.#clock.now(),
    });
  }

  /** Counted only. Models controller.ControllerExpectations. */
  expect(owner: string, creations: number, deletions: number): void {
    this.#expected.set(owner, {
      creations,
      deletions: new Set(),
      deletionCount: deletions,
      since: this.#clock.now(),
    });
  }

  /** Some pod went, whichever. */
  someDeletionObserved(owner: string): void {
    const expected = this.#expected.get(owner);
    if (expected) expected.deletionCount--;
  }

  creationObserved(owner: string): void {
    const expected = this.#expected.get(owner);
    if (expected) expected.creations--;
  }

  deletionObserved(owner: string, pod: string): void {
    this.#expected.get(owner)?.deletions.delete(pod);
  }

  forget(owner: string): void {
    this.#expected.delete(owner);
  }
}
