import { errors } from './errors.ts';
import type { KeyIndex } from './keyIndex.ts';
import type { Compare, Key, KeyValue, Op, PutRequest, TxnRequest } from './kv.ts';
import { compareBytes } from './range.ts';
import { inRange } from './watchers.ts';

/** etcd's --max-txn-ops. */
const maxOps = 128;

/** A transaction whose comparisons are made, those of nested ones too: what remains is to be done in order. */
export interface Plan {
  readonly succeeded: boolean;
  readonly steps: readonly Step[];
}

export type Step = Exclude<Op, { op: 'txn' }> | { readonly op: 'txn'; readonly plan: Plan };

/** Compares everything with the store as it is before the first write. Models etcdserver/txn compareToPath. */
export function planTxn(request: TxnRequest, index: KeyIndex): Plan {
  const succeeded = request.compare.every((compare) => compareHolds(compare, index));
  const ops = succeeded ? request.success : request.failure;
  return {
    succeeded,
    steps: ops.map((op) => (op.op === 'txn' ? { op: 'txn', plan: planTxn(op, index) } : op)),
  };
}

/** Refuses a request that is wrong by itself. Models etcdserver/api/v3rpc checkTxnRequest and checkIntervals. */
export function checkTxn(request: TxnRequest): void {
  checkOps(request, maxOps);
  checkOverlaps(request.success);
  checkOverlaps(request.failure);
}

export function checkPut(request: PutRequest): void {
  if (request.key === '') throw errors.emptyKey();
  if (request.ignoreValue && request.value.length) throw errors.valueProvided();
  if (request.ignoreLease && request.lease) throw errors.leaseProvided();
}

/** What a transaction may put, for the quota: the costlier arm. Models etcd's server/v3/storage costTxn. */
export function costOf(request: TxnRequest): { readonly puts: number; readonly bytes: number } {
  const [success, failure] = [costOfOps(request.success), costOfOps(request.failure)];
  return success.puts * 512 + success.bytes >= failure.puts * 512 + failure.bytes
    ? success
    : failure;
}

function costOfOps(ops: readonly Op[]): { puts: number; bytes: number } {
  const cost = { puts: 0, bytes: 0 };
  for (const op of ops) {
    if (op.op !== 'put' && op.op !== 'txn') continue;
    const { puts, bytes } =
      op.op === 'txn' ? costOf(op) : { puts: 1, bytes: op.key.length + op.value.length };
    cost.puts += puts;
    cost.bytes += bytes;
  }
  return cost;
}

function checkOps({ compare, success, failure }: TxnRequest, limit: number): void {
  const count = Math.max(compare.length, success.length, failure.length);
  if (count > limit) throw errors.tooManyOps();
  for (const { key } of compare) if (key === '') throw errors.emptyKey();
  for (const op of [...success, ...failure]) {
    if (op.op === 'txn') checkOps(op, limit - count);
    else if (op.op === 'put') checkPut(op);
    else if (op.key === '') throw errors.emptyKey();
  }
}

interface Writes {
  readonly puts: Set<Key>;
  readonly deletes: { readonly key: Key; readonly rangeEnd?: Key }[];
}

/**
 * A key may be put once, and what is deleted may not be put as well, nested transactions included. Only one arm of a
 * nested one is taken, so its two arms may put the same key.
 */
function checkOverlaps(ops: readonly Op[]): Writes {
  const puts = new Set<Key>();
  const deletes: Writes['deletes'] = ops.filter((op) => op.op === 'delete');
  const check = (key: Key): void => {
    if (puts.has(key) || deletes.some((range) => inRange(key, range.key, range.rangeEnd)))
      throw errors.duplicateKey();
  };
  for (const op of ops) {
    if (op.op !== 'txn') continue;
    const arms = [checkOverlaps(op.success), checkOverlaps(op.failure)];
    const inner = new Set(arms.flatMap((arm) => [...arm.puts]));
    for (const key of inner) check(key);
    for (const key of inner) puts.add(key);
    deletes.push(...arms.flatMap((arm) => arm.deletes));
  }
  for (const op of ops) {
    if (op.op !== 'put') continue;
    check(op.key);
    puts.add(op.key);
  }
  return { puts, deletes };
}

/** Whether a comparison holds for the key, or for all keys of its range. A key that is not there compares as zeros. */
function compareHolds(compare: Compare, index: KeyIndex): boolean {
  const found: KeyValue[] = [];
  index.scan(compare.key, compare.rangeEnd, (kv) => found.push(kv) > 0);
  if (!found.length)
    return compare.target !== 'value' && fits(compare.result, compareNumbers(0, compare.operand));
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
