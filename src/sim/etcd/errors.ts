/** gRPC status codes that etcd uses. */
export const grpcCode = {
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
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
} as const;

/** Whether a read was refused because its revision is compacted away. */
export const isCompacted = (thrown: unknown): boolean =>
  thrown instanceof EtcdError && thrown.message === errors.compacted().message;
