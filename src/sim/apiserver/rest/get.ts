import { notFound } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import { badRequest } from '../../../api/status.ts';
import type { Exchange } from '../exchange.ts';
import { isTrue } from '../requestInfo.ts';
import { tooLargeResourceVersion } from '../storage/errors.ts';
import { negotiate } from './negotiate.ts';
import { respondObject } from './respond.ts';
import type { RestTarget } from './target.ts';
import { parseResourceVersion } from './listOptions.ts';

export async function getObject(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const form = negotiate(exchange);
  const { resource, namespace, name } = target;
  const { store } = exchange.server;
  if (isTrue(exchange.query, 'export'))
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported');
  const wanted = parseResourceVersion(exchange.query.get('resourceVersion') ?? '');
  const object = await exchange.stage('storage', async (note) => {
    await exchange.settle();
    if (wanted > store.kv.revision) throw tooLargeResourceVersion(wanted, store.kv.revision);
    const stored = await store.get(resource, namespace, name);
    if (!stored) throw notFound(resource, name);
    note.summary = `Read as of revision ${stored.kv.modRevision}.`;
    return stored.object;
  });
  return respondObject(exchange, form, 200, resource, object);
}
