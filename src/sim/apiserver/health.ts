import discoveryFacts from '../../api/facts/v1.36/discovery.json' with { type: 'json' };
import type { ApiResponse } from '../../api/wire.ts';
import { second } from '../../base/time.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { Exchange } from './exchange.ts';
import { respondText } from './rest/respond.ts';

type Probe = 'livez' | 'readyz' | 'healthz';

const checks = (
  discoveryFacts as {
    readonly health: Readonly<
      Record<Probe, { readonly checks: readonly string[]; readonly last: string }>
    >;
  }
).health;

/** Those that ask etcd for a key, and wait so long for it. Models apiserver/pkg/storage/storagebackend/factory newETCD3Check. */
const etcdChecks = ['etcd', 'etcd-readiness'];
const etcdTimeout = 2 * second;
const etcdProblem = 'error getting data from etcd: context deadline exceeded';

/** /livez, /readyz, /healthz and their single checks; undefined for other paths. Models apiserver/pkg/server/healthz. */
export function health(exchange: Exchange): ApiResponse | Promise<ApiResponse> | undefined {
  const match = /^\/(livez|readyz|healthz)(?:\/(.+))?$/.exec(exchange.path);
  if (!match) return undefined;
  const probe = match[1] as Probe;
  const single = match[2];
  const { checks: names } = checks[probe];
  if (single !== undefined && !names.includes(single)) return undefined;
  const excluded = new Set(single === undefined ? exchange.query.all('exclude') : []);
  const asked = (single === undefined ? names : [single]).filter((name) => !excluded.has(name));
  const ofEtcd = asked.filter((name) => etcdChecks.includes(name));
  if (!exchange.server.kv.mayStall || !ofEtcd.length)
    return answer(exchange, probe, single, excluded, new Set());
  return failing(exchange, ofEtcd).then((failed) =>
    answer(exchange, probe, single, excluded, failed),
  );
}

function answer(
  exchange: Exchange,
  probe: Probe,
  single: string | undefined,
  excluded: ReadonlySet<string>,
  failed: ReadonlySet<string>,
): ApiResponse {
  const { checks: names, last } = checks[probe];
  if (single !== undefined)
    return failed.size
      ? plain(exchange, 500, `internal server error: ${etcdProblem}\n`)
      : plain(exchange, 200, 'ok');
  if (!failed.size && !exchange.query.has('verbose')) return plain(exchange, 200, 'ok');
  const lines = names.map((name) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok`;
    return failed.has(name) ? `[-]${name} failed: reason withheld` : `[+]${name} ok`;
  });
  const unknown = [...excluded].filter((name) => !names.includes(name));
  if (unknown.length)
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(', ')}`,
    );
  if (!failed.size) return plain(exchange, 200, `${lines.join('\n')}\n${last}\n`);
  return plain(exchange, 500, `${lines.join('\n')}\n${probe} check failed\n`);
}

/** One after another, as the real one asks. */
async function failing(exchange: Exchange, names: readonly string[]): Promise<Set<string>> {
  const failed = new Set<string>();
  for (const name of names) if (!(await answersInTime(exchange))) failed.add(name);
  return failed;
}

function answersInTime(exchange: Exchange): Promise<boolean> {
  const { kv, clock } = exchange.server;
  const answers = kv.range({ key: '/registry/health' }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof EtcdError) return false;
      throw error;
    },
  );
  return Promise.race([answers, clock.sleep(etcdTimeout).then(() => false)]);
}

function plain(exchange: Exchange, code: number, text: string): ApiResponse {
  exchange.headers['x-content-type-options'] = 'nosniff';
  return respondText(exchange, code, text);
}
