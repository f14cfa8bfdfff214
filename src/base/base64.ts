const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Standard base64 with padding. */
export const encodeBase64 = (bytes: Uint8Array): string => encode(bytes, `${ALPHABET}+/`, true);

/** The URL-safe alphabet without padding, as continue tokens and JWTs use it. */
export const encodeBase64Url = (bytes: Uint8Array): string => encode(bytes, `${ALPHABET}-_`, false);

/** Either alphabet, with or without padding; undefined when the text is neither. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const plain = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((plain.length * 3) / 4));
  const digits = `${ALPHABET}+/`;
  let at = 0;
  for (let i = 0; i < plain.length; i += 4) {
    let word = 0;
    for (let j = 0; j < 4; j++)
      word = (word << 6) | (i + j < plain.length ? digits.indexOf(plain.charAt(i + j)) : 0);
    for (const shift of [16, 8, 0]) if (at < bytes.length) bytes[at++] = (word >> shift) & 255;
  }
  return bytes;
}

function encode(bytes: Uint8Array, digits: string, padded: boolean): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const count = Math.min(3, bytes.length - i) + 1;
    for (let j = 0; j < count; j++) text += digits.charAt((word >> (18 - 6 * j)) & 63);
    if (padded) text += '='.repeat(4 - count);
  }
  return text;
}
