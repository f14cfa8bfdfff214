import { encodeUtf8 } from '../../../base/bytes.ts';
import type { JsonObject } from '../../../api/meta.ts';
import { failure, type StatusError } from '../../../api/status.ts';
import type { Exchange } from '../exchange.ts';

/** What a body may hold at most, in bytes. */
export const maxBodyBytes = 3 * 1024 * 1024;

const MEDIA_TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
] as const;

/** Reads the body and checks its size and media type. Models handlers limitedReadBody and negotiation. */
export function readBody(
  exchange: Exchange,
  accepted: readonly string[] = MEDIA_TYPES,
): Promise<{ readonly body: Uint8Array | JsonObject; readonly contentType: string }> {
  return exchange.stage('body', (note) => {
    const body = exchange.request.body ?? new Uint8Array(0);
    const contentType = mediaType(exchange.header('content-type'));
    if (!accepted.includes(contentType)) throw unsupportedMediaType(accepted);
    if (body instanceof Uint8Array) {
      if (body.length > maxBodyBytes) throw tooLarge();
      note.summary = `${body.length} bytes of ${contentType}.`;
    } else note.summary = `An object from a client in the same process, as ${contentType}.`;
    return { body, contentType };
  });
}

/** The media type without parameters; JSON when none is given. */
export const mediaType = (header: string | undefined): string =>
  (header ?? '').split(';')[0]?.trim().toLowerCase() || 'application/json';

export const bytesOf = (body: Uint8Array | JsonObject): Uint8Array =>
  body instanceof Uint8Array ? body : encodeUtf8(JSON.stringify(body));

const tooLarge = (): StatusError =>
  failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`, {});

/** Models negotiation.NewUnsupportedMediaTypeError. */
export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

/** Models negotiation.NewNotAcceptableError. */
export const notAcceptable = (accepted: readonly string[]): StatusError =>
  failure(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${accepted.join(', ')}`,
  );
