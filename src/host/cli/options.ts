import path from 'node:path';
import { parseArgs } from 'node:util';
import type { AdmissionOptions } from '../../sim/apiserver/admission/choice.ts';
import { allParts, type Part } from '../../sim/cluster.ts';
import type { Speed } from '../../source/port.ts';
import { admissionFlagsOf } from './admissionFlags.ts';
import { parseMistake } from './parseMistake.ts';
import { UsageError } from './usageError.ts';
import type { Micros } from '../../base/time.ts';
import { etcdFlagsOf, intervalOf } from './etcdFlags.ts';
import type { EtcdFlags } from '../clusterHost.ts';

export interface CliOptions {
  readonly headless: boolean;
  readonly help: boolean;
  readonly nodes: number;
  readonly seed: number;
  readonly port: number;
  readonly etcdPort: number;
  readonly state: string | undefined;
  readonly parts: readonly Part[];
  readonly users: readonly { readonly name: string; readonly groups: readonly string[] }[];
  readonly audit: string | undefined;
  readonly speed: Speed;
  readonly restore: string | undefined;
  readonly etcd: EtcdFlags;
  readonly admission: AdmissionOptions;
  readonly allowPrivileged: boolean;
  readonly etcdCompactionInterval: Micros;
}

export const usage = `npm start                 opens VS Code with the extension and the samples folder
npm start -- --headless   runs the cluster alone, until Ctrl+C
npm start -- dry-run FILE…   judges manifests (dry-run --help)

  --nodes N            how many nodes (3)
  --seed N             what chance follows from (1)
  --port N             port of the API server (any free one)
  --etcd-port N        port of etcd (any free one)
  --etcd-members N     1, 3 or 5 members of etcd, with a port each (1)
  --etcd-spares N      machines that become members of etcd when etcdctl member add names them (0)
  --state DIR          where kubeconfigs go, and all that etcd holds: the cluster goes on from
                       there (in memory, with kubeconfigs in a new folder, removed at the end)
  --restore FILE       begins with a snapshot of etcd (etcdctl snapshot save), ours or a real one's
  --parts LIST         of ${allParts.join(',')} (all)
  --user NAME:GROUP    a user of a group, with NAME.kubeconfig beside the admin's (repeatable)
  --audit FILE         audit.k8s.io/v1 events, one a line
  --speed S            real, max, or a factor (real)
  --quota-backend-bytes N        at this size etcd takes no more writes (2 GiB)
  --auto-compaction-mode M       periodic or revision (periodic)
  --auto-compaction-retention R  what etcd keeps when it compacts itself: hours or 30m, 10s …,
                                 or a number of revisions (0: it does not)
  --etcd-fsync-latency T[,P99]   a slow disk: each sync of etcd takes so much longer, one of a
                                 hundred P99 (20ms,300ms)
  --etcd-compaction-interval T   how often the API server compacts etcd; a real one does every 5m
                                 (0: never, so that the history of keys stays)
  --allow-privileged   containers may be privileged, as kubeadm and kind allow it (they may not)
  --enable-admission-plugins A,B         plugins beside those that are on by default
  --disable-admission-plugins A,B        plugins that are on by default, to be off
  --admission-control-config-file FILE   an AdmissionConfiguration: what plugins go by
  --help               prints this`;

const text = { type: 'string' } as const;
const flags = {
  headless: { type: 'boolean' },
  help: { type: 'boolean' },
  nodes: text,
  seed: text,
  port: text,
  'etcd-port': text,
  'etcd-members': text,
  'etcd-spares': text,
  state: text,
  parts: text,
  user: { type: 'string', multiple: true },
  audit: text,
  speed: text,
  restore: text,
  'quota-backend-bytes': text,
  'auto-compaction-mode': text,
  'auto-compaction-retention': text,
  'etcd-fsync-latency': text,
  'etcd-compaction-interval': text,
  'allow-privileged': { type: 'boolean' },
  'enable-admission-plugins': text,
  'disable-admission-plugins': text,
  'admission-control-config-file': text,
} as const;

export function parseOptions(args: readonly string[]): CliOptions {
  const values = read(args);
  const { headless = false, help = false } = values;
  const only = Object.keys(values).find((name) => name !== 'headless' && name !== 'help');
  if (!headless && !help && only !== undefined)
    throw new UsageError(`--${only} is for the cluster alone: add --headless.`);
  const port = whole(values.port, 'port', 0, 0, 65_535);
  const etcdPort = whole(values['etcd-port'], 'etcd-port', 0, 0, 65_535);
  if (port !== 0 && port === etcdPort)
    throw new UsageError(`--port and --etcd-port cannot both be ${port}: each needs its own.`);
  return {
    headless,
    help,
    nodes: whole(values.nodes, 'nodes', 3, 0, 5000),
    seed: whole(values.seed, 'seed', 1, 0, 4_294_967_295),
    port,
    etcdPort,
    state: pathOf(values.state, 'state', 'a folder'),
    parts: partsOf(values.parts),
    users: usersOf(values.user ?? []),
    audit: pathOf(values.audit, 'audit', 'a file'),
    speed: speedOf(values.speed),
    restore: pathOf(values.restore, 'restore', 'a file'),
    etcd: etcdFlagsOf(values),
    admission: admissionFlagsOf(values),
    etcdCompactionInterval: intervalOf(values['etcd-compaction-interval'] ?? '0'),
    allowPrivileged: values['allow-privileged'] ?? false,
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true }).values;
  } catch (error) {
    throw parseMistake(error, args, usage);
  }
}

function whole(
  value: string | undefined,
  name: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max)
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${value}".`);
  return number;
}

function pathOf(value: string | undefined, name: string, what: string): string | undefined {
  if (value === '') throw new UsageError(`--${name} takes the path of ${what}, not "".`);
  return value === undefined ? undefined : path.resolve(value);
}

function partsOf(list: string | undefined): readonly Part[] {
  if (list === undefined) return allParts;
  const parts = list.split(',').map((part) => {
    const known = allParts.find((it) => it === part.trim());
    if (!known)
      throw new UsageError(`--parts knows no "${part.trim()}"; it takes ${allParts.join(', ')}.`);
    return known;
  });
  const needs = (part: Part, needed: Part): void => {
    if (parts.includes(part) && !parts.includes(needed))
      throw new UsageError(`--parts: ${part} needs ${needed}; add it to the list.`);
  };
  needs('apiserver', 'etcd');
  for (const part of allParts.slice(2)) needs(part, 'apiserver');
  return parts;
}

/** The name ends at the first colon: groups have colons of their own. The same name again adds a group. */
function usersOf(list: readonly string[]): { name: string; groups: string[] }[] {
  const users = new Map<string, string[]>();
  for (const it of list) {
    const colon = it.indexOf(':');
    const name = colon < 0 ? it : it.slice(0, colon);
    const group = colon < 0 ? '' : it.slice(colon + 1);
    if (!/^[\w.@-]+$/.test(name) || name.startsWith('.'))
      throw new UsageError(
        `--user takes NAME or NAME:GROUP, where NAME is of letters, digits, and . _ @ -; not "${it}".`,
      );
    if (name === 'admin')
      throw new UsageError('--user admin: admin.kubeconfig is that of kubernetes-admin already.');
    users.set(name, [...(users.get(name) ?? []), ...(group ? [group] : [])]);
  }
  return [...users].map(([name, groups]) => ({ name, groups }));
}

function speedOf(value: string | undefined): Speed {
  if (value === undefined || value === 'real') return 'real';
  if (value === 'max') return 'max';
  const factor = Number(value);
  if (!(factor > 0 && Number.isFinite(factor)))
    throw new UsageError(`--speed takes real, max or a factor above 0, not "${value}".`);
  return factor;
}
