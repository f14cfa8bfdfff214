import { errors } from './errors.ts';
import type { KeyIndex } from './keyIndex.ts';
import type { Compare, Key, KeyValue, Op, TxnRequest } from './kv.ts';
import { compareBytes } from './range.ts';
import { inRange } from './watchers.ts';

/** etcd's --max-txn-ops. */
const maxOps = 128;

interface Leases {
  has(id: bigint): boolean;
}

/** Refuses a transaction before anything is done. Models checkTxnRequest of etcdserver/api/v3rpc and checkRequestPut of etcdserver/txn. */
export function checkTxn(
  request: TxnRequest,
  get: (key: Key) => KeyValue | undefined,
  leases: Leases,
): void {
  if (Math.max(request.compare.length, request.success.length, request.failure.length) > maxOps)
    throw errors.tooManyOps();
  for (const { key } of request.compare) if (key === '') throw errors.emptyKey();
  for (const branch of [request.success, request.failure]) {
    for (const op of branch) checkOp(op, get, leases);
    checkOverlaps(branch);
  }
}

function checkOp(op: Op, get: (key: Key) => KeyValue | undefined, leases: Leases): void {
  if (op.op === 'txn') {
    checkTxn(op, get, leases);
    return;
  }
  if (op.key === '') throw errors.emptyKey();
  if (op.op !== 'put') return;
  if (op.ignoreValue && op.value.length) throw errors.valueProvided();
  if (op.ignoreLease && op.lease) throw errors.leaseProvided();
  if ((op.ignoreValue || op.ignoreLease) && !get(op.key)) throw errors.keyNotFound();
  if (op.lease && !leases.has(op.lease)) throw errors.leaseNotFound();
}

/** A key may be put once in a branch, and may not be deleted in it as well. Both arms of a nested transaction count. */
function checkOverlaps(ops: readonly Op[]): {
  puts: Set<Key>;
  deletes: { key: Key; rangeEnd?: Key }[];
} {
  const puts = new Set<Key>();
  const deletes = ops.filter((op) => op.op === 'delete');
  const isDeleted = (key: Key) => deletes.some((range) => inRange(key, range.key, range.rangeEnd));
  const nestedDeletes: { key: Key; rangeEnd?: Key }[] = [];
  for (const op of ops) {
    if (op.op !== 'txn') continue;
    const arms = [checkOverlaps(op.success), checkOverlaps(op.failure)];
    const inner = new Set(arms.flatMap((arm) => [...arm.puts]));
    for (const key of inner) {
      if (puts.has(key) || isDeleted(key)) throw errors.duplicateKey();
      puts.add(key);
    }
    nestedDeletes.push(...arms.flatMap((arm) => arm.deletes));
  }
  for (const op of ops) {
    if (op.op !== 'put') continue;
    if (puts.has(op.key) || isDeleted(op.key)) throw errors.duplicateKey();
    if (nestedDeletes.some((range) => inRange(op.key, range.key, range.rangeEnd)))
      throw errors.duplicateKey();
    puts.add(op.key);
  }
  return { puts, deletes: [...deletes, ...nestedDeletes] };
}

/** Whether a comparison holds for the key, or for all keys of its range. A key that is not there compares as zeros. */
export function compareHolds(compare: Compare, index: KeyIndex, revision: number): boolean {
  const found: KeyValue[] = [];
  index.scan(compare.key, compare.rangeEnd, revision, (kv) => found.push(kv) > 0);
  if (!found.length)
    return compare.target === 'value'
      ? false
      : fits(compare.result, compareNumbers(0, compare.operand));
  return found.every((kv) => fits(compare.result, compareTo(kv, compare)));
}

function compareTo(kv: KeyValue, { target, operand }: Compare): number {
  switch (target) {
    case 'version':
      return compareNumbers(kv.version, operand);
    case 'create':
      return compareNumbers(kv.createRevision, operand);
    case 'mod':
      return compareNumbers(kv.modRevision, operand);
    case 'lease':
      return compareNumbers(kv.lease, operand);
    case 'value':
      return compareBytes(kv.value, operand as Uint8Array);
  }
}

function compareNumbers(actual: number | bigint, operand: Compare['operand']): number {
  const difference = BigInt(actual) - BigInt(operand as number | bigint);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function fits(result: Compare['result'], order: number): boolean {
  switch (result) {
    case 'equal':
      return order === 0;
    case 'greater':
      return order > 0;
    case 'less':
      return order < 0;
    case 'notEqual':
      return order !== 0;
  }
}
