import { parseArgs } from 'node:util';
import { allParts, type Part } from '../../sim/cluster.ts';
import type { Speed } from '../../source/port.ts';

export interface CliOptions {
  readonly headless: boolean;
  readonly nodes: number;
  readonly seed: number;
  readonly port: number;
  readonly etcdPort: number;
  readonly state: string | undefined;
  readonly parts: readonly Part[];
  readonly users: readonly { readonly name: string; readonly groups: readonly string[] }[];
  readonly audit: string | undefined;
  readonly speed: Speed;
}

export const usage = `npm start                 opens VS Code with the extension and the samples folder
npm start -- --headless   runs the cluster alone, until Ctrl+C

  --nodes N            how many nodes (3)
  --seed N             what chance follows from (1)
  --port N             port of the API server (any free one)
  --etcd-port N        port of etcd (any free one)
  --state DIR          where kubeconfigs go (a new folder, removed at the end)
  --parts LIST         of ${allParts.join(',')} (all)
  --user NAME:GROUP    another user, with NAME.kubeconfig beside the admin's (repeatable)
  --audit FILE         audit.k8s.io/v1 events, one a line
  --speed S            real, max, or a factor (real)`;

/** A mistake in the command line: a sentence for the person who made it. */
export class UsageError extends Error {}

export function parseOptions(args: readonly string[]): CliOptions {
  let values: Record<string, string | boolean | string[] | undefined>;
  try {
    const text = { type: 'string' } as const;
    values = parseArgs({
      args: [...args],
      options: {
        headless: { type: 'boolean' },
        nodes: text,
        seed: text,
        port: text,
        'etcd-port': text,
        state: text,
        parts: text,
        user: { type: 'string', multiple: true },
        audit: text,
        speed: text,
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
  if (values['help']) throw new UsageError(usage);
  return {
    headless: values['headless'] === true,
    nodes: whole(values['nodes'], 'nodes', 3, 0, 5000),
    seed: whole(values['seed'], 'seed', 1, 0, 4_294_967_295),
    port: whole(values['port'], 'port', 0, 0, 65_535),
    etcdPort: whole(values['etcd-port'], 'etcd-port', 0, 0, 65_535),
    state: values['state'] as string | undefined,
    parts: partsOf(values['parts'] as string | undefined),
    users: ((values['user'] as string[] | undefined) ?? []).map(userOf),
    audit: values['audit'] as string | undefined,
    speed: speedOf(values['speed'] as string | undefined),
  };
}

function whole(value: unknown, name: string, otherwise: number, min: number, max: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new UsageError(
      `--${name} takes a whole number from ${min} to ${max}, not "${String(value)}".`,
    );
  return number;
}

function partsOf(text: string | undefined): readonly Part[] {
  if (text === undefined) return allParts;
  return text.split(',').map((part) => {
    const known = allParts.find((it) => it === part.trim());
    if (!known)
      throw new UsageError(`--parts knows no "${part.trim()}"; it takes ${allParts.join(', ')}.`);
    return known;
  });
}

function userOf(text: string): { name: string; groups: string[] } {
  const [name = '', ...groups] = text.split(':');
  if (!name || name.includes('/'))
    throw new UsageError(`--user takes NAME or NAME:GROUP, not "${text}".`);
  return { name, groups: groups.filter(Boolean) };
}

function speedOf(text: string | undefined): Speed {
  if (text === undefined || text === 'real') return 'real';
  if (text === 'max') return 'max';
  const factor = Number(text);
  if (!(factor > 0))
    throw new UsageError(`--speed takes real, max or a factor above 0, not "${text}".`);
  return factor;
}
