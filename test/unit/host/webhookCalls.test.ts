import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { Authority } from '../../../src/host/tls.ts';
import { WebhookCalls } from '../../../src/host/webhookCalls.ts';
import {
  NoAnswer,
  type WebhookCall,
} from '../../../src/sim/apiserver/admission/webhooks/caller.ts';

describe('calls of webhooks', () => {
  const { call } = new WebhookCalls();
  const servers: Server[] = [];
  let authority: Authority;
  let base: WebhookCall;

  const listen = async (server: http.Server | https.Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const refusal = async (
    changed: Partial<WebhookCall>,
    message: string | RegExp,
  ): Promise<void> => {
    await assert.rejects(call({ ...base, ...changed }), (error: unknown) => {
      assert.ok(error instanceof NoAnswer, String(error));
      if (typeof message === 'string') assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    });
  };

  before(async () => {
    authority = await Authority.create();
    const { cert, key } = await authority.server();
    const port = await listen(
      https.createServer({ cert, key }, (request, response) => {
        if (request.url?.startsWith('/silent')) return;
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          const { url, headers } = request;
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(
            JSON.stringify({ url, host: headers.host, type: headers['content-type'], body }),
          );
        });
      }),
    );
    base = {
      url: `https://127.0.0.1:${port}/check?timeout=10s`,
      address: { host: '127.0.0.1', port },
      serverName: '127.0.0.1',
      ca: authority.cert,
      body: '{}',
      timeoutSeconds: 10,
    };
  });
  after(() => {
    for (const server of servers) server.close();
  });

  it('posts the review over TLS', async () => {
    const answer = await call(base);
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.body), {
      url: '/check?timeout=10s',
      host: `127.0.0.1:${base.address.port}`,
      type: 'application/json',
      body: '{}',
    });
  });

  it('tells a server that it does not trust', async () => {
    const other = await Authority.create();
    await refusal(
      { ca: other.cert },
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
    await refusal(
      { ca: undefined },
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
  });

  it('tells a certificate of another name', () =>
    refusal(
      { serverName: 'hook.default.svc' },
      'tls: failed to verify certificate: x509: certificate is valid for localhost, kubernetes, kubernetes.default, kubernetes.default.svc, kubernetes.default.svc.cluster.local, not hook.default.svc',
    ));

  it('tells a server without TLS', async () => {
    const port = await listen(http.createServer((_, response) => response.end('hello')));
    await refusal(
      { address: { host: '127.0.0.1', port } },
      'http: server gave HTTP response to HTTPS client',
    );
  });

  it('waits no longer than it is told', () =>
    refusal(
      { url: base.url.replace('check', 'silent'), timeoutSeconds: 0.05 },
      'context deadline exceeded',
    ));

  it('finds nobody at a port', async () => {
    const server = http.createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await refusal(
      { address: { host: '127.0.0.1', port } },
      `dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
  });

  it('goes to no other machine', async () => {
    await refusal(
      { address: { host: '10.96.0.12', port: 443 } },
      'dial tcp 10.96.0.12:443: connect: connection refused',
    );
    await refusal({ address: { host: 'hooks.example.com', port: 443 } }, /on this machine only/);
    await refusal(
      { address: { host: '127.0.0.1.example.com', port: 443 } },
      /on this machine only/,
    );
  });
});
