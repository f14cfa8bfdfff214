import { defined } from '../../../base/assert.ts';
import type { KubeObject, ListMeta } from '../../../api/meta.ts';
import { badRequest, failure, type StatusError } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import { isCompacted } from '../../etcd/errors.ts';
import type { Exchange } from '../exchange.ts';
import { decodeContinue, encodeContinue } from '../storage/continueToken.ts';
import { tooLargeResourceVersion } from '../storage/errors.ts';
import type { StoredList } from '../storage/objectStore.ts';
import {
  listOptions,
  matches,
  parseResourceVersion,
  selectsAll,
  type ListOptions,
} from './listOptions.ts';
import { negotiate } from './negotiate.ts';
import { respondList } from './respond.ts';
import type { RestTarget } from './target.ts';

export async function listObjects(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const form = negotiate(exchange, true);
  const { resource } = target;
  const options = listOptions(exchange, resource);
  const { metadata, items } = await exchange.stage('storage', async (note) => {
    await exchange.settle();
    const list = await readList(exchange, target, options);
    note.summary = `${list.items.length} read at revision ${list.metadata.resourceVersion ?? ''}.`;
    return list;
  });
  return respondList(exchange, form, resource, metadata, items);
}

interface Page {
  readonly metadata: ListMeta;
  readonly items: readonly KubeObject[];
}

/** Where to read and from which revision on. */
interface Position {
  /** undefined: the newest. */
  readonly revision: number | undefined;
  readonly startKey: string | undefined;
}

export async function readList(
  exchange: Exchange,
  target: RestTarget,
  options: ListOptions,
): Promise<Page> {
  const { resource, namespace } = target;
  const { store } = exchange.server;
  const position = positionOf(exchange, options);
  const items: KubeObject[] = [];
  const limit = Math.max(0, options.limit);
  let { startKey } = position;
  let revision = position.revision;
  for (;;) {
    const chunk: StoredList = await readChunk(exchange, target, options, {
      ...(revision !== undefined && { revision }),
      ...(startKey !== undefined && { startKey }),
      ...(limit > 0 && { limit: Math.max(limit, selectsAll(options) ? 0 : 500) }),
    });
    revision ??= chunk.revision;
    const at = revision === -1 ? chunk.revision : revision;
    for (const [index, { object, kv }] of chunk.items.entries()) {
      if (!matches(resource, options, object)) continue;
      items.push(object);
      const left = chunk.items.length - index - 1 + chunk.remaining;
      if (limit && items.length === limit && left > 0) {
        const key = store.relativeKey(resource, namespace, kv);
        return page(at, items, encodeContinue(key, at), selectsAll(options) ? left : undefined);
      }
    }
    const last = chunk.items.at(-1);
    if (!last || chunk.remaining === 0) return page(at, items);
    startKey = `${store.relativeKey(resource, namespace, last.kv)}\u0000`;
  }
}

function page(revision: number, items: readonly KubeObject[], next?: string, left?: number): Page {
  return {
    metadata: {
      resourceVersion: String(revision),
      ...(next !== undefined && { continue: next }),
      ...(left !== undefined && { remainingItemCount: left }),
    },
    items,
  };
}

function positionOf(exchange: Exchange, options: ListOptions): Position {
  const current = exchange.server.store.kv.revision;
  if (options.continue) {
    if (options.resourceVersion && options.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    const token = decodeContinue(options.continue);
    if ('problem' in token)
      throw badRequest(
        `invalid continue token: ${token.problem}`.replace(
          'continue key is not valid',
          'continue key is not valid',
        ),
      );
    return { revision: token.revision > 0 ? token.revision : undefined, startKey: token.start };
  }
  const wanted = parseResourceVersion(options.resourceVersion, 'list');
  if (wanted > current) throw tooLargeResourceVersion(wanted, current);
  const exact =
    options.resourceVersionMatch === 'Exact' ||
    (options.resourceVersionMatch === '' && options.limit > 0 && wanted > 0);
  return { revision: exact && wanted > 0 ? wanted : undefined, startKey: undefined };
}

async function readChunk(
  exchange: Exchange,
  target: RestTarget,
  options: ListOptions,
  range: { readonly revision?: number; readonly limit?: number; readonly startKey?: string },
): Promise<StoredList> {
  try {
    return await exchange.server.store.list(target.resource, target.namespace, range);
  } catch (error) {
    if (!isCompacted(error)) throw error;
    throw options.continue
      ? continueExpired(defined(range.startKey, 'a continued list has a key'))
      : failure(
          410,
          'Expired',
          'The provided resource version is too old.'.replace(
            'The provided resource version is too old.',
            'The resourceVersion for the provided list is too old.',
          ),
        );
  }
}

/** The token is too old; the answer holds one that goes on at the newest state. Models etcd3 handleCompactedErrorForPaging. */
function continueExpired(startKey: string): StatusError {
  const error = failure(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  const next = encodeContinue(startKey.replace(/\u0000$/, ''), -1);
  error.status.metadata = { continue: next };
  return error;
}
