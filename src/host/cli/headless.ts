import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DisposableStore } from '../../base/disposable.ts';
import { DiskError } from '../../sim/etcd/disk.ts';
import { ClusterHost } from '../clusterHost.ts';
import type { CliOptions } from './options.ts';
import { packageRoot } from './packageRoot.ts';
import { UsageError } from './usageError.ts';

/** Runs the cluster alone until it is told to stop; nothing of it stays behind but what --state and --audit ask for. */
export async function headless(options: CliOptions): Promise<void> {
  const folder = stateFolder(options.state);
  const running = new DisposableStore();
  process.once('exit', () => {
    running.dispose();
    if (options.state === undefined) fs.rmSync(folder, { recursive: true, force: true });
  });
  let close = (): Promise<void> => Promise.resolve();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => void close().finally(() => process.exit(0)));
  const host = await ClusterHost.start({
    folder,
    keepState: options.state !== undefined,
    ...(options.restore !== undefined && { restore: options.restore }),
    etcd: options.etcd,
    admission: options.admission,
    callsWebhooks: true,
    allowPrivileged: options.allowPrivileged,
    etcdCompactionInterval: options.etcdCompactionInterval,
    onNote: (line) => console.error(line),
    onEtcdLog: (line) => console.error(line),
    nodes: options.nodes,
    seed: options.seed,
    port: options.port,
    etcdPort: options.etcdPort,
    speed: options.speed,
    parts: options.parts,
    users: options.users,
    descriptionsFile: path.join(packageRoot, 'dist/descriptions.json'),
    ...(options.audit !== undefined && { auditFile: options.audit }),
    onError,
  }).catch((error: unknown) => {
    throw unwritable(error);
  });
  running.add(host);
  close = () => host.close();
  if (host.kubeconfig) console.log(`export KUBECONFIG=${quoted(host.kubeconfig)}`);
  console.log(`export ETCDCTL_ENDPOINTS=${host.etcdEndpoint}`);
  for (const { name, peerUrls } of host.cluster.etcd?.group.spares ?? [])
    console.log(`# ${name} waits for: etcdctl member add ${name} --peer-urls=${peerUrls.join()}`);
  console.log(host.kubeconfig ? 'kubectl get nodes' : 'etcdctl put greeting hello');
}

/** What cannot be kept must not go on: as etcd, it ends when its disk fails. */
function onError(error: unknown): void {
  if (!(error instanceof DiskError)) {
    console.error(error);
    return;
  }
  console.error(`The disk with the state failed: ${error.message}. The cluster ends.`);
  process.exit(1);
}

function stateFolder(asked: string | undefined): string {
  if (asked === undefined) return fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-'));
  try {
    fs.mkdirSync(asked, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(`--state: ${asked} cannot be made a folder (${codeOf(error)}).`, {
      cause: error,
    });
  }
  return asked;
}

/** A file that cannot be written, of --audit or in --state, is for its owner to mend. */
function unwritable(error: unknown): unknown {
  const { path: file, syscall } = error as NodeJS.ErrnoException;
  if (file === undefined || (syscall !== 'open' && syscall !== 'mkdir')) return error;
  return new UsageError(`${file} cannot be written (${codeOf(error)}).`, { cause: error });
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** As a shell reads it. */
const quoted = (text: string): string =>
  /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
