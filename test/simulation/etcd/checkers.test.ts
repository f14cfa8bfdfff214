import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../src/base/bytes.ts';
import { AuthStore } from '../../../src/sim/etcd/auth/authStore.ts';
import { Store } from '../../../src/sim/etcd/store.ts';
import type { History, KvCall } from '../../support/etcd/etcdRun.ts';
import { kvModel, type KvInput, type KvOutput } from '../../support/etcd/kvModel.ts';
import { checkLinearizable } from '../../support/etcd/linearizable.ts';
import { validators } from '../../support/etcd/validators.ts';

type Row = readonly [start: number, end: number | undefined, input: KvInput, output?: KvOutput];

const calls = (rows: readonly Row[]): KvCall[] =>
  rows.map(([start, end, input, output], index) => ({
    client: `c${index}`,
    start,
    end,
    input,
    output,
  }));

const put = (value: string, key = 'a'): KvInput => ({ op: 'put', key, value });
const get: KvInput = { op: 'get', key: 'a' };
const drop: KvInput = { op: 'delete', key: 'a' };
const swap = (at: number, value: string): KvInput => ({ op: 'swap', key: 'a', at, value });
const was = (value: string, modRevision: number, revision = modRevision): KvOutput => ({
  revision,
  value,
  modRevision,
});

describe('the checker of linearizability', () => {
  const check = (holds: boolean, name: string, rows: readonly Row[]): void => {
    it(`${holds ? 'accepts' : 'refuses'} ${name}`, () => {
      assert.equal(checkLinearizable(kvModel, calls(rows)).holds, holds ? 'yes' : 'no');
    });
  };

  check(true, 'nothing', []);
  check(true, 'one after another', [
    [1, 2, put('x'), { revision: 2 }],
    [3, 4, get, was('x', 2)],
    [5, 6, swap(2, 'y'), { revision: 3, done: true }],
    [7, 8, drop, { revision: 4, done: true }],
    [9, 10, drop, { revision: 4, done: false }],
    [11, 12, get, { revision: 4 }],
  ]);
  check(true, 'a read that overlaps a write and is before it', [
    [1, 10, put('x'), { revision: 2 }],
    [2, 3, get, { revision: 1 }],
    [4, 5, get, was('x', 2)],
  ]);
  check(true, 'a write that nobody answered and that was done', [
    [1, undefined, put('x')],
    [5, 6, get, { revision: 1 }],
    [7, 8, get, was('x', 2)],
  ]);
  check(true, 'a write that nobody answered and that was never done', [
    [1, undefined, put('x')],
    [5, 6, put('y'), { revision: 2 }],
  ]);
  check(true, 'two writes that nobody answered, the later first', [
    [1, undefined, put('x')],
    [2, undefined, put('y')],
    [5, 6, get, was('y', 2)],
    [7, 8, get, was('x', 3)],
  ]);
  check(false, 'a stale read', [
    [1, 2, put('x'), { revision: 2 }],
    [3, 4, get, { revision: 1 }],
  ]);
  check(false, 'a read of what nobody wrote', [[1, 2, get, was('x', 2)]]);
  check(false, 'a read from the future', [
    [1, 2, get, was('x', 2)],
    [3, 4, put('x'), { revision: 2 }],
  ]);
  check(false, 'reads that go back', [
    [1, 10, put('x'), { revision: 2 }],
    [2, 3, get, was('x', 2)],
    [4, 5, get, { revision: 1 }],
  ]);
  check(false, 'a lost update', [
    [1, 2, put('x'), { revision: 2 }],
    [3, 8, swap(2, 'y'), { revision: 3, done: true }],
    [4, 9, swap(2, 'z'), { revision: 4, done: true }],
  ]);
  check(false, 'a write that was done twice', [
    [1, 2, put('x'), { revision: 2 }],
    [3, 4, put('y'), { revision: 4 }],
  ]);
  check(false, 'two writes of one revision', [
    [1, 5, put('x'), { revision: 2 }],
    [2, 6, put('y'), { revision: 2 }],
  ]);
  check(false, 'an acknowledged write that is gone', [
    [1, 2, put('x'), { revision: 2 }],
    [3, 4, put('y'), { revision: 2 }],
    [5, 6, get, was('y', 2)],
  ]);
  check(false, 'a lost write that is done before it was asked for', [
    [1, 2, get, was('x', 2)],
    [3, undefined, put('x')],
  ]);
});

describe('the search for an order', () => {
  it('gives up where it would take forever, and says so', () => {
    // Twenty writes at once, and a read of what none of them wrote.
    const writes = Array.from({ length: 20 }, (_, index): Row => [index, 100, put(`v${index}`)]);
    const none: Row = [101, 102, get, was('other', 21)];
    const { holds, tried } = checkLinearizable(kvModel, calls([...writes, none]), 10_000);
    assert.deepEqual([holds, tried], ['undecided', 10_001]);
  });
});

const plain = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value instanceof Store ? 'store' : value;

describe('the validators of a history', () => {
  /** A store with a=x at revision 2 and a=y at 3, and a deletion at 4. */
  const store = new Store();
  store.putNow({ key: 'a', value: encodeUtf8('x') }, undefined);
  store.putNow({ key: 'a', value: encodeUtf8('y') }, undefined);
  store.deleteNow({ key: 'a' }, undefined);
  const other = new Store();
  other.putNow({ key: 'a', value: encodeUtf8('z') }, undefined);

  const changes = store.versions().map(({ key, revision, kv }) => ({
    type: kv ? ('put' as const) : ('delete' as const),
    kv: kv ?? {
      key,
      value: new Uint8Array(),
      createRevision: 0,
      modRevision: revision,
      version: 0,
      lease: 0n,
      writtenBy: 0,
    },
  }));
  const told = (...indices: readonly number[]) => [
    {
      from: 2,
      key: 'a',
      batches: indices.map((index) => ({
        changes: changes.slice(index, index + 1),
        revision: index + 2,
      })),
    },
  ];
  const noUsers = new AuthStore(undefined).contents();
  // The clock of member 2 is a second ahead.
  const renewed = new Map([
    [1n, 1_000_000],
    [2n, 2_000_000],
  ]);
  const lease = { id: 1n, ttl: 2, key: 'l', renewed };
  const whole: History = {
    members: 3,
    faults: [],
    calls: calls([
      [1, 2, put('x'), { revision: 2 }],
      [3, 4, put('y'), { revision: 3 }],
      [5, 6, drop, { revision: 4, done: true }],
    ]),
    watches: told(0, 1, 2),
    leases: [{ ...lease, ended: { by: 1n, at: 3_000_000 } }],
    applied: [
      { member: 1n, index: 1, term: 2, id: 'p' },
      { member: 2n, index: 1, term: 2, id: 'p' },
    ],
    leaders: [
      { member: 1n, term: 2 },
      { member: 2n, term: 3 },
    ],
    stores: [store, store],
    users: [noUsers, noUsers],
    settled: true,
  };
  const broken: Readonly<Record<keyof typeof validators, readonly Partial<History>[]>> = {
    'the keys are linearizable': [{ calls: calls([[1, 2, get, was('x', 2)]]) }],
    'a term has one leader': [
      {
        leaders: [
          { member: 1n, term: 2 },
          { member: 2n, term: 2 },
        ],
      },
    ],
    'logs match': [
      {
        applied: [
          { member: 1n, index: 1, term: 2, id: 'p' },
          { member: 2n, index: 1, term: 3, id: 'p' },
        ],
      },
      {
        applied: [
          { member: 1n, index: 1, term: 2, id: 'p' },
          { member: 2n, index: 1, term: 2, id: 'q' },
        ],
      },
    ],
    'members agree in the end': [
      { settled: false },
      { stores: [store, other] },
      { users: [noUsers, { ...noUsers, revision: 2 }] },
    ],
    'nothing acknowledged is lost': [
      { calls: calls([[1, 2, put('q'), { revision: 5 }]]) },
      { calls: calls([[1, 2, put('q'), { revision: 3 }]]) },
    ],
    'leases never end early': [
      { leases: [{ ...lease, ended: { by: 1n, at: 2_999_999 } }] },
      { leases: [{ ...lease, ended: { by: 2n, at: 3_000_000 } }] },
    ],
    'watches are ordered, unique and without a gap': [
      { watches: told(0, 2) },
      { watches: told(0, 1) },
      { watches: told(1, 0, 2) },
      { watches: told(0, 1, 1, 2) },
    ],
  };

  for (const [name, validate] of Object.entries(validators)) {
    it(`${name}: accepts a history in which it is so`, () => {
      assert.deepEqual(validate(whole), []);
    });
    for (const part of broken[name as keyof typeof validators])
      it(`${name}: refuses ${Object.keys(part).join()} ${JSON.stringify(part, plain).slice(0, 60)}`, () => {
        assert.equal(validate({ ...whole, ...part }).length > 0, true);
      });
  }
});
