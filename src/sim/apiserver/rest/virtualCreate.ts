import { groupVersion, type GroupVersionKind, type KubeObject } from '../../../api/meta.ts';
import { formatTime } from '../../../base/time.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { trackUpdate } from '../managedFields/managedFields.ts';
import { attributesOf, type Write } from '../pipeline.ts';
import { matchNamespace, wipeSystemFields } from '../registry/metadata.ts';
import { strategyOf } from '../registry/strategies.ts';
import { readBody } from './body.ts';
import { decodeInto } from './create.ts';
import { managerOf } from './manager.ts';
import { negotiate } from './negotiate.ts';
import { writeOptions } from './options.ts';
import { respondObject } from './respond.ts';
import type { RestTarget } from './target.ts';

/** What a creation that stores no object of its own does between mutating admission and the answer. */
export interface VirtualWork {
  readonly object: KubeObject;
  readonly write: Write;
  /** The validating pass; called when the object has been checked. */
  readonly validate: () => Promise<void>;
}

/** POST of reviews, bindings, evictions and token requests: all stages of a creation but storage. */
export async function createVirtual(
  exchange: Exchange,
  target: RestTarget,
  options: { readonly keepsSystemFields?: boolean },
  work: (work: VirtualWork) => Promise<KubeObject>,
): Promise<ApiResponse> {
  const { resource, subresource, namespace, name } = target;
  const gvk: GroupVersionKind = subresource?.gvk ?? resource.gvk;
  const form = negotiate(exchange);
  const { body, contentType } = await readBody(exchange);
  const { object, write } = await exchange.stage('decoding', (note) => {
    const sent = writeOptions(exchange, 'CreateOptions');
    const object = decodeInto(exchange, target, body, contentType, sent);
    if (!options.keepsSystemFields) wipeSystemFields(object.metadata);
    matchNamespace(object.metadata, namespace);
    strategyOf(gvk.group, gvk.version, gvk.kind).default_?.(object);
    note.summary = `A ${gvk.kind}; unknown fields: ${sent.fieldValidation}.`;
    const write: Write = {
      resource,
      subresource: subresource?.name ?? '',
      namespace,
      name: name || (object.metadata.name ?? ''),
      dryRun: sent.dryRun,
      options: sent.sent,
      manager: managerOf(sent.fieldManager, exchange.userAgent),
      gvk,
    };
    return { object, write };
  });
  await exchange.stage('managedFields', (note) => {
    trackUpdate({
      object,
      manager: write.manager,
      apiVersion: groupVersion(gvk),
      subresource: write.subresource,
      time: formatTime(exchange.server.clock.now()),
      gvk,
    });
    note.summary = `The fields that were set belong to ${write.manager}.`;
  });
  const attributes = attributesOf(exchange, write, 'CREATE', object);
  await exchange.server.admission.admit(exchange, attributes, object);
  const answer = await work({
    object,
    write,
    validate: () => exchange.server.admission.validate(exchange, attributes),
  });
  return respondObject(exchange, form, 201, resource, answer);
}
