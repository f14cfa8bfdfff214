/**
 * Puts and ranges per second of our etcd door beside a real etcd (without fsync, as ours has no disk), with the same
 * client in the same run, in turns: node bench/etcdDoor.ts [--seconds 1.5] [--clients 100] [--etcd FILE]. The rate also
 * depends on the client, which takes a core of its own; what the server itself takes is the time of its process.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Etcd3 } from 'etcd3';
import { findProgram } from '../test/support/program.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1.5' },
    clients: { type: 'string', default: '100' },
    etcd: { type: 'string' },
  },
});
const durationMs = Number(values.seconds) * 1000;
const clients = Number(values.clients);
const value = 'v'.repeat(512);

interface Contestant {
  readonly name: string;
  readonly child: ChildProcess;
  readonly client: Etcd3;
}

interface Measured {
  readonly perSecond: number;
  readonly cpuUsPerOp: number;
}

const workloads: Readonly<Record<string, (client: Etcd3, n: number) => Promise<unknown>>> = {
  put: (client, n) =>
    client
      .put(`/bench/${n % 1000}`)
      .value(value)
      .exec(),
  get: (client, n) => client.get(`/bench/${n % 1000}`).exec(),
  'range of 50': (client, n) =>
    client
      .getAll()
      .prefix('/bench/')
      .limit(50 + (n % 2))
      .exec(),
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-etcd-'));
const contestants: Contestant[] = [];
try {
  const ours = await freePort();
  contestants.push(
    await start('ours', ours, process.execPath, [
      path.join(import.meta.dirname, '../test/support/etcdAlone.ts'),
      '--port',
      String(ours),
    ]),
  );
  const etcd = values.etcd ?? findProgram('etcd');
  if (etcd) contestants.push(await startReal(etcd));
  else console.log('etcd is not on this machine (PATH or --etcd): ours alone');

  const table: Record<string, Record<string, string | number>> = {};
  for (const [name, operation] of Object.entries(workloads)) {
    const results: Measured[] = [];
    for (const contestant of contestants) results.push(await measure(contestant, operation));
    const [mine, real] = results;
    table[name] = {
      'ours/s': Math.round(mine!.perSecond),
      'ours, µs of CPU': Math.round(mine!.cpuUsPerOp),
      ...(real && {
        'etcd/s': Math.round(real.perSecond),
        'etcd, µs of CPU': Math.round(real.cpuUsPerOp),
        ratio: (mine!.perSecond / real.perSecond).toFixed(2),
        'ratio per CPU': (real.cpuUsPerOp / mine!.cpuUsPerOp).toFixed(2),
      }),
    };
  }
  console.table(table);
} finally {
  for (const { child, client } of contestants) {
    client.close();
    child.kill();
  }
  fs.rmSync(folder, { recursive: true, force: true });
}

async function startReal(file: string): Promise<Contestant> {
  const port = await freePort();
  const peer = await freePort();
  return start('etcd', port, file, [
    '--unsafe-no-fsync',
    ...['--log-level', 'error', '--data-dir', path.join(folder, 'data')],
    ...['--listen-client-urls', `http://127.0.0.1:${port}`],
    ...['--advertise-client-urls', `http://127.0.0.1:${port}`],
    ...['--listen-peer-urls', `http://127.0.0.1:${peer}`],
    ...['--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`],
    ...['--initial-cluster', `default=http://127.0.0.1:${peer}`],
  ]);
}

async function start(
  name: string,
  port: number,
  file: string,
  args: readonly string[],
): Promise<Contestant> {
  const child = spawn(file, args, { stdio: 'ignore' });
  const client = new Etcd3({ hosts: `127.0.0.1:${port}` });
  for (let tries = 0; ; tries++) {
    try {
      await client.put('/ready').value('1').exec();
      return { name, child, client };
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function measure(
  { client, child }: Contestant,
  operation: (client: Etcd3, n: number) => Promise<unknown>,
): Promise<Measured> {
  let count = 0;
  const worker = async (until: number) => {
    while (performance.now() < until) await operation(client, count++);
  };
  const all = (ms: number) => {
    const until = performance.now() + ms;
    return Promise.all(Array.from({ length: clients }, () => worker(until)));
  };
  await all(durationMs / 3);
  count = 0;
  const cpu = cpuUs(child.pid!);
  const begin = performance.now();
  await all(durationMs);
  const seconds = (performance.now() - begin) / 1000;
  return { perSecond: count / seconds, cpuUsPerOp: (cpuUs(child.pid!) - cpu) / count };
}

/** User and system time of a process, on Linux; in hundredths of a second there. */
function cpuUs(pid: number): number {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
