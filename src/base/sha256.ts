import { encodeUtf8 } from './bytes.ts';

/** The SHA-256 digest of a text, at once: the platform's own takes a turn of the event loop. Models FIPS 180-4. */
export function sha256(text: string): Uint8Array {
  const { initial, rounds } = constants();
  const hash = new Uint32Array(initial);
  const blocks = padded(encodeUtf8(text));
  const words = new Uint32Array(64);
  for (let start = 0; start < blocks.byteLength; start += 64) {
    for (let i = 0; i < 16; i++) words[i] = blocks.getUint32(start + 4 * i);
    for (let i = 16; i < 64; i++) {
      const [a, b] = [at(words, i - 15), at(words, i - 2)];
      const low = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
      const high = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
      words[i] = at(words, i - 16) + low + at(words, i - 7) + high;
    }
    mix(hash, words, rounds);
  }
  const digest = new DataView(new ArrayBuffer(32));
  hash.forEach((word, i) => {
    digest.setUint32(4 * i, word);
  });
  return new Uint8Array(digest.buffer);
}

const at = (words: Uint32Array, index: number): number => words[index] ?? 0;
const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

function mix(hash: Uint32Array, words: Uint32Array, rounds: Uint32Array): void {
  const state = new Uint32Array(hash);
  for (let i = 0; i < 64; i++) {
    const [a, b, c] = [at(state, 0), at(state, 1), at(state, 2)];
    const [e, f, g] = [at(state, 4), at(state, 5), at(state, 6)];
    const first = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const one = at(state, 7) + first + ((e & f) ^ (~e & g)) + at(rounds, i) + at(words, i);
    const second = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const two = second + ((a & b) ^ (a & c) ^ (b & c));
    state.copyWithin(1, 0, 7);
    state[4] = at(state, 4) + one;
    state[0] = one + two;
  }
  state.forEach((word, i) => {
    hash[i] = at(hash, i) + word;
  });
}

function padded(bytes: Uint8Array): DataView {
  const view = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64));
  const all = new Uint8Array(view.buffer);
  all.set(bytes);
  all[bytes.length] = 0x80;
  view.setUint32(view.byteLength - 4, bytes.length * 8);
  return view;
}

interface Constants {
  readonly initial: Uint32Array;
  readonly rounds: Uint32Array;
}
let known: Constants | undefined;

/** The first bits of the fractions of the square and cube roots of the first primes. */
function constants(): Constants {
  if (known) return known;
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  const fraction = (root: number): number => Math.floor((root % 1) * 2 ** 32);
  known = {
    initial: Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
    rounds: Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
  };
  return known;
}
