import { second, type Clock, type Micros } from '../../../base/time.ts';
import type { Node } from '../../../api/types/coreV1.ts';
import { zoneOf } from '../shared/nodes.ts';

export type ZoneState = 'initial' | 'normal' | 'partial' | 'full';

const LARGE_CLUSTER = 50;
const RATE = 0.1;
const SECONDARY_RATE = 0.01;
const UNHEALTHY = 0.55;

interface Zone {
  state: ZoneState;
  readonly tainter: TaintQueue;
}

/** The zones that nodes are in: how fast their nodes are given up depends on how many fail. Models handleDisruption. */
export class Zones {
  readonly #clock: Clock;
  readonly #zones = new Map<string, Zone>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes the node's zone known. */
  add(node: Node): void {
    const key = zoneOf(node);
    if (!this.#zones.has(key))
      this.#zones.set(key, { state: 'initial', tainter: new TaintQueue(this.#clock, RATE) });
  }

  tainterOf(node: Node): TaintQueue | undefined {
    return this.#zones.get(zoneOf(node))?.tainter;
  }

  get tainters(): TaintQueue[] {
    return [...this.#zones.values()].map(({ tainter }) => tainter);
  }

  /**
   * Takes in which nodes are ready. The answer says what changed for all: when everything failed at once, nobody is
   * evicted, for then the fault is more likely here.
   */
  update(ready: ReadonlyMap<string, readonly boolean[]>): 'nothing' | 'allFailed' | 'recovered' {
    const next = new Map<string, ZoneState>();
    for (const [key, nodes] of ready) next.set(key, stateOf(nodes));
    const allFail = [...next.values()].every((state) => state === 'full');
    let allFailed = true;
    for (const [key, zone] of this.#zones) {
      if (!ready.has(key)) this.#zones.delete(key);
      else if (zone.state !== 'full') {
        allFailed = false;
        break;
      }
    }
    if (allFail && allFailed) return 'nothing';
    if (allFail) {
      for (const zone of this.#zones.values()) {
        zone.tainter.setRate(0);
        zone.state = 'full';
      }
      return 'allFailed';
    }
    for (const [key, zone] of this.#zones) {
      const state = next.get(key);
      if (!state || (state === zone.state && !allFailed)) continue;
      zone.tainter.setRate(rateOf(state, ready.get(key)?.length ?? 0));
      zone.state = state;
    }
    return allFailed ? 'recovered' : 'nothing';
  }
}

/** Models ComputeZoneState. */
function stateOf(ready: readonly boolean[]): ZoneState {
  const failed = ready.filter((isReady) => !isReady).length;
  if (failed > 0 && failed === ready.length) return 'full';
  return failed > 2 && failed / ready.length >= UNHEALTHY ? 'partial' : 'normal';
}

function rateOf(state: ZoneState, size: number): number {
  if (state !== 'partial') return RATE;
  return size > LARGE_CLUSTER ? SECONDARY_RATE : 0;
}

/** Nodes that are to get a NoExecute taint, at a limited rate. Models scheduler.RateLimitedTimedQueue. */
export class TaintQueue {
  readonly #clock: Clock;
  /** Also those that were dealt with, until they are removed. */
  readonly #known = new Set<string>();
  readonly #waiting = new Set<string>();
  #rate: number;
  #tokens = 1;
  #last: Micros;

  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
    this.#last = clock.now();
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  setRate(rate: number): void {
    this.#refill();
    this.#rate = rate;
  }

  add(node: string): boolean {
    if (this.#known.has(node)) return false;
    this.#known.add(node);
    this.#waiting.add(node);
    return true;
  }

  remove(node: string): boolean {
    this.#waiting.delete(node);
    return this.#known.delete(node);
  }

  /** The next node that may be tainted now; undefined when there is none, or it is too early. */
  next(): string | undefined {
    const [node] = this.#waiting;
    if (node === undefined) return undefined;
    this.#refill();
    if (this.#tokens < 1) return undefined;
    this.#tokens -= 1;
    return node;
  }

  done(node: string): void {
    this.#waiting.delete(node);
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(1, this.#tokens + ((now - this.#last) / second) * this.#rate);
    this.#last = now;
  }
}
