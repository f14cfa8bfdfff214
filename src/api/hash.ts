import { encodeUtf8 } from '../base/bytes.ts';
import { goDump } from './goDump.ts';
import type { JsonValue } from './meta.ts';
import type { PodTemplateSpec } from './types/coreV1.ts';

/**
 * The pod-template-hash of a ReplicaSet and the controller-revision-hash of a DaemonSet: FNV-1a over a dump of the
 * typed template, with the count of collisions after it. The template is the stored one, with its defaults.
 * Models k8s.io/kubernetes/pkg/controller ComputeHash.
 */
export function podTemplateHash(template: PodTemplateSpec, collisionCount?: number): string {
  let hash = fnv1a(encodeUtf8(goDump('v1.PodTemplateSpec', template)));
  if (collisionCount !== undefined) hash = fnv1a([...bytesOf(collisionCount), 0, 0, 0, 0], hash);
  return safeEncode(String(hash));
}

/**
 * The hash of a ControllerRevision: FNV-1 over its data as compact JSON, and the count of collisions as text.
 * Models k8s.io/kubernetes/pkg/controller/history HashControllerRevision.
 */
export function controllerRevisionHash(data: string, collisionCount?: number): string {
  const text = data + (collisionCount === undefined ? '' : String(collisionCount));
  return safeEncode(String(fnv1(encodeUtf8(text))));
}

/** JSON as Go's encoder writes a map: no blanks, keys in order, and `<`, `>`, `&` as escapes. */
export function sortedJson(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort((a, b) => (a < b ? -1 : 1))
      .map((key) => `${goString(key)}:${sortedJson(value[key])}`);
    return `{${members.join(',')}}`;
  }
  return typeof value === 'string' ? goString(value) : JSON.stringify(value ?? null);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};
const goString = (text: string): string =>
  JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => ESCAPES[char] ?? char);

const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** Letters and digits that form no words. Models k8s.io/apimachinery/pkg/util/rand SafeEncodeString. */
export function safeEncode(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) out += SAFE.charAt(text.charCodeAt(i) % SAFE.length);
  return out;
}

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

export function fnv1a(bytes: Iterable<number>, start = OFFSET): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME) >>> 0;
  return hash;
}

function fnv1(bytes: Iterable<number>): number {
  let hash = OFFSET;
  for (const byte of bytes) hash = ((Math.imul(hash, PRIME) >>> 0) ^ byte) >>> 0;
  return hash;
}

const bytesOf = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);

const OFFSET_128 = 0x6c62272e07bb014262b821756295c58dn;
const PRIME_128 = 2n ** 88n + 0x13bn;
const MASK_128 = (1n << 128n) - 1n;

/** FNV-1a of 128 bits, as 32 hexadecimal digits. */
export function fnv128a(bytes: Iterable<number>): string {
  let hash = OFFSET_128;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * PRIME_128) & MASK_128;
  return hash.toString(16).padStart(32, '0');
}
