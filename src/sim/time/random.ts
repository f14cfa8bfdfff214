import type { Random } from '../../base/random.ts';

/** Spreads a text over 32 bits (FNV-1a). */
function hash(text: string, start: number): number {
  let value = (0x811c9dc5 ^ start) >>> 0;
  for (let i = 0; i < text.length; i++)
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

/** sfc32: small, fast, and long enough a period for any simulation here. */
export class SeededRandom implements Random {
  readonly #seed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#a = hash('a', this.#seed);
    this.#b = hash('b', this.#seed);
    this.#c = hash('c', this.#seed);
    for (let i = 0; i < 12; i++) this.#next();
  }

  below(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  float(): number {
    return this.#next() / 4294967296;
  }

  fork(name: string): Random {
    return new SeededRandom(hash(name, this.#seed));
  }

  #next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    this.#c |= 0;
    return result >>> 0;
  }
}
