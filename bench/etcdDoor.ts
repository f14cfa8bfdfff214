/**
 * The etcd door beside a real etcd, with the same client in the same run, in turns:
 *
 *     node bench/etcdDoor.ts [--seconds 4] [--clients 100] [--connections 100] [--etcd FILE] [--loads put,range]
 *
 * The client is etcd's own (bench/etcdClient, built with go). What counts is the rate per core: how often a server does it in
 * a second of its processor's time, user and system, of all its threads. Once with fsync (ours with --state), once
 * without (--unsafe-no-fsync). At last, what 100,000 keys take: 40 bytes each, with values of 400.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findProgram } from '../test/support/program.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    clients: { type: 'string', default: '100' },
    connections: { type: 'string', default: '100' },
    loads: { type: 'string', default: 'put,range,list,txn,watch' },
    etcd: { type: 'string' },
  },
});

interface Contestant {
  readonly name: string;
  readonly child: ChildProcess;
  readonly endpoint: string;
}

interface Measured {
  readonly perSecond: number;
  readonly cores: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const main = path.join(import.meta.dirname, '../src/host/cli/main.ts');
const probe = path.join(import.meta.dirname, 'memoryProbe.ts');
const keys = 10_000;
// Not in /tmp: what is there may be in memory, where a sync costs nothing.
const folder = fs.mkdtempSync(path.join(os.homedir(), '.bench-etcd-'));
const started: ChildProcess[] = [];
try {
  const client = path.join(folder, 'client');
  const build = spawnSync('go', ['build', '-o', client, '.'], {
    cwd: path.join(import.meta.dirname, 'etcdClient'),
    stdio: 'inherit',
  });
  if (build.status !== 0) throw new Error('The client needs go to be built.');
  const etcd = values.etcd ?? findProgram('etcd');
  if (!etcd) console.log('etcd is not on this machine (PATH or --etcd): ours alone');
  for (const sync of [true, false]) {
    const contestants = [await startOurs(sync)];
    if (etcd) contestants.push(await startReal(etcd, sync));
    console.log(sync ? 'with fsync' : 'without fsync');
    console.table(await compare(client, contestants));
    for (const { child } of contestants) child.kill();
  }
  console.log('100,000 keys of 40 bytes with values of 400, growth in MB');
  console.table(await memoryOf(client, 100_000));
} finally {
  for (const child of started) child.kill();
  fs.rmSync(folder, { recursive: true, force: true });
}

async function compare(
  client: string,
  contestants: readonly Contestant[],
): Promise<Record<string, Record<string, string | number>>> {
  const table: Record<string, Record<string, string | number>> = {};
  for (const { endpoint } of contestants) await drive(client, endpoint, 'fill', { keys });
  for (const load of values.loads.split(',')) {
    const row: Record<string, string | number> = {};
    const perCore: number[] = [];
    for (const { name, child, endpoint } of contestants) {
      const { clients, connections, seconds } = values;
      const options = { keys, clients, connections, seconds, pid: child.pid ?? 0 };
      const output = await drive(client, endpoint, load, options);
      const measured = JSON.parse(output) as Measured;
      perCore.push(measured.perSecond / measured.cores);
      row[`${name}/s`] = Math.round(measured.perSecond);
      row[`${name}, cores`] = measured.cores.toFixed(2);
      row[`${name}/s per core`] = Math.round(measured.perSecond / measured.cores);
      if (measured.p99Ms) row[`${name}, p99 ms`] = measured.p99Ms;
    }
    const [ours = 0, real] = perCore;
    if (real) row['ratio per core'] = (ours / real).toFixed(2);
    table[load] = row;
  }
  return table;
}

async function memoryOf(client: string, count: number): Promise<Record<string, number>> {
  const { child, endpoint } = await startOurs(false);
  const ask = async (): Promise<NodeJS.MemoryUsage> => {
    child.send('memory');
    const [usage] = (await once(child, 'message')) as [NodeJS.MemoryUsage];
    return usage;
  };
  await drive(client, endpoint, 'fill', { keys: 1 });
  const before = await ask();
  await drive(client, endpoint, 'fill', { keys: count, connections: 10 });
  await ask();
  // After a collection, node gives memory back to the system when it has been quiet for a while.
  await new Promise((resolve) => setTimeout(resolve, 45_000));
  const after = await ask();
  const grown = (name: keyof NodeJS.MemoryUsage): number =>
    Math.round((after[name] - before[name]) / 1e6);
  return {
    'heap used': grown('heapUsed'),
    external: grown('external'),
    'heap used + external': grown('heapUsed') + grown('external'),
    'resident set': grown('rss'),
  };
}

async function drive(
  client: string,
  endpoint: string,
  load: string,
  options: Readonly<Record<string, string | number>>,
): Promise<string> {
  const flags = Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]);
  const child = spawn(client, ['-endpoint', endpoint, '-load', load, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`the client failed at ${load}`);
  return output;
}

async function startOurs(sync: boolean): Promise<Contestant> {
  const port = await freePort();
  const state = path.join(folder, `ours-${port}`);
  const args = ['--headless', '--parts', 'etcd', '--etcd-port', String(port)];
  if (sync) args.push('--state', state);
  const flags = ['--expose-gc', '--import', probe];
  return start('ours', port, process.execPath, [...flags, main, ...args]);
}

async function startReal(file: string, sync: boolean): Promise<Contestant> {
  const port = await freePort();
  const peer = await freePort();
  return start('etcd', port, file, [
    ...(sync ? [] : ['--unsafe-no-fsync']),
    ...['--log-level', 'fatal', '--data-dir', path.join(folder, `etcd-${port}`)],
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
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  started.push(child);
  for (let tries = 0; !(await isListening(port)); tries++) {
    if (tries === 200) throw new Error(`${name} does not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { name, child, endpoint: `127.0.0.1:${port}` };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const end = (listening: boolean) => () => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
