/** gRPC status codes that etcd uses. */
export const grpcCode = {
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** What etcd answers when it does not do as asked. Models go.etcd.io/etcd/api/v3/v3rpc/rpctypes. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const error = (code: number, message: string) => (): EtcdError =>
  new EtcdError(code, `etcdserver: ${message}`);

export const errors = {
  emptyKey: error(grpcCode.invalidArgument, 'key is not provided'),
  keyNotFound: error(grpcCode.invalidArgument, 'key not found'),
  valueProvided: error(grpcCode.invalidArgument, 'value is provided'),
  leaseProvided: error(grpcCode.invalidArgument, 'lease is provided'),
  tooManyOps: error(grpcCode.invalidArgument, 'too many operations in txn request'),
  duplicateKey: error(grpcCode.invalidArgument, 'duplicate key given in txn request'),
  compacted: error(grpcCode.outOfRange, 'mvcc: required revision has been compacted'),
  futureRevision: error(grpcCode.outOfRange, 'mvcc: required revision is a future revision'),
  noSpace: error(grpcCode.resourceExhausted, 'mvcc: database space exceeded'),
  leaseNotFound: error(grpcCode.notFound, 'requested lease not found'),
  leaseExists: error(grpcCode.failedPrecondition, 'lease already exists'),
  leaseTtlTooLarge: error(grpcCode.outOfRange, 'too large lease TTL'),
  requestTooLarge: error(grpcCode.invalidArgument, 'request is too large'),
  invalidSortOption: error(grpcCode.invalidArgument, 'invalid sort option'),
  badLeaderTransferee: error(grpcCode.failedPrecondition, 'bad leader transferee'),
  memberNotFound: error(grpcCode.notFound, 'member not found'),
  memberExists: error(grpcCode.failedPrecondition, 'member ID already exist'),
  peerUrlExists: error(grpcCode.failedPrecondition, 'Peer URLs already exists'),
  memberBadUrls: error(grpcCode.invalidArgument, 'given member URLs are invalid'),
  memberNotLearner: error(grpcCode.failedPrecondition, 'can only promote a learner member'),
  learnerNotReady: error(
    grpcCode.failedPrecondition,
    'can only promote a learner member which is in sync with leader',
  ),
  tooManyLearners: error(grpcCode.failedPrecondition, 'too many learner members in cluster'),
  notEnoughStarted: error(
    grpcCode.failedPrecondition,
    're-configuration failed due to not enough started members',
  ),
  notForLearner: error(grpcCode.failedPrecondition, 'rpc not supported for learner'),
  notLeader: error(grpcCode.failedPrecondition, 'not leader'),
  noLeader: error(grpcCode.unavailable, 'no leader'),
  leaderChanged: error(grpcCode.unavailable, 'leader changed'),
  stopped: error(grpcCode.unavailable, 'server stopped'),
  unhealthy: error(grpcCode.unavailable, 'unhealthy cluster'),
  timeout: error(grpcCode.unavailable, 'request timed out'),
  timeoutLeaderFailed: error(
    grpcCode.unavailable,
    'request timed out, possibly due to previous leader failure',
  ),
  timeoutConnectionLost: error(
    grpcCode.unavailable,
    'request timed out, possibly due to connection lost',
  ),
  timeoutLeaderTransfer: error(
    grpcCode.unavailable,
    'request timed out, leader transfer took too long',
  ),
  /** Nobody led for so long that it was never proposed. */
  deadlineExceeded: () => new EtcdError(grpcCode.deadlineExceeded, 'context deadline exceeded'),
  tooManyRequests: error(grpcCode.resourceExhausted, 'too many requests'),

  rootUserNotExist: error(grpcCode.failedPrecondition, 'root user does not exist'),
  rootRoleNotExist: error(grpcCode.failedPrecondition, 'root user does not have root role'),
  userAlreadyExists: error(grpcCode.failedPrecondition, 'user name already exists'),
  userEmpty: error(grpcCode.invalidArgument, 'user name is empty'),
  userNotFound: error(grpcCode.failedPrecondition, 'user name not found'),
  roleAlreadyExists: error(grpcCode.failedPrecondition, 'role name already exists'),
  roleNotFound: error(grpcCode.failedPrecondition, 'role name not found'),
  roleEmpty: error(grpcCode.invalidArgument, 'role name is empty'),
  authFailed: error(grpcCode.invalidArgument, 'authentication failed, invalid user ID or password'),
  permissionNotGiven: error(grpcCode.invalidArgument, 'permission not given'),
  permissionDenied: error(grpcCode.permissionDenied, 'permission denied'),
  roleNotGranted: error(grpcCode.failedPrecondition, 'role is not granted to the user'),
  permissionNotGranted: error(grpcCode.failedPrecondition, 'permission is not granted to the role'),
  authNotEnabled: error(grpcCode.failedPrecondition, 'authentication is not enabled'),
  invalidAuthToken: error(grpcCode.unauthenticated, 'invalid auth token'),
  authOldRevision: error(grpcCode.invalidArgument, 'revision of auth store is old'),
  invalidAuthManagement: error(grpcCode.invalidArgument, 'invalid auth management'),
  /** Ours: etcd itself could. */
  oneMemberOnly: error(
    grpcCode.unimplemented,
    'a cluster of one member that gets others is not simulated yet; start it with --etcd-members 3',
  ),
  /** Leadership is on its way to somebody else. */
  proposalDropped: () => new EtcdError(grpcCode.unknown, 'raft proposal dropped'),
  /** What a client says that reaches nobody. */
  unreachable: () => new EtcdError(grpcCode.unavailable, 'connection refused'),
  /** Unlike the others without the server's name in front. */
  noPasswordUser: () =>
    new EtcdError(
      grpcCode.unknown,
      'auth: authentication failed, password was given for no password user',
    ),
} as const;

/** Whether a read was refused because its revision is compacted away. */
export const isCompacted = (thrown: unknown): boolean =>
  thrown instanceof EtcdError && thrown.message === errors.compacted().message;

/** Whether somebody was refused for who they are. */
export const isOfUsers = (thrown: unknown): boolean =>
  thrown instanceof EtcdError &&
  [errors.permissionDenied, errors.invalidAuthToken, errors.userNotFound].some(
    (refusal) => refusal().message === thrown.message,
  );
