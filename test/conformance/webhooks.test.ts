import assert from 'node:assert/strict';
import answers from './data/webhooks.json' with { type: 'json' };
import {
  refusedBy,
  type WebhookCaller,
} from '../../src/sim/apiserver/admission/webhooks/caller.ts';
import { TestApi, type Answer } from '../support/testApi.ts';
import {
  answerTo,
  configurationsOf,
  hookPort,
  recordOf,
  standing,
  webhookCases,
  type WebhookAnswerRecord,
} from './webhooks/cases.ts';

const caller: WebhookCaller = ({ url, address, body }) =>
  address.port === hookPort
    ? Promise.resolve(answerTo(new URL(url).pathname, body))
    : Promise.reject(refusedBy(address));

/** Names that differ from run to run. */
const known = (record: WebhookAnswerRecord): unknown =>
  JSON.parse(
    JSON.stringify(record).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID'),
  );

const warningsOf = ({ headers }: Answer): string[] =>
  [headers['warning'] ?? []].flat().map((it) => JSON.parse(it.slice(it.indexOf('"'))) as string);

describe('admission webhooks', () => {
  const recorded = answers as Record<string, WebhookAnswerRecord>;
  for (const it_ of webhookCases)
    it(it_.name, async () => {
      const api = await TestApi.boot({ callWebhook: caller });
      for (const { url, object } of standing) await api.send('POST', url, object);
      for (const { resource, object } of configurationsOf(it_, 'LS0tLS0K')) {
        const made = await api.send(
          'POST',
          `/apis/admissionregistration.k8s.io/v1/${resource}`,
          object,
        );
        assert.equal(made.code, 201, made.message);
      }
      const answer = await api.send(it_.method, it_.url, it_.body);
      const expected = recorded[it_.name];
      assert.ok(expected, 'a recorded answer');
      assert.deepEqual(
        known(recordOf(answer.code, warningsOf(answer), answer.body)),
        known(expected),
      );
    });
});
