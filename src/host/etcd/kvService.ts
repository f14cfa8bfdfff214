import { errors } from '../../sim/etcd/errors.ts';
import type { AuthStore } from '../../sim/etcd/auth/authStore.ts';
import type {
  Compare,
  DeleteRequest,
  Op,
  PutRequest,
  TxnRequest,
  TxnResponse,
} from '../../sim/etcd/kv.ts';
import type { Lessor } from '../../sim/etcd/lessor.ts';
import type { KV } from './gen/etcd_pb.js';
import { raw, type Handlers } from './grpcAdapter.ts';
import { after, checkedBy, type Etcd } from './services.ts';
import { readDelete, readPut, readRange, readTxn } from './wire/requests.ts';
import { deleteAnswer, putAnswer, rangeAnswer, txnAnswer } from './wire/responses.ts';

/** etcd's --max-request-bytes. */
export const maxRequestBytes = 1.5 * 1024 * 1024;
/** What a proposal has around the request. */
const proposalOverhead = 24;

/** Clients of this door come from outside: what they write has no cause but themselves. */
const outside = undefined;

export function kvService({ store, server, member, auth }: Etcd): Handlers<typeof KV> {
  return {
    range: raw(readRange, (request, { token }) => {
      auth.checkAccess(auth.userOf(token), 'read', request.key, request.rangeEnd);
      return after(server().read(request, request.serializable), (response) =>
        rangeAnswer(member.wireHeader(response.revision), response),
      );
    }),

    put: raw(readPut, (request, { token }) => {
      checkSize(request.key.length + request.value.length);
      checkPutAccess(request, auth.userOf(token), auth, store.leases);
      return after(
        server().propose({ do: 'put', request, ...checkedBy(auth) }, outside),
        (response) => putAnswer(member.wireHeader(response.kv.modRevision), response),
      );
    }),

    deleteRange: raw(readDelete, (request, { token }) => {
      checkDeleteAccess(request, auth.userOf(token), auth);
      return after(
        server().propose({ do: 'delete', request, ...checkedBy(auth) }, outside),
        (response) => deleteAnswer(member.wireHeader(response.revision), response),
      );
    }),

    txn: raw(readTxn, (request, { token }) => {
      checkSize(sizeOf(request));
      checkTxnAccess(request, auth.userOf(token), auth, store.leases);
      const write = (): TxnResponse | Promise<TxnResponse> =>
        server().propose({ do: 'txn', request, ...checkedBy(auth) }, outside);
      // What only reads is no entry of the log.
      const answered = isReadOnly(request) ? server().readTxn(request) : write();
      return after(answered, (response) =>
        txnAnswer(member.wireHeader(response.revision), response),
      );
    }),

    compact({ revision }, { token }) {
      auth.userOf(token);
      const command = { do: 'compact', revision: Number(revision), ...checkedBy(auth) } as const;
      return after<unknown, unknown>(server().propose(command, outside), () => ({
        header: member.header(),
      })) as { header: ReturnType<typeof member.header> };
    },
  };
}

const isReadOnly = ({ success, failure }: TxnRequest): boolean =>
  [...success, ...failure].every((op) => (op.op === 'txn' ? isReadOnly(op) : op.op === 'range'));

function checkSize(bytes: number): void {
  if (bytes + proposalOverhead > maxRequestBytes) throw errors.requestTooLarge();
}

function sizeOf({ compare, success, failure }: TxnRequest): number {
  const ofCompare = ({ key, operand }: Compare): number =>
    key.length + (operand instanceof Uint8Array ? operand.length : 8);
  const ofOp = (op: Op): number => {
    if (op.op === 'txn') return sizeOf(op);
    return op.key.length + (op.op === 'put' ? op.value.length : (op.rangeEnd?.length ?? 0));
  };
  const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
  return sum([...compare.map(ofCompare), ...success.map(ofOp), ...failure.map(ofOp)]);
}

// Models go.etcd.io/etcd/server/v3/etcdserver/apply authApplierV3 and etcdserver/txn CheckTxnAuth.

function checkPutAccess(
  request: PutRequest,
  user: string | undefined,
  auth: AuthStore,
  leases: Lessor,
): void {
  if (!auth.isEnabled) return;
  auth.checkAccess(user, 'write', request.key);
  // Who may not write a lease's keys may not revoke it, hence may not make others depend on it either.
  checkLeaseAccess(request.lease ?? 0n, user, auth, leases);
  if (request.prevKv) auth.checkAccess(user, 'read', request.key);
}

export function checkLeaseAccess(
  id: bigint,
  user: string | undefined,
  auth: AuthStore,
  leases: Lessor,
): void {
  const lease = leases.get(id);
  if (!lease || auth.isAdmin(user)) return;
  for (const key of lease.keys) auth.checkAccess(user, 'write', key);
}

function checkDeleteAccess(
  { key, rangeEnd, prevKv }: DeleteRequest,
  user: string | undefined,
  auth: AuthStore,
): void {
  auth.checkAccess(user, 'write', key, rangeEnd);
  if (prevKv) auth.checkAccess(user, 'read', key, rangeEnd);
}

function checkTxnAccess(
  { compare, success, failure }: TxnRequest,
  user: string | undefined,
  auth: AuthStore,
  leases: Lessor,
): void {
  if (!auth.isEnabled) return;
  for (const { key, rangeEnd } of compare) auth.checkAccess(user, 'read', key, rangeEnd);
  for (const op of [...success, ...failure])
    switch (op.op) {
      case 'range':
        auth.checkAccess(user, 'read', op.key, op.rangeEnd);
        break;
      case 'put':
        checkPutAccess(op, user, auth, leases);
        break;
      case 'delete':
        checkDeleteAccess(op, user, auth);
        break;
      case 'txn':
        checkTxnAccess(op, user, auth, leases);
    }
}
