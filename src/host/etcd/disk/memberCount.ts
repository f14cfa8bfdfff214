import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts';
import type { Disk } from '../../../sim/etcd/disk.ts';
import { snapshotNumbers, walNumbers } from './files.ts';
import { StateError } from './recover.ts';

/** Beside the folders of several members: a cluster of one has its log here. */
export const clusterFile = 'cluster.json';

interface ClusterFile {
  /** How many members the cluster began with. */
  readonly members: number;
}

/** How many members the cluster began with that is kept in a folder; undefined: there is none. */
async function memberCountIn(disk: Disk): Promise<number | undefined> {
  const names = await disk.list();
  if (walNumbers(names).length || snapshotNumbers(names).length) return 1;
  if (!names.includes(clusterFile)) return undefined;
  return (JSON.parse(decodeUtf8(await disk.read(clusterFile))) as ClusterFile).members;
}

/** The last that is written of a new cluster: without it there is none. */
export function keepMemberCount(disk: Disk, members: number): Promise<void> {
  const content: ClusterFile = { members };
  return disk.replace(clusterFile, encodeUtf8(`${JSON.stringify(content)}\n`));
}

/** Refuses a folder that has another cluster than the one that is asked for. */
export async function checkMemberCount(
  disk: Disk,
  asked: number,
  isRestored: boolean,
): Promise<number | undefined> {
  const kept = await memberCountIn(disk);
  if (kept !== undefined && isRestored)
    throw new StateError(
      `${disk.path} has the state of a cluster, and --restore makes a new one. Choose another folder, or move that one away.`,
    );
  if (kept !== undefined && kept !== asked)
    throw new StateError(
      `${disk.path} has an etcd of ${countOf(kept)}, not of ${asked}. Start it with ${countOf(kept)} (--etcd-members ${kept}, or the setting k8sInternals.etcd.members), or begin anew: with another folder, or with Reset Cluster in VS Code. A snapshot takes what it holds along: etcdctl snapshot save FILE, then --restore FILE.`,
    );
  return kept;
}

const countOf = (members: number): string => (members === 1 ? 'one member' : `${members} members`);
