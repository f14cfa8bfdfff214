import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ClusterHost } from '../../../src/host/clusterHost.ts';
import { EtcdDoor } from '../../../src/host/etcd/etcdDoor.ts';
import type { Speed } from '../../../src/source/port.ts';
import { Store } from '../../../src/sim/etcd/store.ts';
import { findKubectl, findProgram } from '../../support/program.ts';
import { wallClock } from '../../support/wallClock.ts';
import type { Stage } from './session.ts';

/** The clients of this machine that transcripts are played with; `missing` says what is not there, in a sentence. */
export function findClients(): { programs: Record<string, string>; missing: string[] } {
  const found = {
    kubectl: findKubectl(),
    etcdctl: findProgram('etcdctl'),
    etcdutl: findProgram('etcdutl'),
    helm: findProgram('helm'),
  };
  const programs: Record<string, string> = {};
  for (const [name, file] of Object.entries(found)) if (file !== undefined) programs[name] = file;
  const missing = Object.keys(found).filter((name) => !(name in programs));
  return { programs, missing };
}

/** A cluster of three nodes with its doors open, in this process, and a small etcd beside it. */
export async function openStage(
  programs: Readonly<Record<string, string>>,
  speed: Speed,
): Promise<{ stage: Stage; dispose: () => void }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stage-'));
  const host = await ClusterHost.start({
    folder,
    nodes: 3,
    seed: 1,
    port: 0,
    etcdPort: 0,
    speed,
    onError: (error) => console.error(error),
  });
  const door = new EtcdDoor({
    store: new Store({ clock: wallClock, quotaBytes: 16 * 1024 * 1024 }),
    host: '127.0.0.1',
    port: 0,
    clock: wallClock,
  });
  const stage: Stage = {
    programs,
    kubeconfig: host.kubeconfig,
    apiServer: host.apiServer,
    etcd: host.etcdEndpoint,
    etcdAlone: `127.0.0.1:${await door.listen()}`,
  };
  const dispose = (): void => {
    door.dispose();
    host.dispose();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { stage, dispose };
}
