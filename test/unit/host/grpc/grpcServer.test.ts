import assert from 'node:assert/strict';
import http2, { type IncomingHttpHeaders } from 'node:http2';
import net from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { GrpcServer } from '../../../../src/host/grpc/grpcServer.ts';
import { framed } from '../../../../src/host/grpc/messages.ts';

/** What a client gets: the status, wherever it stands, and the messages without their heads. */
interface Answer {
  readonly http: number;
  readonly status: string;
  readonly body: string;
}

const maxMessageBytes = 1000;
const message = (text: string): Buffer => framed(Buffer.from(text));

function compressed(bytes: Buffer): Buffer {
  const result = framed(bytes);
  result[0] = 1;
  return result;
}

describe('the gRPC server', () => {
  let server: GrpcServer;
  let port: number;
  let session: http2.ClientHttp2Session;
  let cancelled: Promise<undefined>;
  const http1: string[] = [];

  beforeEach(async () => {
    http1.length = 0;
    server = new GrpcServer({
      maxMessageBytes,
      onHttp1: (socket) => {
        socket.once('data', (chunk) => {
          http1.push(String(chunk));
          socket.end('HTTP/1.1 204 No Content\r\n\r\n');
        });
      },
    });
    const done = Promise.withResolvers<undefined>();
    cancelled = done.promise;
    server.addMethod('lab.Echo', 'Loud', (call) =>
      call.listen({
        message: (bytes) => call.finish(message(bytes.toString().toUpperCase())),
        halfClosed: () => call.end({ code: 2, details: 'EOF' }),
        cancelled: () => undefined,
      }),
    );
    server.addMethod('lab.Echo', 'Each', (call) =>
      call.listen({
        message: (bytes) => {
          if (bytes.toString() === 'fail') call.end({ code: 9, details: '100 % “no”\n' });
          else call.send(message(bytes.toString()));
        },
        halfClosed: () => call.end(),
        cancelled: () => done.resolve(undefined),
      }),
    );
    port = await server.listen(0, '127.0.0.1');
    session = http2.connect(`http://127.0.0.1:${port}`);
  });

  afterEach(() => {
    session.destroy();
    server.dispose();
  });

  const call = (path: string, parts: readonly Buffer[], headers = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        ...headers,
      });
      const chunks: Buffer[] = [];
      let [http, status] = [0, ''];
      const note = (found: IncomingHttpHeaders): void => {
        http ||= Number(found[':status']);
        if (found['grpc-status'] === undefined) return;
        const details = String(found['grpc-message']);
        status = `${String(found['grpc-status'])} ${decodeURIComponent(details)}`.trim();
      };
      stream.on('response', note);
      stream.on('trailers', note);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => resolve({ http, status, body: bodyOf(Buffer.concat(chunks)) }));
      for (const part of parts) stream.write(part);
      stream.end();
    });

  const check = async (
    parts: readonly Buffer[],
    expected: Partial<Answer>,
    headers = {},
    path = '/lab.Echo/Loud',
  ): Promise<void> => {
    const answer = await call(path, parts, headers);
    assert.deepEqual(answer, { http: 200, status: '0', body: '', ...expected });
  };

  it('answers a message with one', () => check([message('hello')], { body: 'HELLO' }));

  it('puts together what comes in pieces, and takes apart what comes at once', async () => {
    const bytes = message('x'.repeat(500));
    await check([bytes.subarray(0, 3), bytes.subarray(3, 200), bytes.subarray(200)], {
      body: 'X'.repeat(500),
    });
    const each = '/lab.Echo/Each';
    const three = Buffer.concat([message('a'), message(''), message('b')]);
    await check([three], { body: 'a,,b' }, {}, each);
    await check([three.subarray(0, 7), three.subarray(7)], { body: 'a,,b' }, {}, each);
  });

  it('reads what is compressed', async () => {
    const bytes = Buffer.from('hello');
    await check([compressed(gzipSync(bytes))], { body: 'HELLO' }, { 'grpc-encoding': 'gzip' });
    await check(
      [compressed(deflateSync(bytes))],
      { body: 'HELLO' },
      { 'grpc-encoding': 'deflate' },
    );
  });

  // The words and codes are those of a real etcd 3.6.8.
  it('refuses in the words of the real one', async () => {
    await check(
      [],
      { status: '12 unknown method Soft for service lab.Echo' },
      {},
      '/lab.Echo/Soft',
    );
    await check([], { status: '12 unknown service lab.Other' }, {}, '/lab.Other/Soft');
    await check([], { status: '12 malformed method name: "/nope"' }, {}, '/nope');
    await check([], { status: '2 EOF' });
    await check([Buffer.from([0, 0, 0xff, 0, 0])], {
      status: '8 grpc: received message larger than max (16711680 vs. 1000)',
    });
    await check([compressed(Buffer.from('hi'))], {
      status: '13 grpc: compressed flag set with identity or empty encoding',
    });
    await check(
      [compressed(Buffer.from('hi'))],
      { status: '12 grpc: Decompressor is not installed for grpc-encoding "snappy"' },
      { 'grpc-encoding': 'snappy' },
    );
    await check(
      [compressed(gzipSync(Buffer.alloc(2000)))],
      { status: '8 grpc: message after decompression larger than max 1000' },
      { 'grpc-encoding': 'gzip' },
    );
    await check([message('hello').subarray(0, 7)], { status: '13 unexpected EOF' });
    await check(
      [],
      { http: 415, status: '3 invalid gRPC request content-type "text/plain"' },
      { 'content-type': 'text/plain' },
    );
    await check(
      [],
      { http: 400, status: '13 malformed grpc-timeout: "abc"' },
      { 'grpc-timeout': 'abc' },
    );
  });

  it('ends a stream with what went wrong, any characters in it', () =>
    check(
      [message('a'), message('fail'), message('b')],
      { body: 'a', status: '9 100 % “no”' },
      {},
      '/lab.Echo/Each',
    ));

  it('keeps to deadlines', async () => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/lab.Echo/Each',
      'content-type': 'application/grpc',
      'grpc-timeout': '1m',
    });
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    assert.equal(headers['grpc-status'], '4');
    await cancelled;
    stream.destroy();
  });

  it('tells that a client is gone', async () => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/lab.Echo/Each',
      'content-type': 'application/grpc',
    });
    stream.on('error', () => undefined);
    stream.write(message('a'));
    await once(stream, 'data');
    session.destroy();
    await cancelled;
  });

  it('leaves HTTP/1 to others, also when it comes byte by byte', async () => {
    const socket = net.connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.write('P');
    await once(socket, 'connect');
    socket.write('OST / HTTP/1.1\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(String(answer), /^HTTP\/1\.1 204/);
    assert.ok('POST / HTTP/1.1\r\n'.startsWith(http1.join('')), http1.join());
    socket.destroy();
  });
});

const once = (emitter: NodeJS.EventEmitter, event: string): Promise<unknown[]> =>
  new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));

function bodyOf(bytes: Buffer): string {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    texts.push(bytes.toString('utf8', at + 5, end));
    at = end;
  }
  return texts.join();
}
