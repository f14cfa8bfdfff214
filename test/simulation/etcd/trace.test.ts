import assert from 'node:assert/strict';
import { EventLoop } from '../../../src/sim/time/eventLoop.ts';
import type { TraceEvent } from '../../../src/trace/event.ts';
import { TraceLog } from '../../../src/trace/log.ts';
import { drain } from '../../support/drain.ts';
import { runEtcd } from '../../support/etcd/etcdRun.ts';

async function traceOf(seed: number): Promise<readonly TraceEvent[]> {
  const loop = new EventLoop(0, drain);
  const trace = new TraceLog(loop);
  await runEtcd({ seed, loop, trace });
  return trace.slice(trace.first);
}

describe('the trace of several members of etcd', () => {
  let events: readonly TraceEvent[];

  before(async () => {
    events = await traceOf(3);
  });

  it('is the same, byte for byte, for the same seed', async () => {
    const again = await traceOf(3);
    assert.equal(again.length, events.length);
    for (const [index, event] of events.entries()) assert.deepEqual(again[index], event);
  });

  it('has a cause for every event but starts and what clients from outside ask', () => {
    for (const event of events) {
      if (event.cause === undefined) {
        const isRoot =
          event.type === 'lifecycle' || (event.type === 'raft' && event.kind === 'propose');
        assert.ok(isRoot, `no cause: ${JSON.stringify(event)}`);
      }
      for (const cause of [event.cause ?? 1, ...(event.also ?? [])])
        assert.ok(cause >= 1 && cause <= event.id, `no earlier event: ${JSON.stringify(event)}`);
    }
  });

  it('has each write once, with who asked for it and the commit as its causes', () => {
    const byId = new Map(events.map((event) => [event.id, event]));
    const writes = events.filter((event) => event.type === 'etcd.put');
    assert.ok(writes.length > 20);
    assert.equal(new Set(writes.map(({ revision }) => revision)).size, writes.length);
    for (const write of writes) {
      const kinds = [write.cause ?? 0, ...(write.also ?? [])].map((id) => {
        const event = byId.get(id);
        return event?.type === 'raft' ? event.kind : event?.type;
      });
      assert.deepEqual(kinds, ['propose', 'commit'], JSON.stringify(write));
    }
  });

  for (const kind of ['election', 'vote', 'propose', 'append', 'commit', 'read'] as const)
    it(`tells of every ${kind} in a sentence`, () => {
      const told = events.filter((event) => event.type === 'raft' && event.kind === kind);
      assert.ok(told.length > 0);
      for (const event of told) assert.ok(event.type === 'raft' && event.summary.includes('etcd-'));
    });
});
