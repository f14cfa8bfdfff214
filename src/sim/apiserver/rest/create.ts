import { forbidden } from '../../../api/status.ts';
import { changes } from '../../../api/diff.ts';
import { clone, type JsonObject, type KubeObject } from '../../../api/meta.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import { decodeCustom } from '../customResources/decoding.ts';
import { decodeObject } from '../decode/decode.ts';
import type { Exchange, StageNote } from '../exchange.ts';
import { createObject, type Write } from '../pipeline.ts';
import { matchNamespace, wipeSystemFields } from '../registry/metadata.ts';
import { rulesOf } from '../registry/rules.ts';
import type { ServedResource } from '../registry/resources.ts';
import { readBody } from './body.ts';
import { managerOf } from './manager.ts';
import { negotiate } from './negotiate.ts';
import { writeOptions, type WriteOptions } from './options.ts';
import { respondObject } from './respond.ts';
import type { RestTarget } from './target.ts';

/** POST to a collection. Models handlers/create.go. */
export async function createInCollection(
  exchange: Exchange,
  target: RestTarget,
): Promise<ApiResponse> {
  const { resource, namespace } = target;
  const form = negotiate(exchange);
  const { body, contentType } = await readBody(exchange);
  const { object, options } = await exchange.stage('decoding', (note) => {
    const options = writeOptions(exchange, 'CreateOptions');
    const object = decodeInto(exchange, target, body, contentType, options);
    wipeSystemFields(object.metadata);
    matchNamespace(object.metadata, namespace);
    setDefaults(note, resource, object);
    note.summary += ` Unknown fields: ${options.fieldValidation}.`;
    return { object, options };
  });
  if (resource.custom?.isTerminating)
    throw forbidden(
      resource,
      object.metadata.name ?? '',
      'create not allowed while custom resource definition is terminating',
    );
  const write: Write = {
    resource,
    subresource: '',
    namespace,
    name: object.metadata.name ?? '',
    dryRun: options.dryRun,
    options: options.sent,
    manager: managerOf(options.fieldManager, exchange.userAgent),
  };
  const stored = await createObject(exchange, write, object);
  return respondObject(exchange, form, 201, resource, stored);
}

/** Gives the fields that were left out their defaults, and notes which. */
export function setDefaults(note: StageNote, resource: ServedResource, object: KubeObject): void {
  const sent = clone(object);
  rulesOf(resource).default_(object);
  const made = changes(sent, object);
  note.changes = made;
  if (made.length) note.verdict = 'mutated';
  const count = `${made.length} ${made.length === 1 ? 'default' : 'defaults'}`;
  note.summary = `A ${resource.gvk.kind}; ${made.length ? `${count} added` : 'nothing to default'}.`;
}

/** Decodes a body into the resource's kind (or another one, for subresources), and keeps it for the audit. */
export function decodeInto(
  exchange: Exchange,
  target: RestTarget,
  body: Parameters<typeof decodeObject>[0],
  contentType: string,
  options: WriteOptions,
): KubeObject {
  const gvk = target.subresource?.gvk ?? target.resource.gvk;
  const { custom } = target.resource;
  const { object, warnings } =
    custom && gvk.group === target.resource.group
      ? decodeCustom(body, contentType, gvk, custom, options.fieldValidation)
      : decodeObject(body, contentType, gvk, options.fieldValidation);
  for (const warning of warnings) exchange.warn(warning);
  if (exchange.server.audit.isOn) exchange.requestObject = clone(object) as unknown as JsonObject;
  return object;
}
