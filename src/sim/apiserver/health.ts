import discoveryFacts from '../../api/facts/v1.36/discovery.json' with { type: 'json' };
import type { ApiResponse } from '../../api/wire.ts';
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

/** /livez, /readyz, /healthz and their single checks; undefined for other paths. Models apiserver/pkg/server/healthz. */
export function health(exchange: Exchange): ApiResponse | undefined {
  const match = /^\/(livez|readyz|healthz)(?:\/(.+))?$/.exec(exchange.path);
  if (!match) return undefined;
  const probe = match[1] as Probe;
  const { checks: names, last } = checks[probe];
  const single = match[2];
  if (single !== undefined) return names.includes(single) ? plain(exchange, 'ok') : undefined;
  const excluded = new Set(exchange.query.all('exclude'));
  if (!exchange.query.has('verbose')) return plain(exchange, 'ok');
  const lines = names.map((name) =>
    excluded.has(name) ? `[+]${name} excluded: ok` : `[+]${name} ok`,
  );
  const unknown = [...excluded].filter((name) => !names.includes(name));
  if (unknown.length)
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(', ')}`,
    );
  return plain(exchange, `${lines.join('\n')}\n${last}\n`);
}

function plain(exchange: Exchange, text: string): ApiResponse {
  exchange.headers['x-content-type-options'] = 'nosniff';
  return respondText(exchange, 200, text);
}
