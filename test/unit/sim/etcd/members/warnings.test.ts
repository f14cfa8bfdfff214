import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../../../src/base/bytes.ts';
import { millisecond, second } from '../../../../../src/base/time.ts';
import { AuthStore } from '../../../../../src/sim/etcd/auth/authStore.ts';
import { keyOfBytes, keyOfText } from '../../../../../src/sim/etcd/key.ts';
import type { Command } from '../../../../../src/sim/etcd/members/command.ts';
import { perform } from '../../../../../src/sim/etcd/members/command.ts';
import { goDuration, Warnings } from '../../../../../src/sim/etcd/members/warnings.ts';
import { errors } from '../../../../../src/sim/etcd/errors.ts';
import type { RangeRequest, TxnRequest } from '../../../../../src/sim/etcd/kv.ts';
import { Store } from '../../../../../src/sim/etcd/store.ts';
import { EventLoop } from '../../../../../src/sim/time/eventLoop.ts';
import { TraceLog } from '../../../../../src/trace/log.ts';
import { drain } from '../../../../support/drain.ts';

const value = encodeUtf8;

/** What a log says beside times and who says it. */
function fields(line: string): Record<string, string> {
  const { msg, prefix, request, response, error } = JSON.parse(line) as Record<string, string>;
  return {
    ...(msg !== undefined && { msg }),
    ...(prefix !== undefined && { prefix }),
    ...(request !== undefined && { request: request.replace(/ID:\d+/, 'ID:1') }),
    ...(response !== undefined && { response }),
    ...(error !== undefined && { error }),
  };
}

describe('the log of etcd', () => {
  let loop: EventLoop;
  let trace: TraceLog;
  let lines: string[];
  let warnings: Warnings;
  let store: Store;

  beforeEach(async () => {
    loop = new EventLoop(Date.parse('2026-11-21T04:00:00Z') * millisecond, drain);
    trace = new TraceLog(loop);
    lines = [];
    warnings = new Warnings({
      id: 0x8e9e_05c5_2164_694dn,
      name: 'default',
      clock: loop,
      trace,
      log: (line) => lines.push(line),
    });
    store = new Store();
    store.putNow({ key: 'foo', value: value('bar "q"') }, undefined);
    await loop.runUntil(loop.now() + second);
  });

  // As a real etcd 3.6.8 with --warning-apply-duration 1us said it, after the same requests.
  const commands: readonly (readonly [Command, string, string])[] = [
    [
      { do: 'put', request: { key: 'foo', value: value('bar "q"') } },
      'put:<key:"foo" value_size:7 >',
      'size:4',
    ],
    [
      { do: 'put', request: { key: 'foo', value: value('ü\\xff'), prevKv: true } },
      'put:<key:"foo" value_size:6 prev_kv:true >',
      'size:26',
    ],
    [
      { do: 'delete', request: { key: 'f', rangeEnd: 'g', prevKv: true } },
      'delete_range:<key:"f" range_end:"g" prev_kv:true > ',
      'size:28',
    ],
    [
      {
        do: 'txn',
        request: {
          compare: [
            { key: 'foo', target: 'mod', result: 'greater', operand: 0 },
            { key: 'foo', target: 'value', result: 'equal', operand: value('x') },
          ],
          success: [
            { op: 'put', key: 'a', value: value('1') },
            { op: 'delete', key: 'b' },
            { op: 'range', key: 'foo' },
          ],
          failure: [{ op: 'range', key: 'foo' }],
        },
      },
      'txn:<compare:<result:GREATER target:MOD key:"foo" mod_revision:0  target:VALUE key:"foo" value_size:1 > success:<request_put:<key:"a" value_size:1 > request_delete_range:<key:"b" >  request_range:<key:"foo" > > failure:<request_range:<key:"foo" > >>',
      'size:36',
    ],
    [{ do: 'compact', revision: 2 }, 'compaction:<revision:2 > ', 'size:4'],
    [
      { do: 'grant', lease: 0x6a25a1fdbdc12e08n, ttl: 60 },
      'lease_grant:<ttl:60-second id:6a25a1fdbdc12e08>',
      'size:39',
    ],
    [
      { do: 'auth', change: { op: 'addUser', user: 'alice', hash: 'secret' } },
      'auth_user_add:<name:alice>',
      'size:0',
    ],
  ];
  for (const [command, request, response] of commands)
    it(`tells of a slow ${command.do} as the real one does: ${request}`, () => {
      const since = loop.now() - 312_100;
      const outcome = perform(
        command,
        { store, auth: new AuthStore(undefined), index: 1 },
        undefined,
      );
      warnings.applied(since, command, { value: outcome }, undefined);
      const [line = ''] = lines;
      assert.deepEqual(fields(line), {
        msg: 'apply request took too long',
        prefix: '',
        request: `header:<ID:1 > ${request}`,
        response,
      });
      assert.ok(
        line.startsWith(
          '{"level":"warn","ts":"2026-11-21T04:00:01.000000Z","caller":"txn/util.go:93","msg":"apply request took too long","took":"312.1ms","expected-duration":"100ms","prefix":""',
        ),
        line,
      );
    });

  const ranges: readonly (readonly [RangeRequest, boolean, string, string])[] = [
    [{ key: 'foo' }, false, 'key:"foo" ', 'range_response_count:1 size:28'],
    [
      { key: 'foo', limit: 3, revision: 2, keysOnly: true },
      true,
      'key:"foo" limit:3 revision:2 serializable:true keys_only:true ',
      'range_response_count:1 size:19',
    ],
    [
      { key: '/', rangeEnd: '0', sort: { target: 'mod', descending: true } },
      false,
      'key:"/" range_end:"0" sort_order:DESCEND sort_target:MOD ',
      'range_response_count:0 size:4',
    ],
    [
      { key: keyOfText('ü"\n') + keyOfBytes(new Uint8Array([0, 255])) },
      false,
      String.raw`key:"\303\274\"\n\000\377" `,
      'range_response_count:0 size:4',
    ],
  ];
  for (const [request, isSerializable, text, response] of ranges)
    it(`tells of a slow range as the real one does: ${text}`, () => {
      warnings.read(loop.now() - second, request, isSerializable, store.rangeNow(request));
      assert.deepEqual(fields(lines[0] ?? ''), {
        msg: 'apply request took too long',
        prefix: 'read-only range ',
        request: text,
        response,
      });
    });

  it('tells of a slow transaction that only reads as the real one does', () => {
    const request: TxnRequest = {
      compare: [{ key: 'foo', target: 'mod', result: 'greater', operand: 0 }],
      success: [{ op: 'range', key: 'foo' }],
      failure: [
        { op: 'range', key: 'foo' },
        { op: 'range', key: 'a', rangeEnd: 'b' },
      ],
    };
    warnings.readTxn(loop.now() - second, request, store.txnNow(request, undefined));
    assert.deepEqual(fields(lines[0] ?? ''), {
      msg: 'apply request took too long',
      prefix: 'read-only txn ',
      request:
        'compare:<result:GREATER target:MOD key:"foo" mod_revision:0 > success:<request_range:<key:"foo" > > failure:<request_range:<key:"foo" >  request_range:<key:"a" range_end:"b" > >',
      response: 'responses:<range_response_count:1> size:38',
    });
  });

  it('tells of a read that failed', () => {
    warnings.read(loop.now() - 7 * second, { key: 'foo' }, false, errors.timeout());
    assert.match(lines[0] ?? '', /"response":"","error":"etcdserver: request timed out"}$/);
  });

  it('tells of a slow sync', () => {
    warnings.synced(second, undefined);
    warnings.synced(1_250_000, undefined);
    assert.deepEqual(lines, [
      '{"level":"warn","ts":"2026-11-21T04:00:01.000000Z","caller":"wal/wal.go:845","msg":"slow fdatasync","took":"1.25s","expected-duration":"1s"}',
    ]);
  });

  it('tells of late heartbeats to each member', async () => {
    warnings.heartbeat(0xabcn, undefined);
    await loop.runUntil(loop.now() + 150 * millisecond);
    warnings.heartbeat(0xdefn, undefined);
    await loop.runUntil(loop.now() + 200 * millisecond);
    warnings.heartbeat(0xabcn, undefined);
    warnings.heartbeat(0xdefn, undefined);
    assert.deepEqual(
      lines.map((line) => line.slice(line.indexOf('"msg"'))),
      [
        '"msg":"leader failed to send out heartbeat on time; took too long, leader is overloaded likely from slow disk","to":"abc","heartbeat-interval":"100ms","expected-duration":"200ms","exceeded-duration":"150ms"}',
      ],
    );
  });

  it('is quiet about what takes as long as it should', () => {
    const command = { do: 'compact', revision: 2 } as const;
    warnings.applied(loop.now() - 100 * millisecond, command, { value: undefined }, undefined);
    assert.deepEqual(lines, []);
  });

  it('is in the trace, caused by who asked', () => {
    const root = trace.emit('client/kubectl', undefined, {
      type: 'lifecycle',
      action: 'started',
      summary: 'kubectl connects',
    });
    const command: Command = { do: 'put', request: { key: 'foo', value: value('x') } };
    warnings.applied(loop.now() - 250 * millisecond, command, { error: errors.noSpace() }, root);
    assert.deepEqual(trace.get(root + 1), {
      id: root + 1,
      time: loop.now(),
      component: 'etcd/default',
      cause: root,
      type: 'etcd.slow',
      what: 'apply',
      took: 250_000,
      summary: 'etcd took 250ms instead of 100ms at most to write foo',
    });
    assert.match(
      lines[0] ?? '',
      /"response":"","error":"etcdserver: mvcc: database space exceeded"/,
    );
  });

  const durations: readonly (readonly [number, string])[] = [
    [0, '0s'],
    [512, '512µs'],
    [1500, '1.5ms'],
    [2_000_001, '2.000001s'],
    [63_500_000, '1m3.5s'],
  ];
  for (const [us, text] of durations)
    it(`writes ${us} µs as Go does: ${text}`, () => assert.equal(goDuration(us), text));
});
