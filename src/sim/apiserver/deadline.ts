import { millisecond, second, minute, hour, type Micros } from '../../base/time.ts';
import { StatusError } from '../../api/status.ts';
import type { ApiResponse } from '../../api/wire.ts';
import type { Exchange } from './exchange.ts';
import { respondFailure, respondText } from './rest/respond.ts';

/** --request-timeout, and what the handlers of writes take at most. */
const requestTimeout: Micros = minute;
const writeTimeout: Micros = 34 * second;

const streams = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/**
 * Answers 504 when the answer takes longer than a request may; what was begun goes on, and nobody hears of it. For servers
 * whose store may be slow. Models apiserver/pkg/server/filters timeout.go and request_deadline.go, and
 * endpoints/handlers/finisher FinishRequest.
 */
export function inTime(exchange: Exchange, work: Promise<ApiResponse>): Promise<ApiResponse> {
  if (exchange.info.verb === 'watch' || streams.has(exchange.info.subresource)) return work;
  const { clock } = exchange.server;
  const asked = durationOf(exchange.query.get('timeout')) ?? requestTimeout;
  const isWrite = exchange.request.method !== 'GET' && exchange.request.method !== 'HEAD';
  const limit = Math.min(asked, requestTimeout, isWrite ? writeTimeout : requestTimeout);
  return new Promise((resolve) => {
    let isLate = false;
    const timer = clock.setTimer(limit, () => {
      isLate = true;
      exchange.over = deadlineExceeded();
      resolve(
        limit === writeTimeout
          ? respondFailure(exchange, deadlineExceeded())
          : allottedTimeIsOver(exchange),
      );
    });
    const done = (): void => {
      timer.dispose();
      if (!isLate) resolve(work);
      // Nobody waits for it any more: what it fails with is a bug that must be heard of.
      else void work.then();
    };
    work.then(done, done);
  });
}

/** What a write says that did not come through in its time. */
export const deadlineExceeded = (): StatusError =>
  timeout('request did not complete within requested timeout - context deadline exceeded');

/**
 * The filter around all handlers knows no codecs: it writes a Status without a kind, which clients take for no Status. Where a
 * handler sees the end of a read as soon as the filter does, a real one resets the stream instead, about as often.
 */
function allottedTimeIsOver(exchange: Exchange): ApiResponse {
  const { metadata, status, message, reason, details, code } = timeout(
    'request did not complete within the allotted timeout',
  ).status;
  const body = { metadata, status, message, reason, details, code };
  exchange.failed = body as unknown as NonNullable<Exchange['failed']>;
  return respondText(exchange, code, `${JSON.stringify(body)}\n`);
}

const timeout = (message: string): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Timeout: ${message}`,
    reason: 'Timeout',
    details: {},
    code: 504,
  });

const units: Readonly<Record<string, Micros>> = {
  h: hour,
  m: minute,
  s: second,
  ms: millisecond,
};

/** As Go writes durations; undefined when it is none above 0. */
function durationOf(text: string | undefined): Micros | undefined {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:ms|[hms]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[hms])/g))
    sum += Number(number) * (units[unit] ?? 0);
  return sum || undefined;
}
