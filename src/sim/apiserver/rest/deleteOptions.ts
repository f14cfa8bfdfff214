import {
  FieldPath,
  invalid,
  invalidObject,
  notSupported,
  type FieldError,
} from '../../../api/field.ts';
import type { JsonObject } from '../../../api/meta.ts';
import { badRequest, isStatus } from '../../../api/status.ts';
import { decodeOptions } from '../decode/decode.ts';
import type { Exchange } from '../exchange.ts';
import { readBody } from './body.ts';
import { booleanParameter, dryRunErrors, integerParameter } from './options.ts';

/** metav1.DeleteOptions. A body has them all; without a body the query has. */
export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly sent: JsonObject;
}

interface RawOptions {
  readonly dryRun?: readonly string[] | null;
  readonly gracePeriodSeconds?: number | null;
  readonly propagationPolicy?: string | null;
  readonly orphanDependents?: boolean | null;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | null;
}

export async function deleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const sent = exchange.request.body;
  const isEmpty = sent === undefined || (sent instanceof Uint8Array && sent.length === 0);
  const body = isEmpty ? undefined : await readBody(exchange);
  return exchange.stage('decoding', (note) => {
    const raw: RawOptions = body ? decoded(body.body, body.contentType) : fromQuery(exchange);
    note.summary = body ? 'DeleteOptions in the body.' : 'DeleteOptions in the query.';
    if (exchange.server.audit.isOn && body) exchange.requestObject = raw as JsonObject;
    return checkedOptions(raw);
  });
}

/** The decoder's refusal without what it says of objects: options are decoded by a decoder of their own. */
function decoded(body: Uint8Array | JsonObject, contentType: string): RawOptions {
  try {
    return decodeOptions(body, contentType);
  } catch (error) {
    if (!isStatus(error, 'BadRequest')) throw error;
    const match =
      /^the object provided is unrecognized \(must be of type DeleteOptions\): (.*) \(.*\)$/s.exec(
        error.message,
      );
    throw match ? badRequest(match[1] ?? '') : error;
  }
}

function fromQuery(exchange: Exchange): RawOptions {
  const { query } = exchange;
  const grace = integerParameter(query, 'gracePeriodSeconds');
  const orphan = booleanParameter(query, 'orphanDependents');
  const policy = query.get('propagationPolicy');
  return {
    dryRun: query.all('dryRun'),
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(orphan !== undefined && { orphanDependents: orphan }),
    ...(policy !== undefined && { propagationPolicy: policy }),
  };
}

const POLICIES = ['Foreground', 'Background', 'Orphan', 'nil'];

/** The one list of values that upstream does not sort. */
const unknownPolicy = (policy: string): FieldError => ({
  ...notSupported(FieldPath.of('propagationPolicy'), policy, POLICIES),
  detail: `supported values: ${POLICIES.map((one) => `"${one}"`).join(', ')}`,
});

/** Models apimachinery/pkg/apis/meta/v1/validation ValidateDeleteOptions. */
export function checkedOptions(raw: RawOptions): DeleteOptions {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = raw;
  const dryRun = raw.dryRun ?? [];
  const errors: FieldError[] = [];
  const path = FieldPath.of('propagationPolicy');
  const hasPolicy = propagationPolicy !== undefined && propagationPolicy !== null;
  if (hasPolicy && orphanDependents !== undefined && orphanDependents !== null)
    errors.push(
      invalid(
        path,
        propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    );
  if (hasPolicy && !POLICIES.slice(0, 3).includes(propagationPolicy))
    errors.push(unknownPolicy(propagationPolicy));
  errors.push(...dryRunErrors(dryRun));
  if (errors.length)
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  return {
    dryRun: dryRun.length > 0,
    gracePeriodSeconds: gracePeriodSeconds ?? undefined,
    propagationPolicy: (propagationPolicy ?? undefined) as DeleteOptions['propagationPolicy'],
    orphanDependents: orphanDependents ?? undefined,
    preconditions: preconditions ?? undefined,
    sent: sentOptions(raw as JsonObject),
  };
}

/** As admission sees them, whatever version they came in. */
function sentOptions(raw: JsonObject): JsonObject {
  const sent = { ...raw, kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' } as JsonObject;
  const { dryRun } = sent;
  if (Array.isArray(dryRun) && !dryRun.length) delete sent['dryRun'];
  return sent;
}
