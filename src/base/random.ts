/** Chance as an argument: a seeded generator. The same seed gives the same numbers. */
export interface Random {
  /** A whole number, 0 <= n < bound. */
  below(bound: number): number;
  /** A number, 0 <= x < 1. */
  float(): number;
  /** An independent generator, derived from this one's seed and `name` alone, however often this one was asked. */
  fork(name: string): Random;
}

/** Models k8s.io/apimachinery/pkg/util/rand: letters and digits that form no words. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** A suffix as metadata.generateName gets one. */
export function safeSuffix(random: Random, length = 5): string {
  let text = '';
  for (let i = 0; i < length; i++) text += SAFE.charAt(random.below(SAFE.length));
  return text;
}

/** A version 4 UUID. */
export function uuid(random: Random): string {
  let hex = '';
  for (let i = 0; i < 32; i++) hex += random.below(16).toString(16);
  const variant = '89ab'.charAt(parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
