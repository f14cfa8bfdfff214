import { isStatus } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { deleteOne } from './delete.ts';
import { deleteOptions } from './deleteOptions.ts';
import { readList } from './list.ts';
import { listOptions } from './listOptions.ts';
import { negotiate } from './negotiate.ts';
import { respondList } from './respond.ts';
import type { RestTarget } from './target.ts';

/** DELETE of a collection: what the selectors choose, one by one; the answer lists it as it was. */
export async function deleteCollection(
  exchange: Exchange,
  target: RestTarget,
): Promise<ApiResponse> {
  const form = negotiate(exchange, true);
  const { resource } = target;
  const selection = listOptions(exchange, resource);
  const options = await deleteOptions(exchange);
  const page = await readList(exchange, target, selection);
  const deleted = [];
  for (const object of page.items) {
    const { namespace = '', name = '' } = object.metadata;
    try {
      await deleteOne(exchange, { ...target, namespace, name }, options);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
    deleted.push(object);
  }
  return respondList(exchange, form, resource, page.metadata, deleted);
}
