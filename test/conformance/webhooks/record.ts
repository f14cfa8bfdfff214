/**
 * Asks a real API server (`kube-apiserver --advertise-address 127.0.0.1`) what webhooks do to requests, and writes its answers:
 *
 *     node test/conformance/webhooks/record.ts KUBECONFIG > test/conformance/data/webhooks.json
 */
import https from 'node:https';
import fs from 'node:fs';
import { parse } from 'yaml';
import type { JsonObject } from '../../../src/api/meta.ts';
import { Authority } from '../../../src/host/tls.ts';
import {
  answerTo,
  configurationsOf,
  hookPort,
  leftovers,
  recordOf,
  standing,
  webhookCases,
  type WebhookAnswerRecord,
} from './cases.ts';

interface Kubeconfig {
  readonly clusters: readonly [
    { cluster: { server: string; 'certificate-authority-data': string } },
  ];
  readonly users: readonly [
    { user: { 'client-certificate-data': string; 'client-key-data': string } },
  ];
}

const [, , file = ''] = process.argv;
const config = parse(fs.readFileSync(file, 'utf8')) as Kubeconfig;
const { cluster } = config.clusters[0];
const { user } = config.users[0];
const decode = (text: string): Buffer => Buffer.from(text, 'base64');
const agent = new https.Agent({
  ca: decode(cluster['certificate-authority-data']),
  cert: decode(user['client-certificate-data']),
  key: decode(user['client-key-data']),
  keepAlive: true,
});

function ask(method: string, url: string, body?: JsonObject): Promise<WebhookAnswerRecord> {
  const text = body && JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = https.request(
      `${cluster.server}${url}`,
      {
        method,
        agent,
        headers: {
          'content-type': 'application/json',
          ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }),
        },
      },
      (response) => {
        let answer = '';
        response.on('data', (chunk: Buffer) => (answer += chunk.toString()));
        response.on('end', () => {
          const warnings = (response.headers['warning'] ?? '')
            .split(/, (?=\d{3} )/)
            .filter(Boolean)
            .map((it) => JSON.parse(it.slice(it.indexOf('"'))) as string);
          resolve(recordOf(response.statusCode ?? 0, warnings, JSON.parse(answer) as JsonObject));
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

const authority = await Authority.create();
const pair = await authority.server();
const server = https.createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const answer = answerTo(path, body);
    response.writeHead(answer.status, { 'content-type': answer.contentType });
    response.end(answer.body);
  });
});
server.listen(hookPort, '127.0.0.1');
const caBundle = Buffer.from(authority.cert).toString('base64');
const configurations = '/apis/admissionregistration.k8s.io/v1';

/** Until the server has heard of its configurations: it watches them, as all do. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 1000));

const answers: Record<string, WebhookAnswerRecord> = {};
for (const it of webhookCases) {
  for (const { url, object } of standing) await ask('POST', url, object);
  const made = configurationsOf(it, caBundle);
  for (const { resource, object } of made)
    await ask('POST', `${configurations}/${resource}`, object);
  await settle();
  answers[it.name] = await ask(it.method, it.url, it.body);
  for (const { resource } of made) await ask('DELETE', `${configurations}/${resource}/hooks`);
  await settle();
  for (const url of leftovers) await ask('DELETE', url);
}
console.log(JSON.stringify(answers, undefined, 1));
server.close();
agent.destroy();
