import type { KubeObject } from '../../../api/meta.ts';
import { notFound } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { listOptions, matches } from './listOptions.ts';
import { negotiate } from './negotiate.ts';
import { respondList, respondObject } from './respond.ts';
import { methodNotAllowed } from './refusals.ts';
import type { RestTarget } from './target.ts';

/** The old health report. Parts that answer are healthy here: a part that is off has no server that could be asked. */
export function componentStatuses(exchange: Exchange, target: RestTarget): ApiResponse {
  const { resource, name } = target;
  const { verb } = exchange.info;
  if (verb !== 'get' && verb !== 'list') return methodNotAllowed();
  const form = negotiate(exchange);
  const all = [
    component('controller-manager', 'ok'),
    component('etcd-0', 'ok'),
    component('scheduler', 'ok'),
  ];
  if (verb === 'list') {
    const options = listOptions(exchange, resource);
    return respondList(
      exchange,
      form,
      resource,
      {},
      all.filter((one) => matches(resource, options, one)),
    );
  }
  const found = all.find((one) => one.metadata.name === name);
  if (!found) throw notFound({ group: '', resource: 'componentstatus' }, name);
  return respondObject(exchange, form, 200, resource, found);
}

const component = (name: string, message: string): KubeObject =>
  ({
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name },
    conditions: [{ type: 'Healthy', status: 'True', message }],
  }) as KubeObject;
