import assert from 'node:assert/strict';
import { create, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import {
  Compare_CompareResult as Result,
  Compare_CompareTarget as Target,
  Event_EventType as EventType,
  RangeRequest_SortOrder as Order,
  RangeRequest_SortTarget as SortTarget,
  type CompareSchema,
  type ResponseOpSchema,
  DeleteRangeRequestSchema,
  DeleteRangeResponseSchema,
  PutRequestSchema,
  PutResponseSchema,
  RangeRequestSchema,
  RangeResponseSchema,
  TxnRequestSchema,
  TxnResponseSchema,
  WatchResponseSchema,
} from '../../../../../src/host/etcd/gen/etcd_pb.js';
import { ProtoReader } from '../../../../../src/host/etcd/wire/protoReader.ts';
import {
  readDelete,
  readPut,
  readRange,
  readTxn,
} from '../../../../../src/host/etcd/wire/requests.ts';
import {
  deleteAnswer,
  headerIds,
  putAnswer,
  rangeAnswer,
  txnAnswer,
  watchAnswer,
} from '../../../../../src/host/etcd/wire/responses.ts';
import type { KeyValue } from '../../../../../src/sim/etcd/kv.ts';
import { tombstone } from '../../../../../src/sim/etcd/tombstone.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const maxLease = 2n ** 63n - 1n;
const unknownEnum: number = 9;
const maxNumber = Number.MAX_SAFE_INTEGER;

describe('the requests that are read by hand', () => {
  const check = <S extends DescMessage>(
    schema: S,
    init: MessageInitShape<S>,
    read: (reader: ProtoReader) => object,
    expected: object,
  ): void => {
    const wire = Buffer.from(toBinary(schema, create(schema, init)));
    assert.deepEqual(read(new ProtoReader(wire)), expected);
    // Fields that nobody knows, of every wire type, are passed over.
    const unknown = [
      0xa0, 0x1f, 5, 0xa1, 0x1f, 1, 2, 3, 4, 5, 6, 7, 8, 0xa2, 0x1f, 1, 9, 0xa5, 0x1f, 1, 2, 3, 4,
    ];
    assert.deepEqual(read(new ProtoReader(Buffer.from([...unknown, ...wire]))), expected);
    // What is cut off is refused, or is a message of fewer fields.
    for (let length = 0; length < wire.length; length++)
      try {
        read(new ProtoReader(wire.subarray(0, length)));
      } catch (error) {
        assert.match(String(error), /^(?:RangeError: (?:unexpected EOF|proto: )|EtcdError: )/);
      }
  };

  const plainRange = {
    key: '',
    revision: 0,
    limit: 0,
    serializable: false,
    keysOnly: false,
    countOnly: false,
    minModRevision: 0,
    maxModRevision: 0,
    minCreateRevision: 0,
    maxCreateRevision: 0,
  };

  it('range', () => {
    const range = (init: MessageInitShape<typeof RangeRequestSchema>, expected: object): void =>
      check(RangeRequestSchema, init, readRange, { ...plainRange, ...expected });
    range({}, {});
    range(
      { key: bytes(0, 127, 128, 255), rangeEnd: bytes(0) },
      { key: '\0\x7f\x80\xff', rangeEnd: '\0' },
    );
    range({ limit: 127n, revision: BigInt(maxNumber) }, { limit: 127, revision: maxNumber });
    range({ limit: -1n, revision: -5n }, {});
    range(
      { sortOrder: Order.DESCEND, sortTarget: SortTarget.MOD },
      { sort: { target: 'mod', descending: true } },
    );
    range({ sortTarget: SortTarget.VALUE }, { sort: { target: 'value', descending: false } });
    range({ sortOrder: Order.ASCEND }, { sort: { target: 'key', descending: false } });
    const flags = { serializable: true, keysOnly: true, countOnly: true };
    range(flags, flags);
    range(
      {
        minModRevision: 1n,
        maxModRevision: 2n ** 32n,
        minCreateRevision: 2n ** 31n,
        maxCreateRevision: 300n,
      },
      {
        minModRevision: 1,
        maxModRevision: 2 ** 32,
        minCreateRevision: 2 ** 31,
        maxCreateRevision: 300,
      },
    );
    assert.throws(() => range({ sortTarget: unknownEnum as never }, {}), /invalid sort option/);
    assert.throws(() => range({ sortOrder: unknownEnum as never }, {}), /invalid sort option/);
  });

  const plainPut = {
    key: '',
    value: bytes(),
    lease: 0n,
    prevKv: false,
    ignoreValue: false,
    ignoreLease: false,
  };

  it('put', () => {
    const put = (init: MessageInitShape<typeof PutRequestSchema>, expected: object): void =>
      check(PutRequestSchema, init, readPut, { ...plainPut, ...expected });
    put({}, {});
    put({ key: bytes(97), value: bytes(0, 255) }, { key: 'a', value: bytes(0, 255) });
    put({ value: new Uint8Array(70_000) }, { value: new Uint8Array(70_000) });
    for (const lease of [1n, maxLease, -1n, 2n ** 53n + 1n, -(2n ** 63n)])
      put({ lease }, { lease });
    const flags = { prevKv: true, ignoreValue: true, ignoreLease: true };
    put(flags, flags);
  });

  it('delete', () => {
    check(DeleteRangeRequestSchema, {}, readDelete, { key: '', prevKv: false });
    check(
      DeleteRangeRequestSchema,
      { key: bytes(97), rangeEnd: bytes(98), prevKv: true },
      readDelete,
      { key: 'a', rangeEnd: 'b', prevKv: true },
    );
  });

  it('txn', () => {
    const compare = (init: MessageInitShape<typeof CompareSchema>, expected: object): void =>
      check(TxnRequestSchema, { compare: [init] }, readTxn, {
        compare: [{ key: '', target: 'version', result: 'equal', operand: 0, ...expected }],
        success: [],
        failure: [],
      });
    compare({}, {});
    compare(
      {
        key: bytes(97),
        rangeEnd: bytes(98),
        result: Result.NOT_EQUAL,
        target: Target.MOD,
        targetUnion: { case: 'modRevision', value: 7n },
      },
      { key: 'a', rangeEnd: 'b', result: 'notEqual', target: 'mod', operand: 7 },
    );
    compare(
      { target: Target.CREATE, targetUnion: { case: 'createRevision', value: 0n } },
      { target: 'create' },
    );
    compare(
      {
        target: Target.VALUE,
        result: Result.GREATER,
        targetUnion: { case: 'value', value: bytes(1) },
      },
      { target: 'value', result: 'greater', operand: bytes(1) },
    );
    compare({ target: Target.VALUE }, { target: 'value', operand: bytes() });
    compare(
      { target: Target.LEASE, targetUnion: { case: 'lease', value: maxLease } },
      { target: 'lease', operand: maxLease },
    );
    // An operand for another target counts as none.
    compare(
      { target: Target.VALUE, targetUnion: { case: 'version', value: 1n } },
      { target: 'value', operand: bytes() },
    );
    compare({ targetUnion: { case: 'value', value: bytes(1) } }, {});
    assert.throws(() => compare({ target: unknownEnum as never }, {}), /unknown compare target/);
    check(
      TxnRequestSchema,
      {
        success: [
          { request: { case: 'requestPut', value: { key: bytes(97) } } },
          { request: { case: 'requestRange', value: { key: bytes(98) } } },
        ],
        failure: [
          { request: { case: 'requestDeleteRange', value: { key: bytes(99) } } },
          {
            request: {
              case: 'requestTxn',
              value: { success: [{ request: { case: 'requestPut', value: {} } }] },
            },
          },
        ],
      },
      readTxn,
      {
        compare: [],
        success: [
          { op: 'put', ...plainPut, key: 'a' },
          { op: 'range', ...plainRange, key: 'b' },
        ],
        failure: [
          { op: 'delete', key: 'c', prevKv: false },
          { op: 'txn', compare: [], success: [{ op: 'put', ...plainPut }], failure: [] },
        ],
      },
    );
  });

  it('are refused when they are none', () => {
    const refuse = (wire: number[], expected: RegExp): void => {
      assert.throws(() => readPut(new ProtoReader(Buffer.from(wire))), expected);
    };
    refuse([0xff, 0xff], /unexpected EOF/);
    refuse([0x0a, 5, 1], /unexpected EOF/);
    refuse([0x00], /illegal tag 0/);
    refuse([0x08, 1], /wrong wireType = 0 for field 1/);
    refuse([0x3f], /wiretype 7 for field 7/);
    refuse([0x18, ...new Array<number>(10).fill(0xff), 1], /integer overflow/);
  });
});

describe('the answers that are written by hand', () => {
  const ids = { clusterId: 2n ** 64n - 1n, memberId: 0x8000_0000_0000_0001n };
  const header = { ids: headerIds(ids.clusterId, ids.memberId), revision: 300, term: 2 };
  const wireHeader = { ...ids, revision: 300n, raftTerm: 2n };
  const within = (revision: number) => ({ header: { revision: BigInt(revision) } });

  const check = <S extends DescMessage>(
    answer: Buffer,
    schema: S,
    init: MessageInitShape<S>,
  ): void => {
    const expected = Buffer.from(toBinary(schema, create(schema, init)));
    assert.equal(answer[0], 0);
    assert.equal(answer.readUInt32BE(1), expected.length);
    assert.equal(answer.toString('hex', 5), expected.toString('hex'));
  };

  const kv = (key: string, revision: number, more: Partial<KeyValue> = {}): KeyValue => ({
    key,
    value: bytes(1, 2),
    createRevision: revision,
    modRevision: revision,
    version: 1,
    lease: 0n,
    writtenBy: 0,
    ...more,
  });
  const wireKv = ({ key, value, createRevision, modRevision, version, lease }: KeyValue) => ({
    key: Buffer.from(key, 'latin1'),
    value,
    createRevision: BigInt(createRevision),
    modRevision: BigInt(modRevision),
    version: BigInt(version),
    lease,
  });
  const several = [
    kv('a', 1),
    kv('\0\x80\xff', 127, { value: bytes() }),
    kv('b'.repeat(200), 128, { lease: maxLease, version: 2 ** 21 }),
    kv('c', 2 ** 31 - 1, { lease: -1n }),
    kv('d', 2 ** 32, { value: new Uint8Array(100_000).fill(7) }),
    kv('e', maxNumber),
  ];

  it('range', () => {
    const range = (kvs: readonly KeyValue[], count: number, more: boolean): void =>
      check(rangeAnswer(header, { revision: 300, kvs, count, more }), RangeResponseSchema, {
        header: wireHeader,
        kvs: kvs.map(wireKv),
        count: BigInt(count),
        more,
      });
    range([], 0, false);
    range(several, 100_000, true);
    for (const one of several) range([one], 1, false);
  });

  it('put', () => {
    for (const prevKv of [undefined, ...several])
      check(putAnswer(header, { kv: kv('a', 300), ...(prevKv && { prevKv }) }), PutResponseSchema, {
        header: wireHeader,
        ...(prevKv && { prevKv: wireKv(prevKv) }),
      });
  });

  it('delete', () => {
    for (const prevKvs of [[], several])
      check(
        deleteAnswer(header, { revision: 300, deleted: prevKvs.length, prevKvs }),
        DeleteRangeResponseSchema,
        { header: wireHeader, deleted: BigInt(prevKvs.length), prevKvs: prevKvs.map(wireKv) },
      );
  });

  it('txn', () => {
    const [one, two] = several as [KeyValue, KeyValue];
    const responses = [
      { op: 'put', kv: kv('a', 299), prevKv: one },
      { op: 'range', revision: 300, kvs: several, count: 6, more: false },
      { op: 'delete', revision: 300, deleted: 1, prevKvs: [two] },
    ] as const;
    const wireResponses: MessageInitShape<typeof ResponseOpSchema>[] = [
      { response: { case: 'responsePut', value: { ...within(299), prevKv: wireKv(one) } } },
      {
        response: {
          case: 'responseRange',
          value: { ...within(300), kvs: several.map(wireKv), count: 6n },
        },
      },
      {
        response: {
          case: 'responseDeleteRange',
          value: { ...within(300), deleted: 1n, prevKvs: [wireKv(two)] },
        },
      },
    ];
    const inner = { revision: 300, succeeded: true, responses };
    check(
      txnAnswer(header, { ...inner, responses: [...responses, { op: 'txn', ...inner }] }),
      TxnResponseSchema,
      {
        header: wireHeader,
        succeeded: true,
        responses: [
          ...wireResponses,
          {
            response: {
              case: 'responseTxn',
              value: { ...within(300), succeeded: true, responses: wireResponses },
            },
          },
        ],
      },
    );
    check(
      txnAnswer(header, { revision: 300, succeeded: false, responses: [] }),
      TxnResponseSchema,
      {
        header: wireHeader,
      },
    );
  });

  it('watch', () => {
    const [one, two] = several as [KeyValue, KeyValue];
    const gone = tombstone('a', 300, 0);
    const changes = [
      { type: 'put', kv: one, prevKv: two },
      { type: 'delete', kv: gone, prevKv: one },
      { type: 'put', kv: two },
    ] as const;
    for (const withPrevious of [false, true])
      check(
        watchAnswer(header, { watchId: 5n, changes, withPrevious, isFragment: withPrevious }),
        WatchResponseSchema,
        {
          header: wireHeader,
          watchId: 5n,
          fragment: withPrevious,
          events: [
            { type: EventType.PUT, kv: wireKv(one), ...(withPrevious && { prevKv: wireKv(two) }) },
            {
              type: EventType.DELETE,
              kv: wireKv(gone),
              ...(withPrevious && { prevKv: wireKv(one) }),
            },
            { type: EventType.PUT, kv: wireKv(two) },
          ],
        },
      );
  });
});
