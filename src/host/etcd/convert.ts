import type { MessageInitShape } from '@bufbuild/protobuf';
import { EtcdError, errors, grpcCode } from '../../sim/etcd/errors.ts';
import { bytesOfKey, keyOfBytes } from '../../sim/etcd/key.ts';
import type {
  Compare,
  Key,
  KeyValue,
  Op,
  OpResponse,
  PutRequest,
  DeleteRequest,
  RangeRequest,
  RangeResponse,
  SortTarget,
  TxnRequest,
  TxnResponse,
} from '../../sim/etcd/kv.ts';
import {
  Compare_CompareResult as Result,
  Compare_CompareTarget as Target,
  RangeRequest_SortOrder as Order,
  type Compare as WireCompare,
  type DeleteRangeRequest as WireDelete,
  type KeyValueSchema,
  type PutRequest as WirePut,
  type RangeRequest as WireRange,
  type RequestOp,
  type ResponseOpSchema,
  type TxnRequest as WireTxn,
} from './gen/etcd_pb.js';

// What comes over the wire, in the words of the store, and back. On the wire an empty range end is none.

type WireKeyValue = MessageInitShape<typeof KeyValueSchema>;

export const rangeEnd = (bytes: Uint8Array): { rangeEnd?: Key } =>
  bytes.length ? { rangeEnd: keyOfBytes(bytes) } : {};

export const keyValue = (kv: KeyValue): WireKeyValue => ({
  key: bytesOfKey(kv.key),
  createRevision: BigInt(kv.createRevision),
  modRevision: BigInt(kv.modRevision),
  version: BigInt(kv.version),
  value: kv.value,
  lease: kv.lease,
});

const sortTargets: readonly SortTarget[] = ['key', 'version', 'create', 'mod', 'value'];

export function rangeRequest(wire: WireRange): RangeRequest {
  const target = sortTargets[wire.sortTarget];
  if (!target || !(wire.sortOrder in Order)) throw errors.invalidSortOption();
  const isSorted = wire.sortOrder !== Order.NONE || target !== 'key';
  return {
    key: keyOfBytes(wire.key),
    ...rangeEnd(wire.rangeEnd),
    // Negative revisions mean now, as in etcd.
    revision: Math.max(0, Number(wire.revision)),
    limit: Math.max(0, Number(wire.limit)),
    ...(isSorted && { sort: { target, descending: wire.sortOrder === Order.DESCEND } }),
    keysOnly: wire.keysOnly,
    countOnly: wire.countOnly,
    minModRevision: Number(wire.minModRevision),
    maxModRevision: Number(wire.maxModRevision),
    minCreateRevision: Number(wire.minCreateRevision),
    maxCreateRevision: Number(wire.maxCreateRevision),
  };
}

export const rangeResponse = (response: RangeResponse) => ({
  kvs: response.kvs.map(keyValue),
  more: response.more,
  count: BigInt(response.count),
});

export const putRequest = (wire: WirePut): PutRequest => ({
  key: keyOfBytes(wire.key),
  value: wire.value,
  lease: wire.lease,
  prevKv: wire.prevKv,
  ignoreValue: wire.ignoreValue,
  ignoreLease: wire.ignoreLease,
});

export const deleteRequest = (wire: WireDelete): DeleteRequest => ({
  key: keyOfBytes(wire.key),
  ...rangeEnd(wire.rangeEnd),
  prevKv: wire.prevKv,
});

export const txnRequest = (wire: WireTxn): TxnRequest => ({
  compare: wire.compare.map(compare),
  success: wire.success.map(op),
  failure: wire.failure.map(op),
});

function op({ request }: RequestOp): Op {
  switch (request.case) {
    case 'requestRange':
      return { op: 'range', ...rangeRequest(request.value) };
    case 'requestPut':
      return { op: 'put', ...putRequest(request.value) };
    case 'requestDeleteRange':
      return { op: 'delete', ...deleteRequest(request.value) };
    case 'requestTxn':
      return { op: 'txn', ...txnRequest(request.value) };
    case undefined:
      throw errors.keyNotFound();
  }
}

const results: Readonly<Record<Result, Compare['result']>> = {
  [Result.EQUAL]: 'equal',
  [Result.GREATER]: 'greater',
  [Result.LESS]: 'less',
  [Result.NOT_EQUAL]: 'notEqual',
};

const targets: Readonly<Record<Target, Compare['target']>> = {
  [Target.VERSION]: 'version',
  [Target.CREATE]: 'create',
  [Target.MOD]: 'mod',
  [Target.VALUE]: 'value',
  [Target.LEASE]: 'lease',
};

function compare(wire: WireCompare): Compare {
  if (!(wire.target in targets) || !(wire.result in results))
    throw new EtcdError(grpcCode.invalidArgument, 'etcdserver: unknown compare target or result');
  const target = targets[wire.target];
  return {
    key: keyOfBytes(wire.key),
    ...rangeEnd(wire.rangeEnd),
    target,
    result: results[wire.result],
    operand: wire.targetUnion.value ?? (target === 'value' ? new Uint8Array() : 0n),
  };
}

export const txnResponse = (
  response: TxnResponse,
): { succeeded: boolean; responses: MessageInitShape<typeof ResponseOpSchema>[] } => ({
  succeeded: response.succeeded,
  responses: response.responses.map(opResponse),
});

/** Answers within a transaction have the revision alone in their headers. */
function opResponse(response: OpResponse): MessageInitShape<typeof ResponseOpSchema> {
  const header = (revision: number) => ({ header: { revision: BigInt(revision) } });
  switch (response.op) {
    case 'range':
      return {
        response: {
          case: 'responseRange',
          value: { ...header(response.revision), ...rangeResponse(response) },
        },
      };
    case 'put':
      return {
        response: {
          case: 'responsePut',
          value: {
            ...header(response.kv.modRevision),
            ...(response.prevKv && { prevKv: keyValue(response.prevKv) }),
          },
        },
      };
    case 'delete':
      return {
        response: {
          case: 'responseDeleteRange',
          value: {
            ...header(response.revision),
            deleted: BigInt(response.deleted),
            prevKvs: response.prevKvs.map(keyValue),
          },
        },
      };
    case 'txn':
      return {
        response: {
          case: 'responseTxn',
          value: { ...header(response.revision), ...txnResponse(response) },
        },
      };
  }
}
