import { decodeBase64, encodeBase64Url } from '../../../base/base64.ts';
import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts';

/** Where a chunked list goes on: at `revision`, from the key `start` below the prefix. Models apiserver/pkg/storage/continue.go. */
export interface ContinueToken {
  /** -1: at the newest revision (the token was given when the old one was gone). */
  readonly revision: number;
  readonly start: string;
}

/** `lastKey` is the last key that was sent, relative to the prefix. */
export function encodeContinue(lastKey: string, revision: number): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start: `${lastKey}\u0000` };
  return encodeBase64Url(encodeUtf8(JSON.stringify(token)));
}

/** Undefined when the text is no token of ours; the message says why. */
export function decodeContinue(text: string): ContinueToken | { readonly problem: string } {
  const bytes = /^[A-Za-z0-9_-]*$/.test(text) ? decodeBase64(text) : undefined;
  if (!bytes) return { problem: 'continue key is not valid: encoding' };
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(bytes));
  } catch {
    return { problem: `continue key is not valid: ${jsonProblem(bytes)}` };
  }
  const { v, rv, start } = value as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== 'meta.k8s.io/v1' || typeof rv !== 'number' || typeof start !== 'string')
    return { problem: 'continue key is not valid: server does not recognize this encoded version' };
  if (start.startsWith('/') || start.split('/').includes('..'))
    return { problem: `continue key is not valid: ${start}` };
  return { revision: rv, start };
}

/** What Go's decoder says of bytes that are no JSON. */
function jsonProblem(bytes: Uint8Array): string {
  const first = bytes.find((byte) => ![9, 10, 13, 32].includes(byte));
  if (first === undefined) return 'unexpected end of JSON input';
  const char = String.fromCharCode(first);
  if (/[{["\dtfn-]/.test(char)) return 'unexpected end of JSON input';
  const isShown = first > 32 && first < 127;
  const shown = isShown ? char : `\\u${first.toString(16).padStart(4, '0')}`;
  return `invalid character '${shown}' looking for beginning of value`;
}
