import { EtcdError, grpcCode } from '../../sim/etcd/errors.ts';
import { HealthCheckResponse_ServingStatus as Status, type Health } from './gen/health_pb.js';
import type { Handlers } from './grpcAdapter.ts';
import type { Etcd } from './services.ts';

/** The whole server; etcd has no other name in its list. */
const wholeServer = '';

/**
 * gRPC's own health check: a member serves as long as it runs. Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc
 * healthNotifier and google.golang.org/grpc/health Server.
 */
export function healthService({ server }: Etcd): Handlers<typeof Health> {
  return {
    check({ service }) {
      server();
      if (service !== wholeServer) throw new EtcdError(grpcCode.notFound, 'unknown service');
      return { status: Status.SERVING };
    },

    watch({ service }, stream) {
      server();
      stream.send({ status: service === wholeServer ? Status.SERVING : Status.SERVICE_UNKNOWN });
    },
  };
}
