/** One call of a webhook, as the API server makes it. */
export interface WebhookCall {
  /** As the API server names it in errors: `https://hook.default.svc:443/check?timeout=10s`. */
  readonly url: string;
  /** Where the connection goes: `10.96.0.12:443`. */
  readonly address: { readonly host: string; readonly port: number };
  /** The name that the certificate must have. */
  readonly serverName: string;
  /** PEM; undefined: those that this machine trusts. */
  readonly ca: string | undefined;
  /** JSON. */
  readonly body: string;
  readonly timeoutSeconds: number;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** No answer came; the message says why, in the words of Go's net/http: `dial tcp 10.96.0.12:443: connect: connection refused`. */
export class NoAnswer extends Error {}

/**
 * Calls webhooks: the one thing for which the API server goes out into the real network. Rejects with NoAnswer. The
 * simulation waits for it outside of virtual time.
 */
export type WebhookCaller = (call: WebhookCall) => Promise<WebhookAnswer>;

export const refusedBy = ({ host, port }: WebhookCall['address']): NoAnswer =>
  new NoAnswer(
    `dial tcp ${host.includes(':') ? `[${host}]` : host}:${port}: connect: connection refused`,
  );

/** No program runs in simulated containers. */
export const nobodyListens: WebhookCaller = ({ address }) => Promise.reject(refusedBy(address));
