import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../../src/api/meta.ts';
import { configMap, TestApi, user } from '../../../../support/testApi.ts';

describe('audit', () => {
  it('has bodies for writes and none for reads', async () => {
    const api = await TestApi.boot();
    const events: JsonObject[] = [];
    api.server.onDidAudit((event) => events.push(event));
    await api.send('POST', '/api/v1/namespaces/default/configmaps', configMap('a', { x: '1' }));
    await api.send('GET', '/api/v1/namespaces/default/configmaps/a');
    const [write = {}, read = {}] = events;
    assert.deepEqual(
      [write['level'], write['stage'], write['verb'], write['objectRef']],
      [
        'RequestResponse',
        'ResponseComplete',
        'create',
        { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
      ],
    );
    assert.deepEqual((write['requestObject'] as JsonObject)['data'], { x: '1' });
    assert.equal(read['level'], 'Metadata');
    assert.equal(read['requestObject'], undefined);
  });

  it('names who acts and as whom', async () => {
    const api = await TestApi.boot();
    const events: JsonObject[] = [];
    api.server.onDidAudit((event) => events.push(event));
    await api.send('GET', '/api/v1/pods', undefined, { headers: { 'impersonate-user': 'bob' } });
    const [event] = events;
    assert.deepEqual((event?.['user'] as JsonObject)['username'], 'kubernetes-admin');
    assert.deepEqual((event?.['impersonatedUser'] as JsonObject)['username'], 'bob');
    assert.equal((event?.['responseStatus'] as JsonObject)['code'], 403);
    await api.send('GET', '/api/v1/pods', undefined, {
      as: user('eve'),
      headers: { 'impersonate-user': 'bob' },
    });
    assert.equal((events[1]?.['responseStatus'] as JsonObject)['code'], 403);
  });
});
