import type {
  KeyValue,
  OpResponse,
  RangeResponse,
  TxnResponse,
  WatchedChange,
} from '../../../sim/etcd/kv.ts';
import { ProtoWriter } from './protoWriter.ts';

/** What every answer begins with. */
export interface Header {
  /** What `headerIds` made of the ids, which stay the same. */
  readonly ids: Uint8Array;
  readonly revision: number;
  readonly term: number;
}

type Put = Omit<Extract<OpResponse, { op: 'put' }>, 'op'>;
type Delete = Omit<Extract<OpResponse, { op: 'delete' }>, 'op'>;

// The answers that come by the thousand, as gRPC sends them. Fields are written from the last to the first.

const writer = new ProtoWriter();

export function headerIds(clusterId: bigint, memberId: bigint): Uint8Array {
  writer.begin();
  writer.bigint(2, memberId);
  writer.bigint(1, clusterId);
  return writer.message();
}

export function rangeAnswer(header: Header, response: RangeResponse): Buffer {
  writer.begin();
  writeRange(response);
  writeHeader(header);
  return writer.framed();
}

export function putAnswer(header: Header, response: Put): Buffer {
  writer.begin();
  writePut(response);
  writeHeader(header);
  return writer.framed();
}

export function deleteAnswer(header: Header, response: Delete): Buffer {
  writer.begin();
  writeDelete(response);
  writeHeader(header);
  return writer.framed();
}

export function txnAnswer(header: Header, response: TxnResponse): Buffer {
  writer.begin();
  writeTxn(response);
  writeHeader(header);
  return writer.framed();
}

/** What a watch is told. */
export interface Told {
  readonly watchId: bigint;
  readonly changes: readonly WatchedChange[];
  readonly withPrevious: boolean;
  /** More of the same follows. */
  readonly isFragment: boolean;
}

export function watchAnswer(
  header: Header,
  { watchId, changes, withPrevious, isFragment }: Told,
): Buffer {
  writer.begin();
  for (let i = changes.length - 1; i >= 0; i--) {
    const { type, kv, prevKv } = changes[i] as WatchedChange;
    const end = writer.position;
    if (withPrevious && prevKv) writeKeyValue(3, prevKv);
    writeKeyValue(2, kv);
    writer.number(1, type === 'delete' ? 1 : 0);
    writer.close(11, end);
  }
  writer.boolean(7, isFragment);
  writer.bigint(2, watchId);
  writeHeader(header);
  return writer.framed();
}

/** A version of a key as a message. */
export function keyValueMessage(kv: KeyValue): Buffer {
  writer.begin();
  writeFields(kv);
  return writer.message();
}

function writeHeader({ ids, revision, term }: Header): void {
  const end = writer.position;
  writer.number(4, term);
  writer.number(3, revision);
  writer.raw(ids);
  writer.close(1, end);
}

/** Answers within a transaction have the revision alone in their headers. */
function writeRevision(revision: number): void {
  const end = writer.position;
  writer.number(3, revision);
  writer.close(1, end);
}

function writeRange({ kvs, more, count }: RangeResponse): void {
  writer.number(4, count);
  writer.boolean(3, more);
  writeKeyValues(2, kvs);
}

function writePut({ prevKv }: Put): void {
  if (prevKv) writeKeyValue(2, prevKv);
}

function writeDelete({ deleted, prevKvs }: Delete): void {
  writeKeyValues(3, prevKvs);
  writer.number(2, deleted);
}

function writeTxn({ succeeded, responses }: TxnResponse): void {
  for (let i = responses.length - 1; i >= 0; i--) {
    const end = writer.position;
    writeOp(responses[i] as OpResponse);
    writer.close(3, end);
  }
  writer.boolean(2, succeeded);
}

function writeOp(response: OpResponse): void {
  const end = writer.position;
  switch (response.op) {
    case 'range':
      writeRange(response);
      writeRevision(response.revision);
      writer.close(1, end);
      break;
    case 'put':
      writePut(response);
      writeRevision(response.kv.modRevision);
      writer.close(2, end);
      break;
    case 'delete':
      writeDelete(response);
      writeRevision(response.revision);
      writer.close(3, end);
      break;
    case 'txn':
      writeTxn(response);
      writeRevision(response.revision);
      writer.close(4, end);
  }
}

function writeKeyValues(field: number, kvs: readonly KeyValue[]): void {
  for (let i = kvs.length - 1; i >= 0; i--) writeKeyValue(field, kvs[i] as KeyValue);
}

function writeKeyValue(field: number, kv: KeyValue): void {
  const end = writer.position;
  writeFields(kv);
  writer.close(field, end);
}

function writeFields({ key, createRevision, modRevision, version, value, lease }: KeyValue): void {
  writer.bigint(6, lease);
  writer.bytes(5, value);
  writer.number(4, version);
  writer.number(3, modRevision);
  writer.number(2, createRevision);
  writer.latin1(1, key);
}
