import { parseArgs } from 'node:util';
import type { AdmissionOptions } from '../../sim/apiserver/admission/choice.ts';
import { identityOf, type Identity } from '../../verdict/identity.ts';
import { admissionFlagsOf } from './admissionFlags.ts';
import { parseMistake } from './parseMistake.ts';
import { UsageError } from './usageError.ts';

export const formats = ['text', 'json', 'sarif', 'github'] as const;
export type Format = (typeof formats)[number];

export interface DryRunOptions {
  readonly help: boolean;
  /** Files and folders; `-` is the standard input. */
  readonly files: readonly string[];
  /** The admin unless given. */
  readonly as: Identity | undefined;
  /** A file or folder of objects that the cluster has beforehand. */
  readonly cluster: string | undefined;
  readonly output: Format;
  readonly namespace: string | undefined;
  /** Virtual seconds to look ahead; 0: don't. */
  readonly forwardSeconds: number;
  readonly admission: AdmissionOptions;
}

export const dryRunUsage = `dry-run FILE…   says what a Kubernetes 1.36 API server would say to manifests, without any cluster

  FILE                 a YAML or JSON file, a folder of them, or - for the standard input; in order, each
                       document with the earlier ones applied
  --as USER[:GROUP…]   who applies them: alice:developers, system:serviceaccount:NAMESPACE:NAME (the admin)
  --cluster STATE      a file or folder of objects that are there beforehand: kubectl get … -o yaml (a new cluster)
  -o, --output FORMAT  ${formats.join(', ')} (text)
  -n, --namespace NS   where objects without a namespace go (default)
  --forward SECONDS    look so far ahead: would Pods come to run? (0)
  --enable-admission-plugins A,B    plugins beside those that are on by default
  --disable-admission-plugins A,B   plugins that are on by default, to be off
  --help               prints this

Ends with 0 when all documents are accepted, 1 when one is rejected, 2 when something cannot be read.`;

const text = { type: 'string' } as const;
const flags = {
  help: { type: 'boolean', short: 'h' },
  as: text,
  cluster: text,
  output: { type: 'string', short: 'o' },
  namespace: { type: 'string', short: 'n' },
  forward: text,
  'enable-admission-plugins': text,
  'disable-admission-plugins': text,
} as const;

export function parseDryRunOptions(args: readonly string[]): DryRunOptions {
  const { values, positionals } = read(args);
  const { help = false, as, cluster, output, namespace, forward } = values;
  if (!help && !positionals.length)
    throw new UsageError(`dry-run needs a FILE, a folder, or - for the standard input.`);
  if (positionals.filter((file) => file === '-').length > 1)
    throw new UsageError('- stands twice: the standard input can be read only once.');
  if (cluster === '') throw new UsageError('--cluster takes the path of a file or folder, not "".');
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    throw new UsageError(`--namespace takes the name of a namespace, not "${namespace}".`);
  return {
    help,
    files: positionals,
    as: as === undefined ? undefined : userOf(as),
    cluster,
    output: formatOf(output),
    namespace,
    forwardSeconds: secondsOf(forward),
    admission: admissionFlagsOf(values),
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: true });
  } catch (error) {
    throw parseMistake(error, args, dryRunUsage);
  }
}

function userOf(text: string): Identity {
  const identity = identityOf(text);
  if (!identity.user)
    throw new UsageError(`--as takes USER or USER:GROUP, as alice:developers, not "${text}".`);
  return identity;
}

function formatOf(output: string | undefined): Format {
  const format = formats.find((it) => it === (output ?? 'text'));
  if (!format)
    throw new UsageError(`--output knows no "${output ?? ''}"; it takes ${formats.join(', ')}.`);
  return format;
}

function secondsOf(forward: string | undefined): number {
  const seconds = Number(forward ?? 0);
  if (forward === '' || !Number.isFinite(seconds) || seconds < 0 || seconds > 3600)
    throw new UsageError(
      `--forward takes a number of seconds from 0 to 3600, not "${forward ?? ''}".`,
    );
  return seconds;
}
