import assert from 'node:assert/strict';
import type { TraceEvent } from '../../../src/trace/event.ts';
import { newSubject, noteEvent, titleOfSubject } from '../../../src/trace/story.ts';

const request = (id: number, verb: string, object: object): TraceEvent =>
  ({
    id,
    time: id,
    cause: 1,
    component: 'apiserver',
    type: 'request',
    method: verb === 'get' ? 'GET' : 'POST',
    url: '/',
    verb,
    userAgent: 'kubectl/v1.36.3 (linux/amd64)',
    object: { group: '', version: 'v1', ...object },
  }) as TraceEvent;

const root = {
  id: 1,
  time: 1,
  component: 'client/kubectl',
  type: 'lifecycle',
} as unknown as TraceEvent;
const put = {
  id: 4,
  time: 4,
  cause: 3,
  component: 'etcd',
  type: 'etcd.put',
  key: '/registry/namespaces/demo',
} as TraceEvent;

const cases: readonly [string, readonly TraceEvent[], string | undefined][] = [
  ['nothing was asked for', [root], undefined],
  ['only reads', [root, request(2, 'get', { resource: 'pods', name: 'a' })], 'kubectl: get pods a'],
  [
    'the first write counts, under the name of its key',
    [
      root,
      request(2, 'get', { resource: 'namespaces', name: 'demo' }),
      request(3, 'create', { resource: 'namespaces' }),
      put,
    ],
    'kubectl: create namespaces demo',
  ],
  [
    'more writes are counted',
    [
      root,
      request(3, 'create', { resource: 'namespaces' }),
      put,
      request(5, 'create', { resource: 'deployments', namespace: 'demo' }),
    ],
    'kubectl: create namespaces demo and 1 more',
  ],
];

describe('titleOfSubject', () => {
  for (const [name, events, title] of cases)
    it(name, () => {
      const subject = newSubject();
      for (const event of events) noteEvent(subject, 1, event);
      assert.equal(titleOfSubject(subject), title);
    });
});
