import { cloneAsGiven } from '../../../api/emptied.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { Exchange } from '../exchange.ts';
import { updateObject, type Write } from '../pipeline.ts';
import { checkName, dedupOwnerReferences, matchNamespace } from '../registry/metadata.ts';
import { rulesOf } from '../registry/rules.ts';
import { readBody } from './body.ts';
import { decodeInto, setDefaults } from './create.ts';
import { managerOf } from './manager.ts';
import { negotiate } from './negotiate.ts';
import { writeOptions } from './options.ts';
import { respondObject } from './respond.ts';
import type { RestTarget } from './target.ts';

/** PUT of an object or of a subresource that is the object. Models handlers/update.go. */
export async function putObject(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const { resource, subresource, namespace, name } = target;
  const form = negotiate(exchange);
  const { body, contentType } = await readBody(exchange);
  const rules = rulesOf(resource);
  const { decoded, options } = await exchange.stage('decoding', (note) => {
    const options = writeOptions(exchange, 'UpdateOptions');
    const decoded = decodeInto(exchange, target, body, contentType, options);
    matchNamespace(decoded.metadata, namespace);
    checkName(decoded.metadata, name, namespace);
    setDefaults(note, resource, decoded);
    dedupOwnerReferences(decoded.metadata);
    note.summary += ` Unknown fields: ${options.fieldValidation}.`;
    return { decoded, options };
  });
  const write: Write = {
    resource,
    subresource: subresource?.name ?? '',
    namespace,
    name,
    dryRun: options.dryRun,
    options: options.sent,
    manager: managerOf(options.fieldManager, exchange.userAgent),
  };
  const { object, created } = await updateObject(exchange, write, {
    produce: () => Promise.resolve({ object: cloneAsGiven(decoded) }),
    retries: decoded.metadata.resourceVersion ? 0 : MAX_RETRIES,
    uidIsPrecondition: true,
    createsMissing: !subresource && rules.allowCreateOnUpdate,
  });
  return respondObject(exchange, form, created ? 201 : 200, resource, object);
}

/** An update that names no version goes through whatever happens in between. */
const MAX_RETRIES = 100;
