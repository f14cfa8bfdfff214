import { goQuote } from '../../../../api/field.ts';
import type { WebhookAnswer } from './caller.ts';

/** What client-go makes of an HTTP status beside 200, where it does not look into the body. */
const words: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

const maxTextLength = 2048;

/**
 * Why an HTTP answer is none; undefined when it is one. Models client-go rest/request.go transformResponse and
 * apimachinery NewGenericServerResponse.
 */
export function failureOf({ status, contentType, body }: WebhookAnswer): string | undefined {
  if (status >= 200 && status <= 206) {
    if (body) return undefined;
    return `0-length response with status code: ${status} and content type: ${contentType}`;
  }
  const stated = statusMessageIn(body);
  if (stated !== undefined) return stated;
  const said = isText(contentType, body) ? body.slice(0, maxTextLength).trim() : 'unknown';
  if (status === 403 || status === 415) return said;
  if (status === 406)
    return said && said !== 'unknown'
      ? said
      : 'the server was unable to respond with a content type that the client supports';
  return (
    words[status] ??
    (status >= 500
      ? `an error on the server (${goQuote(said)}) has prevented the request from succeeding`
      : `the server responded with the status code ${status} but did not return more information`)
  );
}

/** A Status in the body says it better. */
function statusMessageIn(body: string): string | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const { kind, message } = JSON.parse(body) as { kind?: unknown; message?: unknown };
    return kind === 'Status' && typeof message === 'string' ? message : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isText = (contentType: string, body: string): boolean =>
  contentType ? contentType.startsWith('text/') : !body.includes('\0');
