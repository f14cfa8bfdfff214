import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ClusterHost } from '../clusterHost.ts';
import type { CliOptions } from './options.ts';

/** Runs the cluster alone until it is told to stop; nothing of it stays behind but what --state and --audit ask for. */
export async function headless(options: CliOptions): Promise<void> {
  const folder = options.state ?? fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-'));
  const host = await ClusterHost.start({
    folder,
    nodes: options.nodes,
    seed: options.seed,
    port: options.port,
    etcdPort: options.etcdPort,
    speed: options.speed,
    parts: options.parts,
    users: options.users,
    ...(options.audit !== undefined && { auditFile: options.audit }),
    onError: (error) => console.error(error),
  });
  const stop = (): void => {
    host.dispose();
    if (options.state === undefined) fs.rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  console.log(`export KUBECONFIG=${host.kubeconfig}`);
  console.log(`export ETCDCTL_ENDPOINTS=${host.etcdEndpoint}`);
  console.log('kubectl get nodes');
}
