import { goQuote } from '../../../../api/field.ts';
import { decodeBase64 } from '../../../../base/base64.ts';
import { decodeUtf8 } from '../../../../base/bytes.ts';

// Signing requests and certificates as far as their outer form goes: signatures are not verified.

interface Block {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Uint8Array;
}

const pattern = /-----BEGIN ([^\n]*?)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----/g;

/** Models encoding/pem Decode, again and again. */
function blocksOf(base64: string): Block[] {
  const text = decodeUtf8(decodeBase64(base64) ?? new Uint8Array());
  return [...text.matchAll(pattern)].flatMap(([, type = '', body = '']) => {
    const hasHeaders = body.includes(':');
    const content = hasHeaders ? body.slice(body.search(/\r?\n\r?\n/) + 1) : body;
    const bytes = decodeBase64(content.replace(/\s+/g, ''));
    return bytes ? [{ type, hasHeaders, bytes }] : [];
  });
}

/** Models kubernetes/pkg/apis/certificates ParseCSR. */
export function requestProblem(base64: string | null): string | undefined {
  const [block] = blocksOf(base64 ?? '');
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST';
  return sequenceProblem(block.bytes);
}

/** Models certificates/validation validateCertificate. */
export function certificateProblem(base64: string | undefined): string | undefined {
  if (!base64) return undefined;
  const blocks = blocksOf(base64);
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE')
      return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    if (!bytes.length) return 'found CERTIFICATE PEM block containing 0 certificates';
    if (sequenceProblem(bytes)) return 'x509: malformed certificate';
  }
  return blocks.length ? undefined : 'must contain at least one CERTIFICATE PEM block';
}

/** The outermost structure of both is one sequence that fills the block. Models encoding/asn1 Unmarshal. */
function sequenceProblem(bytes: Uint8Array): string | undefined {
  const [tag, first = 0] = bytes;
  if (tag === undefined) return 'asn1: syntax error: sequence truncated';
  if (tag !== 0x30) return "asn1: structure error: tags don't match";
  const lengthBytes = first & 0x80 ? first & 0x7f : 0;
  if (bytes.length < 2 + lengthBytes) return 'asn1: syntax error: truncated tag or length';
  const length = lengthBytes
    ? bytes.slice(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0)
    : first;
  const end = 2 + lengthBytes + length;
  if (end > bytes.length) return 'asn1: syntax error: data truncated';
  return end < bytes.length ? 'asn1: syntax error: trailing data' : undefined;
}
