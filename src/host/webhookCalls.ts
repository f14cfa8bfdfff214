import https from 'node:https';
import net from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  NoAnswer,
  refusedBy,
  type WebhookAnswer,
  type WebhookCall,
  type WebhookCaller,
} from '../sim/apiserver/admission/webhooks/caller.ts';

/** An answer that is longer is none: those of webhooks are short. */
const maxAnswerBytes = 16 * 1024 * 1024;

/** The calls of a cluster; whoever runs ahead in virtual time waits for those that are under way. */
export class WebhookCalls {
  readonly #pending = new Set<Promise<unknown>>();

  readonly call: WebhookCaller = async (call) => {
    const answer = callWebhook(call);
    this.#pending.add(answer);
    try {
      return await answer;
    } finally {
      this.#pending.delete(answer);
    }
  };

  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }
}

/**
 * Calls admission webhooks that listen on this machine. Nothing runs behind the addresses of simulated Services and Pods;
 * other machines are not called, for the words of a manifest must not send its objects anywhere.
 */
const callWebhook: WebhookCaller = async (call) => {
  const { host } = call.address;
  if (!isLocal(host)) {
    if (net.isIP(host)) throw refusedBy(call.address);
    throw new NoAnswer(
      `dial tcp: lookup ${host}: the simulated cluster calls webhooks on this machine only (127.0.0.1, ::1, localhost)`,
    );
  }
  return post(call);
};

const isLocal = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'));

function post(call: WebhookCall): Promise<WebhookAnswer> {
  const { url, address, serverName, ca, body, timeoutSeconds } = call;
  const { pathname, search, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: address.host,
        port: address.port,
        path: pathname + search,
        method: 'POST',
        agent: false,
        ...(ca !== undefined && { ca }),
        ...(!net.isIP(serverName) && { servername: serverName }),
        checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
        headers: {
          host,
          accept: 'application/json, */*',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'kube-apiserver-admission',
        },
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > maxAnswerBytes) response.destroy(new Error('the answer is too long'));
        });
        response.on('error', (error) => reject(new NoAnswer(error.message, { cause: error })));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) =>
      reject(new NoAnswer(wordsOf(error, call), { cause: error })),
    );
    request.end(body);
  });
}

const unknownAuthority = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);

/** As Go's net/http and crypto/tls say it. */
function wordsOf(
  error: NodeJS.ErrnoException & { cert?: PeerCertificate },
  call: WebhookCall,
): string {
  const { code = '', name, message } = error;
  const notTrusted = 'tls: failed to verify certificate: x509:';
  if (name === 'TimeoutError' || name === 'AbortError') return 'context deadline exceeded';
  if (code === 'ECONNREFUSED') return refusedBy(call.address).message;
  if (code === 'ECONNRESET') return 'EOF';
  if (unknownAuthority.has(code)) return `${notTrusted} certificate signed by unknown authority`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `${notTrusted} certificate has expired or is not yet valid`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${notTrusted} ${mismatch(error.cert, call)}`;
  if (code === 'EPROTO' || message.includes('wrong version number'))
    return 'http: server gave HTTP response to HTTPS client';
  return message;
}

function mismatch(certificate: PeerCertificate | undefined, { serverName }: WebhookCall): string {
  const names = (certificate?.subjectaltname ?? '').split(', ').filter(Boolean);
  const of = (kind: string): string[] =>
    names.flatMap((name) => (name.startsWith(kind) ? [name.slice(kind.length)] : []));
  const valid = net.isIP(serverName) ? of('IP Address:') : of('DNS:');
  if (!names.length) return 'certificate relies on legacy Common Name field, use SANs instead';
  if (net.isIP(serverName))
    return valid.length
      ? `certificate is valid for ${valid.join(', ')}, not ${serverName}`
      : `cannot validate certificate for ${serverName} because it doesn't contain any IP SANs`;
  return valid.length
    ? `certificate is valid for ${valid.join(', ')}, not ${serverName}`
    : `certificate is not valid for any names, but wanted to match ${serverName}`;
}
