import assert from 'node:assert/strict';
import type { EventBody, TraceEvent } from '../../../src/trace/event.ts';
import { timelineModel } from '../../../src/timeline/model.ts';
import { detailsOf } from '../../../src/timeline/details.ts';
import { duration } from '../../../src/timeline/sentences.ts';

const pod = { group: '', version: 'v1', resource: 'pods', namespace: 'default', name: 'web' };

function trace(
  ...rows: [
    component: TraceEvent['component'],
    cause: number | undefined,
    time: number,
    body: EventBody,
  ][]
): TraceEvent[] {
  return rows.map(([component, cause, time, body], index) => ({
    id: index + 1,
    time,
    component,
    ...(cause !== undefined && { cause }),
    ...body,
  }));
}

const events = trace(
  [
    'client/kubectl',
    undefined,
    100,
    {
      type: 'request',
      method: 'POST',
      url: '/api/v1/pods?x=1',
      verb: 'create',
      object: pod,
      userAgent: 'kubectl/v1.36.3 (linux)',
      dryRun: false,
    },
  ],
  [
    'apiserver',
    1,
    110,
    {
      type: 'stage',
      stage: 'authentication',
      started: 100,
      verdict: 'passed',
      summary: 'the client certificate names kubernetes-admin',
    },
  ],
  [
    'apiserver',
    1,
    120,
    {
      type: 'stage',
      stage: 'mutatingAdmission',
      plugin: 'Priority',
      started: 110,
      verdict: 'mutated',
      summary: 'sets the priority',
      changes: [{ path: '/spec/priority', after: 0 }],
    },
  ],
  [
    'etcd',
    1,
    200,
    { type: 'etcd.put', key: '/registry/pods/default/web', revision: 7, version: 1, bytes: 10 },
  ],
  ['apiserver', 1, 210, { type: 'response', code: 201 }],
  ['scheduler', 4, 400, { type: 'watch', change: 'ADDED', object: pod, resourceVersion: '7' }],
);

describe('timelineModel', () => {
  const model = timelineModel({ root: 1, events, truncated: false }, 'cluster:1');

  it('has a lane for each component, the client on top', () => {
    assert.deepEqual(
      model.lanes.map(({ label }) => label),
      ['kubectl', 'API server', 'etcd', 'scheduler'],
    );
  });

  it('makes the request a span that holds its stages but not its write', () => {
    const [request, stage, , write, response] = model.items;
    assert.equal(request?.end, 5);
    assert.equal(stage?.parent, 1);
    assert.equal(write?.parent, undefined);
    assert.equal(write?.revision, 7);
    assert.equal(response?.parent, 1);
  });

  it('counts time from the root and speaks in sentences', () => {
    assert.deepEqual(
      model.items.map(({ time }) => time),
      [0, 10, 20, 100, 110, 300],
    );
    assert.equal(model.title, 'kubectl: create pods default/web');
    assert.deepEqual(
      model.items.map(({ sentence }) => sentence),
      [
        'kubectl asks the API server to create pods default/web.',
        'The client certificate names kubernetes-admin.',
        'Sets the priority.',
        'etcd creates /registry/pods/default/web at revision 7.',
        'The API server answers 201.',
        'The scheduler hears that pods default/web was added.',
      ],
    );
  });
});

describe('detailsOf', () => {
  const get = (id: number) => events[id - 1];

  it('walks back to the root', () => {
    const details = detailsOf(events[5]!, get, [], { showSecrets: false });
    assert.deepEqual(
      details.why.map(({ id }) => id),
      [4, 1],
    );
  });

  it('shows what a stage changed', () => {
    assert.deepEqual(detailsOf(events[2]!, get, [], { showSecrets: false }).diff, {
      title: 'What Priority changed',
      lines: [{ sign: '+', text: 'spec.priority: 0' }],
    });
  });
});

describe('duration', () => {
  for (const [micros, text] of [
    [40, '40 µs'],
    [1500, '1.5 ms'],
    [2_100_000, '2.1 s'],
    [200_000_000, '3 min 20 s'],
  ] as const) {
    it(text, () => assert.equal(duration(micros), text));
  }
});
