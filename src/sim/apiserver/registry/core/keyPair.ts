import { decodeBase64 } from '../../../../base/base64.ts';

const block = /-----BEGIN ([^\n-]*)-----\r?\n([\s\S]*?)-----END \1-----/g;

interface PemBlock {
  readonly type: string;
  readonly bytes: Uint8Array;
}

function blocksOf(text: string): PemBlock[] {
  return [...text.matchAll(block)].flatMap(([, type = '', body = '']) => {
    const bytes = decodeBase64(body.replace(/^[^\n]*:[^\n]*\n/gm, '').replace(/\s/g, ''));
    return bytes ? [{ type, bytes }] : [];
  });
}

/**
 * Why a certificate and a key make no pair, as far as their PEM and the outermost DER tell. Models crypto/tls X509KeyPair,
 * but for what lies within certificate and key.
 */
export function keyPairProblem(certificate: string, key: string): string | undefined {
  const certificates = blocksOf(certificate);
  const types = (list: readonly PemBlock[]): string =>
    `[${list.map(({ type }) => type).join(' ')}]`;
  const leaf = certificates.find(({ type }) => type === 'CERTIFICATE');
  if (!leaf) {
    if (!certificates.length) return 'tls: failed to find any PEM data in certificate input';
    if (certificates.length === 1 && certificates[0]?.type.endsWith('PRIVATE KEY'))
      return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
    return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${types(certificates)}`;
  }
  const keys = blocksOf(key);
  const found = keys.find(({ type }) => type.endsWith('PRIVATE KEY'));
  if (!found) {
    if (!keys.length) return 'tls: failed to find any PEM data in key input';
    if (keys.length === 1 && keys[0]?.type === 'CERTIFICATE')
      return 'tls: found a certificate rather than a key in the PEM for the private key';
    return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${types(keys)}`;
  }
  if (!isSequence(leaf.bytes)) return 'x509: malformed certificate';
  return isSequence(found.bytes) ? undefined : 'tls: failed to parse private key';
}

/** Whether the bytes are one DER sequence. */
function isSequence(bytes: Uint8Array): boolean {
  const [tag, first = 0] = bytes;
  if (tag !== 0x30) return false;
  if (first < 0x80) return bytes.length === first + 2;
  const count = first & 0x7f;
  const length = bytes.slice(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return bytes.length === 2 + count + length;
}
