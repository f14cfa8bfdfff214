import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ClusterHost } from '../../src/host/clusterHost.ts';
import { writeDescriptionsTo } from '../../scripts/descriptions.ts';
import { run, type Output } from '../support/program.ts';

const root = path.join(import.meta.dirname, '../..');

/** Virtual seconds a second: rollouts that take some seconds take some tenths of one. */
const speed = 20;

/** A running cluster with a folder of its own, for tests that send real clients to it. */
export class ClientCluster {
  readonly host: ClusterHost;
  readonly folder: string;
  /** What went wrong on our side: a test must leave it empty. */
  readonly problems: unknown[];

  private constructor(host: ClusterHost, folder: string, problems: unknown[]) {
    this.host = host;
    this.folder = folder;
    this.problems = problems;
  }

  static async start(): Promise<ClientCluster> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubernetes-internals-clients-'));
    const problems: unknown[] = [];
    const descriptionsFile = path.join(folder, 'descriptions.json');
    writeDescriptionsTo(descriptionsFile);
    const host = await ClusterHost.start({
      folder,
      nodes: 3,
      seed: 1,
      port: 0,
      etcdPort: 0,
      speed,
      users: [{ name: 'bob', groups: ['dev'] }],
      auditFile: path.join(folder, 'audit.log'),
      descriptionsFile,
      onError: (error) => problems.push(error),
    });
    return new ClientCluster(host, folder, problems);
  }

  stop(): void {
    this.host.dispose();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** A client's environment: this cluster, no home of the person who runs the tests. */
  get env(): NodeJS.ProcessEnv {
    return {
      KUBECONFIG: this.host.kubeconfig,
      ETCDCTL_ENDPOINTS: this.host.etcdEndpoint,
      HOME: this.folder,
    };
  }

  /** Runs a client in the project's folder. */
  run(file: string, args: readonly string[], input?: string): Promise<Output> {
    return run(file, args, { env: this.env, cwd: root, ...(input !== undefined && { input }) });
  }
}
