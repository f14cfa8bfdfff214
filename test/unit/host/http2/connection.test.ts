import assert from 'node:assert/strict';
import http2 from 'node:http2';
import net from 'node:net';
import { Http2Connection, preface } from '../../../../src/host/http2/connection.ts';
import { encodeHeaders } from '../../../../src/host/http2/hpack.ts';
import type { Http2Stream } from '../../../../src/host/http2/stream.ts';

const block = encodeHeaders({ ':method': 'POST', ':scheme': 'http', ':path': '/x' });
const ok = encodeHeaders({ ':status': '200' });
const trailers = encodeHeaders({ 'grpc-status': '0' });

function frame(type: number, flags: number, id: number, payload: Uint8Array = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

const [DATA, HEADERS, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION] = [
  0, 1, 3, 4, 5, 6, 7, 8, 9,
] as const;
const names = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST',
  'SETTINGS',
  'PUSH',
  'PING',
  'GOAWAY',
  'WINDOW',
];
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

describe('an HTTP/2 connection', () => {
  let server: net.Server;
  let port: number;
  /** What streams heard. */
  let heard: string[];
  let serve: (stream: Http2Stream) => void;

  beforeEach(async () => {
    heard = [];
    serve = () => undefined;
    server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      new Http2Connection(socket, {
        windowBytes: 1024 * 1024,
        onStream: (stream, headers) => {
          heard.push(`${stream.id} ${headers.get(':path') ?? ''}`);
          stream.listen({
            data: (bytes) => heard.push(`${stream.id} ${bytes.length}`),
            ended: () => {
              heard.push(`${stream.id} ended`);
              serve(stream);
            },
            reset: () => heard.push(`${stream.id} reset`),
          });
        },
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as net.AddressInfo).port;
  });

  afterEach(() => server.close());

  /** Sends these bytes, a ping at last; returns the frames until its answer or the end. */
  const exchange = (parts: readonly Buffer[], chunk = Infinity): Promise<string[]> =>
    new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.setNoDelay(true);
      let bytes = Buffer.alloc(0);
      const frames: string[] = [];
      const finish = (): void => {
        socket.destroy();
        resolve(frames);
      };
      socket.on('error', finish).on('close', finish);
      socket.on('data', (more: Buffer) => {
        bytes = Buffer.concat([bytes, more]);
        while (bytes.length >= 9) {
          const end = 9 + bytes.readUIntBE(0, 3);
          if (bytes.length < end) break;
          const [type = 0, flags = 0] = [bytes[3], bytes[4]];
          const payload = bytes.subarray(9, end);
          if (type === PING && payload.toString() === 'the last') finish();
          const what =
            type === GOAWAY || type === RST
              ? payload.readUInt32BE(type === GOAWAY ? 4 : 0)
              : payload.length;
          frames.push(`${names[type]} ${bytes.readUInt32BE(5)} ${what} ${flags}`);
          bytes = bytes.subarray(end);
        }
      });
      const all = Buffer.concat([...parts, frame(PING, 0, 0, Buffer.from('the last'))]);
      for (let at = 0; at < all.length; at += chunk) socket.write(all.subarray(at, at + chunk));
    });

  const begin = [preface, frame(SETTINGS, 0, 0)];
  const begun = ['SETTINGS 0 12 0', 'WINDOW 0 4 0', 'SETTINGS 0 0 1'];
  const pinged = 'PING 0 8 1';
  const call = [frame(HEADERS, 4, 1, block), frame(DATA, 1, 1, Buffer.from('hello'))];

  const check = async (
    parts: readonly Buffer[],
    expected: { frames?: readonly string[]; heard?: readonly string[] },
  ): Promise<void> => {
    assert.deepEqual(await exchange([...begin, ...parts]), [
      ...begun,
      ...(expected.frames ?? []),
      pinged,
    ]);
    assert.deepEqual(heard, expected.heard ?? []);
  };

  it('takes a call and answers it in three frames', async () => {
    serve = (stream) => stream.answer(ok, Buffer.from('answer'), trailers);
    const frames = ['HEADERS 1 14 4', 'DATA 1 6 0', `HEADERS 1 ${trailers.length} 5`];
    await check(call, {
      frames: [`HEADERS 1 ${ok.length} 4`, ...frames.slice(1)],
      heard: ['1 /x', '1 5', '1 ended'],
    });
  });

  it('takes frames byte by byte', async () => {
    serve = (stream) => stream.answer(ok, Buffer.from('answer'), trailers);
    const frames = await exchange([...begin, ...call], 1);
    assert.equal(frames.length, 7);
    assert.deepEqual(heard.slice(0, 3), ['1 /x', '1 5', '1 ended']);
  });

  it('takes padding, priorities, continuations, and what nobody knows', async () => {
    const padded = Buffer.concat([Buffer.from([3]), Buffer.from('hello'), Buffer.alloc(3)]);
    const prioritized = Buffer.concat([
      Buffer.from([2, 0, 0, 0, 0, 9]),
      block.subarray(0, 5),
      Buffer.alloc(2),
    ]);
    await check(
      [
        frame(2, 0, 1, Buffer.alloc(5)),
        frame(HEADERS, 8 | 32, 1, prioritized),
        frame(CONTINUATION, 0, 1, block.subarray(5, 9)),
        frame(CONTINUATION, 4, 1, block.subarray(9)),
        frame(DATA, 8, 1, padded),
        frame(200, 0, 1, Buffer.alloc(5)),
        frame(HEADERS, 5, 1, encodeHeaders({ trailer: '1' })),
      ],
      { heard: ['1 /x', '1 5', '1 ended'] },
    );
  });

  it('tells of a reset, and takes what still comes of streams that are over', async () => {
    await check(
      [
        frame(HEADERS, 4, 1, block),
        frame(RST, 0, 1, u32(8)),
        frame(DATA, 1, 1, Buffer.from('late')),
        frame(WINDOW, 0, 1, u32(5)),
      ],
      { heard: ['1 /x', '1 reset'] },
    );
  });

  const fatal: Readonly<Record<string, readonly [code: number, ...parts: Buffer[]]>> = {
    'data of no stream': [1, frame(DATA, 0, 3, Buffer.from('x'))],
    'a frame that is too large': [6, frame(DATA, 0, 1, Buffer.alloc(16_385))],
    'a window of wrong size': [6, frame(WINDOW, 0, 0, Buffer.alloc(3))],
    'a window that is too large': [3, frame(WINDOW, 0, 0, u32(2 ** 31 - 1))],
    'a setting that is cut': [6, frame(SETTINGS, 0, 0, Buffer.alloc(5))],
    'a stream with the number of a server’s': [1, frame(HEADERS, 4, 2, block)],
    'headers that are not continued': [1, frame(HEADERS, 0, 1, block), frame(DATA, 0, 1)],
    'a continuation of nothing': [1, frame(CONTINUATION, 4, 1, block)],
    'headers that are none': [9, frame(HEADERS, 4, 1, Buffer.from('be', 'hex'))],
    'headers without end': [
      11,
      frame(HEADERS, 0, 1, block),
      ...Array.from({ length: 5 }, () => frame(CONTINUATION, 0, 1, Buffer.alloc(16_000))),
    ],
    'padding that is all': [1, frame(HEADERS, 4, 1, block), frame(DATA, 8, 1, Buffer.from([1]))],
    'a client that pushes': [1, frame(PUSH, 4, 1, block)],
  };
  for (const [name, [code, ...parts]] of Object.entries(fatal))
    it(`ends at ${name}`, async () => {
      const frames = await exchange([...begin, ...parts]);
      assert.match(frames.at(-1) ?? '', new RegExp(`^GOAWAY 0 ${code} `));
    });

  it('ends at what is no HTTP/2', async () => {
    const frames = await exchange([Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')]);
    assert.match(frames.at(-1) ?? '', /^GOAWAY 0 1 /);
  });

  it('sends no more than the windows allow', async () => {
    serve = (stream) => stream.answer(ok, Buffer.alloc(100), trailers);
    const small = Buffer.concat([Buffer.from([0, 4]), u32(10)]);
    const frames = await exchange([
      preface,
      frame(SETTINGS, 0, 0, small),
      ...call,
      frame(WINDOW, 0, 1, u32(30)),
      frame(SETTINGS, 0, 0, Buffer.concat([Buffer.from([0, 4]), u32(50)])),
      frame(WINDOW, 0, 1, u32(100)),
    ]);
    assert.deepEqual(
      frames.filter((it) => it.startsWith('DATA')),
      ['DATA 1 10 0', 'DATA 1 30 0', 'DATA 1 40 0', 'DATA 1 20 0'],
    );
    assert.match(frames.at(-2) ?? '', /^HEADERS 1 \d+ 5$/);
  });

  it('carries megabytes both ways, on several streams', async () => {
    const size = 3_000_000;
    serve = (stream) => {
      stream.headers(ok, false);
      stream.write(Buffer.alloc(size, stream.id));
      stream.end(trailers);
    };
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const lengths = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise<number>((resolve, reject) => {
            const stream = session.request({ ':method': 'POST' });
            let length = 0;
            stream.on('data', (chunk: Buffer) => {
              assert.ok(chunk.every((byte) => byte === stream.id));
              length += chunk.length;
            });
            stream.on('error', reject).on('end', () => resolve(length));
            stream.end(Buffer.alloc(size));
          }),
      ),
    );
    assert.deepEqual(lengths, [size, size, size]);
    for (const id of [1, 3, 5]) {
      const its = heard.filter((it) => it.startsWith(`${id} `) && /\d$/.test(it));
      assert.equal(
        its.reduce((sum, it) => sum + Number(it.split(' ')[1]), 0),
        size,
      );
    }
    session.destroy();
  });
});
