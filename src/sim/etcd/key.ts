import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { Key } from './kv.ts';

/** The end of a range that has none: from its key to the last one. */
export const noEnd: Key = '\0';

export function keyOfBytes(bytes: Uint8Array): Key {
  let key = '';
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}

export function bytesOfKey(key: Key): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** Text (which is stored as UTF-8) to a key. */
export const keyOfText = (text: string): Key =>
  isAscii(text) ? text : keyOfBytes(encodeUtf8(text));

/** A key as text; bytes that are no UTF-8 come out as U+FFFD. */
export const textOfKey = (key: Key): string => (isAscii(key) ? key : decodeUtf8(bytesOfKey(key)));

/**
 * The end of the range of all keys that begin with `prefix`: `/a/` → `/a0`. Models clientv3.GetPrefixRangeEnd.
 * A prefix of 0xff bytes (and the empty one) has no end.
 */
export function prefixEnd(prefix: Key): Key {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const code = prefix.charCodeAt(i);
    if (code < 0xff) return prefix.slice(0, i) + String.fromCharCode(code + 1);
  }
  return noEnd;
}
