import { EtcdError, errors, grpcCode } from '../../../sim/etcd/errors.ts';
import type {
  Compare,
  DeleteRequest,
  Key,
  Op,
  PutRequest,
  RangeRequest,
  SortTarget,
  TxnRequest,
} from '../../../sim/etcd/kv.ts';
import { noValue } from '../../../sim/etcd/tombstone.ts';
import type { ProtoReader } from './protoReader.ts';

// The requests of the service KV in the words of the store. On the wire an empty range end is none.

export interface WireRange extends RangeRequest {
  readonly serializable: boolean;
}

const sortTargets: readonly SortTarget[] = ['key', 'version', 'create', 'mod', 'value'];
const order = { none: 0, ascend: 1, descend: 2 } as const;

export function readRange(reader: ProtoReader): WireRange {
  let key: Key = '';
  let rangeEnd: Key = '';
  let [limit, revision, sortOrder, sortTarget] = [0, 0, 0, 0];
  let [serializable, keysOnly, countOnly] = [false, false, false];
  let [minModRevision, maxModRevision, minCreateRevision, maxCreateRevision] = [0, 0, 0, 0];
  while (reader.next())
    switch (reader.field) {
      case 1:
        key = reader.latin1();
        break;
      case 2:
        rangeEnd = reader.latin1();
        break;
      case 3:
        limit = reader.number();
        break;
      case 4:
        revision = reader.number();
        break;
      case 5:
        sortOrder = reader.number();
        break;
      case 6:
        sortTarget = reader.number();
        break;
      case 7:
        serializable = reader.boolean();
        break;
      case 8:
        keysOnly = reader.boolean();
        break;
      case 9:
        countOnly = reader.boolean();
        break;
      case 10:
        minModRevision = reader.number();
        break;
      case 11:
        maxModRevision = reader.number();
        break;
      case 12:
        minCreateRevision = reader.number();
        break;
      case 13:
        maxCreateRevision = reader.number();
        break;
      default:
        reader.skip();
    }
  const target = sortTargets[sortTarget];
  if (!target || sortOrder < 0 || sortOrder > order.descend) throw errors.invalidSortOption();
  const isSorted = sortOrder !== order.none || target !== 'key';
  return {
    key,
    ...(rangeEnd && { rangeEnd }),
    // Negative revisions mean now, as in etcd.
    revision: Math.max(0, revision),
    limit: Math.max(0, limit),
    ...(isSorted && { sort: { target, descending: sortOrder === order.descend } }),
    serializable,
    keysOnly,
    countOnly,
    minModRevision,
    maxModRevision,
    minCreateRevision,
    maxCreateRevision,
  };
}

export function readPut(reader: ProtoReader): PutRequest {
  let key: Key = '';
  let value: Uint8Array = noValue;
  let lease = 0n;
  let [prevKv, ignoreValue, ignoreLease] = [false, false, false];
  while (reader.next())
    switch (reader.field) {
      case 1:
        key = reader.latin1();
        break;
      case 2:
        value = reader.bytes();
        break;
      case 3:
        lease = reader.bigint();
        break;
      case 4:
        prevKv = reader.boolean();
        break;
      case 5:
        ignoreValue = reader.boolean();
        break;
      case 6:
        ignoreLease = reader.boolean();
        break;
      default:
        reader.skip();
    }
  return { key, value, lease, prevKv, ignoreValue, ignoreLease };
}

export function readDelete(reader: ProtoReader): DeleteRequest {
  let key: Key = '';
  let rangeEnd: Key = '';
  let prevKv = false;
  while (reader.next())
    switch (reader.field) {
      case 1:
        key = reader.latin1();
        break;
      case 2:
        rangeEnd = reader.latin1();
        break;
      case 3:
        prevKv = reader.boolean();
        break;
      default:
        reader.skip();
    }
  return { key, ...(rangeEnd && { rangeEnd }), prevKv };
}

export function readTxn(reader: ProtoReader): TxnRequest {
  const compare: Compare[] = [];
  const success: Op[] = [];
  const failure: Op[] = [];
  while (reader.next())
    switch (reader.field) {
      case 1:
        compare.push(readCompare(reader.message()));
        break;
      case 2:
        success.push(readOp(reader.message()));
        break;
      case 3:
        failure.push(readOp(reader.message()));
        break;
      default:
        reader.skip();
    }
  return { compare, success, failure };
}

/** Of several operations, which nobody sends, the last one counts. */
function readOp(reader: ProtoReader): Op {
  let op: Op | undefined;
  while (reader.next())
    switch (reader.field) {
      case 1:
        op = { op: 'range', ...readRange(reader.message()) };
        break;
      case 2:
        op = { op: 'put', ...readPut(reader.message()) };
        break;
      case 3:
        op = { op: 'delete', ...readDelete(reader.message()) };
        break;
      case 4:
        op = { op: 'txn', ...readTxn(reader.message()) };
        break;
      default:
        reader.skip();
    }
  if (!op) throw errors.keyNotFound();
  return op;
}

const results: readonly Compare['result'][] = ['equal', 'greater', 'less', 'notEqual'];
const targets: readonly Compare['target'][] = ['version', 'create', 'mod', 'value', 'lease'];
/** The field of the operand for the first target; the others follow. */
const firstOperand = 4;

// Models etcdserver/txn applyCompare: an operand for another target counts as none.
function readCompare(reader: ProtoReader): Compare {
  let key: Key = '';
  let rangeEnd: Key = '';
  let [resultNumber, targetNumber, operandField] = [0, 0, 0];
  let operand: Compare['operand'] = 0;
  while (reader.next())
    switch (reader.field) {
      case 1:
        resultNumber = reader.number();
        break;
      case 2:
        targetNumber = reader.number();
        break;
      case 3:
        key = reader.latin1();
        break;
      case 4:
      case 5:
      case 6:
        operandField = reader.field;
        operand = reader.number();
        break;
      case 7:
        operandField = reader.field;
        operand = reader.bytes();
        break;
      case 8:
        operandField = reader.field;
        operand = reader.bigint();
        break;
      case 64:
        rangeEnd = reader.latin1();
        break;
      default:
        reader.skip();
    }
  const [result, target] = [results[resultNumber], targets[targetNumber]];
  if (!result || !target)
    throw new EtcdError(grpcCode.invalidArgument, 'etcdserver: unknown compare target or result');
  if (operandField !== firstOperand + targetNumber) operand = target === 'value' ? noValue : 0;
  return { key, ...(rangeEnd && { rangeEnd }), target, result, operand };
}
