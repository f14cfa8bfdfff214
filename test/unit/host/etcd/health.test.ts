import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { EtcdDoor } from '../../../../src/host/etcd/etcdDoor.ts';
import {
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as Status,
  HealthCheckResponseSchema,
} from '../../../../src/host/etcd/gen/health_pb.js';
import { Store } from '../../../../src/sim/etcd/store.ts';
import { wallClock } from '../../../support/wallClock.ts';

/** As a real etcd 3.6.8 answers. */
describe("gRPC's health check of etcd", () => {
  let door: EtcdDoor;
  let session: http2.ClientHttp2Session;

  before(async () => {
    door = new EtcdDoor({ store: new Store(), host: '127.0.0.1', port: 0, clock: wallClock });
    session = http2.connect(`http://127.0.0.1:${await door.listen()}`);
  });
  after(() => {
    session.destroy();
    door.dispose();
  });

  /** The first message or the end of a call. */
  const call = (method: string, service: string): Promise<Status | string> =>
    new Promise((resolve, reject) => {
      const message = toBinary(
        HealthCheckRequestSchema,
        create(HealthCheckRequestSchema, { service }),
      );
      const head = Buffer.alloc(5);
      head.writeUInt32BE(message.length, 1);
      const stream = session.request({
        ':method': 'POST',
        ':path': `/grpc.health.v1.Health/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const ended = (headers: http2.IncomingHttpHeaders): void => {
        if (headers['grpc-status'] && headers['grpc-status'] !== '0')
          resolve(`${String(headers['grpc-status'])} ${String(headers['grpc-message'])}`);
      };
      stream.on('response', ended);
      stream.on('trailers', ended);
      stream.on('error', reject);
      stream.on('data', (data: Buffer) => {
        resolve(fromBinary(HealthCheckResponseSchema, data.subarray(5)).status);
        stream.close();
      });
      stream.end(Buffer.concat([head, message]));
    });

  it('says that it serves', async () => {
    assert.equal(await call('Check', ''), Status.SERVING);
    assert.equal(await call('Watch', ''), Status.SERVING);
  });

  it('knows no service by its name', async () => {
    assert.equal(await call('Check', 'etcdserverpb.KV'), '5 unknown service');
    assert.equal(await call('Watch', 'etcdserverpb.KV'), Status.SERVICE_UNKNOWN);
  });
});
