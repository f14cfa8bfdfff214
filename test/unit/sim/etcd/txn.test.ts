import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../../src/base/bytes.ts';
import { EtcdError } from '../../../../src/sim/etcd/errors.ts';
import type { Compare, Op, OpResponse } from '../../../../src/sim/etcd/kv.ts';
import { Store } from '../../../../src/sim/etcd/store.ts';
import { EventLoop } from '../../../../src/sim/time/eventLoop.ts';
import { TraceLog } from '../../../../src/trace/log.ts';
import { drain } from '../../../support/drain.ts';

const value = encodeUtf8('1');
const put = (key: string): Op => ({ op: 'put', key, value });
const txn = (success: readonly Op[], failure: readonly Op[] = [], compare: Compare[] = []) => ({
  compare,
  success,
  failure,
});

/** A store with a@2=1, b@3=2 and a lease 5. */
function newStore(): Store {
  const store = new Store();
  store.leases.grant(5n, 60, undefined);
  store.putNow({ key: 'a', value, lease: 5n }, undefined);
  store.putNow({ key: 'b', value: encodeUtf8('2') }, undefined);
  return store;
}

function summary(response: OpResponse): string {
  switch (response.op) {
    case 'range':
      return `range ${response.kvs.map(({ key }) => key).join(' ')} of ${response.count} @${response.revision}`;
    case 'put':
      return `put v${response.kv.version}${response.prevKv ? ` after ${response.prevKv.modRevision}` : ''}`;
    case 'delete':
      return `deleted ${response.deleted}`;
    case 'txn':
      return `${response.succeeded ? 'then' : 'else'} [${response.responses.map(summary).join('; ')}]`;
  }
}

describe('a transaction', () => {
  for (const [about, compare, holds] of [
    ['version', { key: 'a', target: 'version', result: 'equal', operand: 1 }, true],
    ['create', { key: 'b', target: 'create', result: 'greater', operand: 2 }, true],
    ['mod', { key: 'a', target: 'mod', result: 'less', operand: 2n }, false],
    ['value', { key: 'a', target: 'value', result: 'equal', operand: value }, true],
    ['value, not equal', { key: 'b', target: 'value', result: 'notEqual', operand: value }, true],
    ['lease', { key: 'a', target: 'lease', result: 'equal', operand: 5n }, true],
    ['a missing key', { key: 'x', target: 'version', result: 'equal', operand: 0 }, true],
    ['a missing value', { key: 'x', target: 'value', result: 'notEqual', operand: value }, false],
    [
      'all of a range',
      { key: 'a', rangeEnd: 'c', target: 'version', result: 'equal', operand: 1 },
      true,
    ],
    [
      'not all of a range',
      { key: 'a', rangeEnd: 'c', target: 'mod', result: 'equal', operand: 2 },
      false,
    ],
  ] as const satisfies readonly (readonly [string, Compare, boolean])[]) {
    it(`compares ${about}`, () =>
      assert.equal(newStore().txnNow(txn([], [], [compare]), undefined).succeeded, holds));
  }

  for (const [about, ops, expected] of [
    [
      'sees its own writes',
      [put('c'), { op: 'range', key: 'a', rangeEnd: 'z' }],
      ['put v1', 'range a b c of 3 @4'],
    ],
    [
      'deletes ranges',
      [
        { op: 'delete', key: 'a', rangeEnd: 'z' },
        { op: 'range', key: 'a', rangeEnd: 'z' },
        put('z'),
      ],
      ['deleted 2', 'range  of 0 @4', 'put v1'],
    ],
    [
      'reads the past beside its writes',
      [put('c'), { op: 'range', key: 'a', rangeEnd: 'z', revision: 2 }],
      ['put v1', 'range a of 1 @4'],
    ],
    [
      'reads the present as it was by its revision',
      [put('c'), { op: 'range', key: 'a', rangeEnd: 'z', revision: 3 }],
      ['put v1', 'range a b of 2 @4'],
    ],
    [
      'compares nested ones with what was there before',
      [
        put('c'),
        {
          op: 'txn',
          ...txn(
            [put('d')],
            [put('d')],
            [{ key: 'c', target: 'version', result: 'equal', operand: 0 }],
          ),
        },
      ],
      ['put v1', 'then [put v1]'],
    ],
    ['makes no revision without writes', [{ op: 'delete', key: 'x' }], ['deleted 0']],
  ] as const satisfies readonly (readonly [string, readonly Op[], readonly string[]])[]) {
    it(about, () => {
      const store = newStore();
      const { responses, revision } = store.txnNow(txn(ops), undefined);
      assert.deepEqual(responses.map(summary), expected);
      assert.equal(store.revision, revision);
      assert.equal(revision, ops.some((op) => op.op !== 'range' && 'value' in op) ? 4 : 3);
    });
  }

  for (const [about, request, code, message] of [
    ['two puts of a key', txn([put('c'), put('c')]), 3, 'duplicate key given in txn request'],
    [
      'a put of what is deleted',
      txn([], [{ op: 'delete', key: 'a', rangeEnd: 'z' }, put('b')]),
      3,
      'duplicate key given in txn request',
    ],
    [
      'a put that a nested one makes too',
      txn([put('c'), { op: 'txn', ...txn([put('c')]) }]),
      3,
      'duplicate key given in txn request',
    ],
    ['an empty key', txn([put('')]), 3, 'key is not provided'],
    [
      'too many operations',
      txn(Array.from({ length: 129 }, (_, index) => put(`k${index}`))),
      3,
      'too many operations in txn request',
    ],
    [
      'an unknown lease',
      txn([{ op: 'put', key: 'a', value, lease: 9n }]),
      5,
      'requested lease not found',
    ],
    [
      'a value to keep that is not there',
      txn([{ op: 'put', key: 'x', value: new Uint8Array(), ignoreValue: true }]),
      3,
      'key not found',
    ],
    [
      'a value beside ignore_value',
      txn([{ op: 'put', key: 'a', value, ignoreValue: true }]),
      3,
      'value is provided',
    ],
    [
      'a future revision',
      txn([put('c'), { op: 'range', key: 'a', revision: 4 }]),
      11,
      'mvcc: required revision is a future revision',
    ],
  ] as const) {
    it(`refuses ${about} and writes nothing`, () => {
      const store = newStore();
      assert.throws(
        () => store.txnNow(request, undefined),
        (error) =>
          error instanceof EtcdError &&
          error.code === code &&
          error.message === `etcdserver: ${message}`,
      );
      assert.equal(store.revision, 3);
    });
  }

  it('does not look at the leases of the arm that is not taken', () =>
    assert.ok(
      newStore().txnNow(txn([put('c')], [{ op: 'put', key: 'c', value, lease: 9n }]), undefined)
        .succeeded,
    ));

  it('lets the two arms of a nested one put the same key', () =>
    assert.ok(
      newStore().txnNow(txn([{ op: 'txn', ...txn([put('c')], [put('c')]) }]), undefined).succeeded,
    ));
});

describe('the trace of the store', () => {
  it('has every write with its cause, and every value knows its event', () => {
    const trace = new TraceLog(new EventLoop(0, drain));
    const store = new Store({ trace });
    const cause = trace.emit('cluster', undefined, {
      type: 'lifecycle',
      action: 'started',
      summary: 'test',
    });
    store.txnNow(txn([put('a'), put('b')]), cause);
    store.deleteNow({ key: 'a' }, undefined);
    assert.deepEqual(
      trace
        .slice(2)
        .map((event) => [event.type, 'key' in event && event.key, event.component, event.cause]),
      [
        ['etcd.put', 'a', 'etcd', cause],
        ['etcd.put', 'b', 'etcd', cause],
        ['etcd.delete', 'a', 'etcd', undefined],
      ],
    );
    assert.equal(store.getNow('b')?.writtenBy, 3);
  });
});
