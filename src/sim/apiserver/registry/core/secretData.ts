import { decodeBase64 } from '../../../../base/base64.ts';

/** All values of a Secret or ConfigMap together. */
export const maxSize = 1024 * 1024;

/** Decoding has checked that it is base64; null is no bytes. */
export const bytesOf = (text: string | null): Uint8Array =>
  decodeBase64(text ?? '') ?? new Uint8Array();
