import type { AuthChange } from '../auth/authChange.ts';
import type {
  Compare,
  DeleteRequest,
  Key,
  Op,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from '../kv.ts';
import type { Command } from './command.ts';

// Requests as etcd's log has them: values as their sizes, the rest as Go prints messages.
// Models go.etcd.io/etcd/api/v3/etcdserverpb raft_internal_stringer.go.

/** What is in the log of the cluster. @param id numbers the request */
export function textOfCommand(command: Command, id: bigint): string {
  return `header:<ID:${id} > ${bodyOf(command)}`;
}

function bodyOf(command: Command): string {
  switch (command.do) {
    case 'put':
      return `put:<${textOfPut(command.request)}>`;
    case 'delete':
      return `delete_range:<${textOfDelete(command.request)}> `;
    case 'txn':
      return `txn:<${textOfTxn(command.request)}>`;
    case 'compact':
      return `compaction:<${number('revision', command.revision)}> `;
    case 'grant':
      return `lease_grant:<ttl:${command.ttl}-second id:${hex(command.lease)}>`;
    case 'revoke':
      return `lease_revoke:<id:${hex(command.lease)}>`;
    case 'raiseNoSpace':
      return 'alarm:<action:ACTIVATE alarm:NOSPACE > ';
    case 'disarmNoSpace':
      return 'alarm:<action:DEACTIVATE alarm:NOSPACE > ';
    case 'auth':
      return textOfAuth(command.change);
    case 'member': {
      const { id, name, clientUrls } = command.member;
      const urls = clientUrls.map((url) => bytes('client_urls', url)).join('');
      return `cluster_member_attr_set:<member_ID:${id} member_attributes:<${bytes('name', name)}${urls}> > `;
    }
  }
}

/** Without passwords, and without what is left of them. */
function textOfAuth(change: AuthChange): string {
  switch (change.op) {
    case 'enable':
    case 'disable':
      return `auth_${change.op}:<> `;
    case 'authenticate':
      return `authenticate:<name:${change.user} simple_token:${change.prefix}>`;
    case 'addUser':
      return `auth_user_add:<name:${change.user}>`;
    case 'changePassword':
      return `auth_user_change_password:<name:${change.user}>`;
    case 'deleteUser':
      return `auth_user_delete:<${bytes('name', change.user)}> `;
    case 'grantRole':
      return `auth_user_grant_role:<${bytes('user', change.user)}${bytes('role', change.role)}> `;
    case 'revokeRole':
      return `auth_user_revoke_role:<${bytes('name', change.user)}${bytes('role', change.role)}> `;
    case 'addRole':
      return `auth_role_add:<${bytes('name', change.role)}> `;
    case 'deleteRole':
      return `auth_role_delete:<${bytes('role', change.role)}> `;
    case 'grantPermission': {
      const { access = 'read', key, rangeEnd } = change.permission ?? {};
      const type = access === 'read' ? '' : `permType:${access.toUpperCase()} `;
      const perm = `perm:<${type}${bytes('key', key)}${bytes('range_end', rangeEnd)}> `;
      return `auth_role_grant_permission:<${bytes('name', change.role)}${perm}> `;
    }
    case 'revokePermission': {
      const { key, rangeEnd } = change.range;
      return `auth_role_revoke_permission:<${bytes('role', change.role)}${bytes('key', key)}${bytes('range_end', rangeEnd)}> `;
    }
  }
}

export function textOfRange(request: RangeRequest, isSerializable: boolean): string {
  const { sort } = request;
  return [
    bytes('key', request.key),
    bytes('range_end', request.rangeEnd),
    number('limit', request.limit),
    number('revision', request.revision),
    sort ? `sort_order:${sort.descending ? 'DESCEND' : 'ASCEND'} ` : '',
    sort && sort.target !== 'key' ? `sort_target:${sort.target.toUpperCase()} ` : '',
    flag('serializable', isSerializable),
    flag('keys_only', request.keysOnly),
    flag('count_only', request.countOnly),
    number('min_mod_revision', request.minModRevision),
    number('max_mod_revision', request.maxModRevision),
    number('min_create_revision', request.minCreateRevision),
    number('max_create_revision', request.maxCreateRevision),
  ].join('');
}

export const textOfTxn = ({ compare, success, failure }: TxnRequest): string =>
  `compare:<${compare.map(textOfCompare).join(' ')}> success:<${success.map(textOfOp).join(' ')}> failure:<${failure.map(textOfOp).join(' ')}>`;

function textOfOp(op: Op): string {
  switch (op.op) {
    case 'put':
      return `request_put:<${textOfPut(op)}>`;
    case 'txn':
      return `request_txn:<${textOfTxn(op)}>`;
    case 'range':
      return `request_range:<${textOfRange(op, false)}> `;
    case 'delete':
      return `request_delete_range:<${textOfDelete(op)}> `;
  }
}

const textOfPut = (put: PutRequest): string =>
  [
    bytes('key', put.key),
    number('value_size', put.value.length),
    number('lease', put.lease),
    flag('prev_kv', put.prevKv),
    flag('ignore_value', put.ignoreValue),
    flag('ignore_lease', put.ignoreLease),
  ].join('');

const textOfDelete = ({ key, rangeEnd, prevKv }: DeleteRequest): string =>
  bytes('key', key) + bytes('range_end', rangeEnd) + flag('prev_kv', prevKv);

const results = { equal: '', greater: 'GREATER', less: 'LESS', notEqual: 'NOT_EQUAL' };
const targets = {
  version: ['', 'version'],
  create: ['CREATE', 'create_revision'],
  mod: ['MOD', 'mod_revision'],
  value: ['VALUE', 'value_size'],
  lease: ['LEASE', 'lease'],
} as const;

function textOfCompare({ result, target, key, operand, rangeEnd }: Compare): string {
  const [name, field] = targets[target];
  return [
    results[result] && `result:${results[result]} `,
    name && `target:${name} `,
    bytes('key', key),
    `${field}:${operand instanceof Uint8Array ? operand.length : operand} `,
    bytes('range_end', rangeEnd),
  ].join('');
}

const hex = (id: bigint): string => BigInt.asUintN(64, id).toString(16).padStart(16, '0');

/** Fields without a value are left out. */
const number = (name: string, value: number | bigint | undefined): string =>
  value ? `${name}:${value} ` : '';

const flag = (name: string, isSet: boolean | undefined): string => (isSet ? `${name}:true ` : '');

const bytes = (name: string, value: Key | undefined): string =>
  value ? `${name}:"${value.replace(/["\\\0-\x1f\x7f-\xff]/g, escaped)}" ` : '';

const short: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
};

const escaped = (char: string): string =>
  short[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;
