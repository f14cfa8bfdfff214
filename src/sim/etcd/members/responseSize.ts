import type { KeyValue, OpResponse, RangeResponse, TxnResponse } from '../kv.ts';
import type { Lease } from '../lessor.ts';

// How many bytes an answer has in protobuf, as etcd's log tells. Of the header an answer has its revision at that time.
// Models go.etcd.io/etcd/api/v3/etcdserverpb rpc.pb.go.

export const sizeOfRange = ({ revision, kvs, more, count }: RangeResponse): number =>
  header(revision) + sum(kvs.map(message)) + flag(more) + varintField(count);

export const sizeOfTxn = ({ revision, succeeded, responses }: TxnResponse): number =>
  header(revision) + flag(succeeded) + sum(responses.map((it) => field(field(sizeOf(it)))));

export function sizeOf(response: OpResponse): number {
  switch (response.op) {
    case 'range':
      return sizeOfRange(response);
    case 'put':
      return header(response.kv.modRevision) + (response.prevKv ? message(response.prevKv) : 0);
    case 'delete':
      return (
        header(response.revision) +
        varintField(response.deleted) +
        sum(response.prevKvs.map(message))
      );
    case 'txn':
      return sizeOfTxn(response);
  }
}

/** The revision that it is at has about as many digits as the one that is compacted. */
export const sizeOfCompaction = (revision: number): number => header(revision);

/** With a header that has all: ids, which are as long as ids mostly are, revision and term, which are small. */
export const sizeOfGrant = ({ id, grantedTtl }: Lease): number =>
  field(10 + 11 + 2 + 2) + varintField(Number(BigInt.asUintN(63, id))) + varintField(grantedTtl);

const message = (kv: KeyValue): number =>
  field(
    bytes(kv.key.length) +
      varintField(kv.createRevision) +
      varintField(kv.modRevision) +
      varintField(kv.version) +
      bytes(kv.value.length) +
      varintField(Number(BigInt.asUintN(63, kv.lease))),
  );

const header = (revision: number): number => field(varintField(revision));

/** With its tag and length. */
const field = (size: number): number => 1 + varint(size) + size;

const bytes = (length: number): number => (length ? field(length) : 0);

const varintField = (value: number): number => (value ? 1 + varint(value) : 0);

const flag = (isSet: boolean): number => (isSet ? 2 : 0);

const varint = (value: number): number => {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
};

const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
