import type { ApiResponse } from '../../api/wire.ts';
import { keyOfText, prefixEnd } from '../etcd/key.ts';
import type { Exchange } from './exchange.ts';
import { respondText } from './rest/respond.ts';

/** Labels in the order in which they are shown. */
type Labels = Readonly<Record<string, string>>;

/** Counts what the server does, for /metrics. Only what is really counted is shown, under its real name. */
export class Metrics {
  readonly #requests = new Map<string, { readonly labels: Labels; count: number }>();

  count(exchange: Exchange, code: number): void {
    const { info } = exchange;
    const { group, version, resource, subresource, namespace, name } = info;
    const labels: Labels = {
      code: String(code),
      component: 'apiserver',
      dry_run: exchange.dryRun ? 'All' : '',
      group,
      resource,
      scope: name ? 'resource' : namespace ? 'namespace' : 'cluster',
      subresource: info.isResourceRequest ? subresource : exchange.path,
      verb: info.isResourceRequest ? info.verb.toUpperCase() : exchange.request.method,
      version,
    };
    const key = JSON.stringify(labels);
    const known = this.#requests.get(key);
    if (known) known.count++;
    else this.#requests.set(key, { labels, count: 1 });
  }

  requests(): readonly { readonly labels: Labels; readonly count: number }[] {
    return [...this.#requests.values()];
  }
}

/** The text of /metrics in Prometheus' format. */
export async function metrics(exchange: Exchange): Promise<ApiResponse> {
  const { kv, resources, version, metrics: counted } = exchange.server;
  const lines: string[] = [];
  const family = (name: string, type: string, help: string): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  };
  family(
    'apiserver_request_total',
    'counter',
    '[STABLE] Requests by what they asked for and how they were answered.',
  );
  for (const { labels, count } of counted.requests())
    lines.push(`apiserver_request_total${shown(labels)} ${count}`);
  const seen = new Set<string>();
  family('apiserver_storage_objects', 'gauge', '[STABLE] Stored objects by resource.');
  for (const { group, resource, storage } of resources.all()) {
    if (!storage || seen.has(storage.prefix)) continue;
    seen.add(storage.prefix);
    const key = keyOfText(storage.prefix);
    const { count } = await kv.range({ key, rangeEnd: prefixEnd(key), countOnly: true });
    const name = group ? `${resource}.${group}` : resource;
    lines.push(`apiserver_storage_objects${shown({ resource: name })} ${count}`);
  }
  family('kubernetes_build_info', 'gauge', '[ALPHA] The version of the server.');
  lines.push(
    `kubernetes_build_info${shown({
      build_date: text(version['buildDate']),
      compiler: text(version['compiler']),
      git_commit: text(version['gitCommit']),
      git_tree_state: text(version['gitTreeState']),
      git_version: text(version['gitVersion']),
      go_version: text(version['goVersion']),
      major: text(version['major']),
      minor: text(version['minor']),
      platform: text(version['platform']),
    })} 1`,
  );
  return respondText(
    exchange,
    200,
    `${lines.join('\n')}\n`,
    'text/plain; version=0.0.4; charset=utf-8',
  );
}

const shown = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(',')}}`;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
