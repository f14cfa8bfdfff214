import { uuid } from '../../../../base/random.ts';
import type { KubeObject } from '../../../../api/meta.ts';
import { goQuote } from '../../../../api/field.ts';
import {
  badRequest,
  failure,
  forbidden,
  internalError,
  StatusError,
} from '../../../../api/status.ts';
import type {
  MutatingWebhook,
  ValidatingWebhook,
} from '../../../../api/types/admissionregistrationV1.ts';
import * as t from '../../../cel/types.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { KindError } from '../../decode/decode.ts';
import { convert } from '../../storage/convert.ts';
import type { Matched } from '../admissionRequest.ts';
import type { AdmissionContext } from '../plugin.ts';
import { compileExpression, policyEnvironment } from '../policies/environment.ts';
import { Answers } from '../policies/evaluation.ts';
import { conditionsHold, type CompiledCondition } from '../policies/matchConditions.ts';
import { matches } from '../policies/matching.ts';
import { refusedName } from '../refuse.ts';
import { NoAnswer, type WebhookAnswer } from './caller.ts';
import { failureOf } from './failures.ts';
import {
  decodeReview,
  responseOf,
  reviewBody,
  ReviewError,
  reviewVersionOf,
  type Response,
} from './review.ts';
import { targetOf } from './target.ts';

/** A webhook of one of the configurations, in the order in which they are called. */
export interface Hook<
  W extends MutatingWebhook | ValidatingWebhook = MutatingWebhook | ValidatingWebhook,
> {
  readonly configuration: string;
  readonly webhook: W;
  /** Its place among all. */
  readonly index: number;
}

/** The webhooks of all configurations, these in the order of their names. */
export const hooksOf = <W extends MutatingWebhook | ValidatingWebhook>(
  configurations: readonly (KubeObject & { readonly webhooks?: readonly W[] })[],
): readonly Hook<W>[] =>
  configurations
    .flatMap(({ metadata, webhooks = [] }) =>
      webhooks.map((webhook) => ({ configuration: metadata.name ?? '', webhook })),
    )
    .map((hook, index) => ({ ...hook, index }));

/** A webhook could not be asked, or gave no proper answer: its failure policy says what that means. */
export class CallError extends Error {
  constructor(name: string, reason: string) {
    super(`failed calling webhook ${goQuote(name)}: ${reason}`);
  }
}

/** As what a webhook is to be asked about a request; undefined: not at all. Models webhook/generic ShouldCallHook. */
export async function matchOf(
  { webhook }: Hook,
  attributes: RequestAttributes,
  context: AdmissionContext,
): Promise<Matched | undefined> {
  const { rules, namespaceSelector, objectSelector, matchPolicy } = webhook;
  if (!rules?.length) return undefined;
  const matched = await matches(
    attributes,
    {
      resourceRules: rules,
      ...(namespaceSelector && { namespaceSelector }),
      ...(objectSelector && { objectSelector }),
      ...(matchPolicy && { matchPolicy }),
    },
    context,
  );
  if (!matched || !webhook.matchConditions?.length) return matched;
  const answers = new Answers(context.authorizer, attributes.user);
  const inputs = {
    attributes,
    matched,
    object: attributes.object && convert(attributes.object, matched),
    oldObject: attributes.oldObject && convert(attributes.oldObject, matched),
    params: undefined,
    namespace: undefined,
    answers,
    variables: new Map(),
  };
  const holds = await answers.settle(() =>
    conditionsHold(conditionsOf(webhook), inputs, webhook.failurePolicy),
  );
  if (typeof holds === 'object') throw forbidden(attributes, refusedName(attributes), holds.error);
  return holds ? matched : undefined;
}

const compiled = new WeakMap<object, readonly CompiledCondition[]>();

function conditionsOf(webhook: Hook['webhook']): readonly CompiledCondition[] {
  const found = compiled.get(webhook);
  if (found) return found;
  const environment = policyEnvironment({ hasAuthorizer: true });
  const conditions = (webhook.matchConditions ?? []).map((condition) => ({
    condition,
    compiled: compileExpression(condition.expression, environment, [t.bool]),
  }));
  compiled.set(webhook, conditions);
  return conditions;
}

const harmless: readonly string[] = ['None', 'NoneOnDryRun'];

/**
 * Asks a webhook. Throws CallError when it has no proper answer, and the refusal when it is asked on a dry run and has side
 * effects. Models callHook and callAttrMutatingHook of validating and mutating/dispatcher.go.
 */
export async function callHook(
  { webhook }: Hook,
  matched: Matched,
  attributes: RequestAttributes,
  object: KubeObject | undefined,
  context: AdmissionContext,
  isMutating: boolean,
): Promise<Response> {
  const { name, admissionReviewVersions, clientConfig, sideEffects, timeoutSeconds = 10 } = webhook;
  const dryRun = attributes.dryRun || context.isTrial;
  if (dryRun && !harmless.includes(sideEffects))
    throw badRequest(`admission webhook ${goQuote(name)} does not support dry run`);
  const fail = (reason: string, cause: unknown): never => {
    throw Object.assign(new CallError(name, reason), { cause });
  };
  try {
    const uid = uuid(context.random);
    const version = reviewVersionOf(admissionReviewVersions);
    const { oldObject } = attributes;
    const body = reviewBody({
      version,
      uid,
      attributes,
      matched,
      object: object && convert(object, matched),
      oldObject: oldObject && convert(oldObject, matched),
      dryRun,
    });
    const target = targetOf(clientConfig, context);
    const url = `${target.url}?timeout=${timeoutSeconds}s`;
    let answer: WebhookAnswer;
    try {
      const address = await target.address();
      answer = await context.callWebhook({ ...target, address, url, body, timeoutSeconds });
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return fail(`failed to call webhook: Post ${goQuote(url)}: ${error.message}`, error);
    }
    const failed = failureOf(answer);
    if (failed !== undefined) return fail(`failed to call webhook: ${failed}`, undefined);
    let review;
    try {
      review = decodeReview(answer.body, version);
    } catch (error) {
      if (!(error instanceof ReviewError || error instanceof KindError)) throw error;
      return fail(`failed to call webhook: ${error.message}`, error);
    }
    try {
      return responseOf(review, { version, uid }, isMutating);
    } catch (error) {
      if (!(error instanceof ReviewError)) throw error;
      return fail(`received invalid webhook response: ${error.message}`, error);
    }
  } catch (error) {
    if (!(error instanceof ReviewError)) throw error;
    return fail(error.message, error);
  }
}

/** What a webhook says beside its verdict. */
export function note({ webhook }: Hook, response: Response, context: AdmissionContext): void {
  for (const [key, value] of Object.entries(response.auditAnnotations ?? {}))
    context.audit(`${webhook.name}/${key}`, value);
  for (const text of response.warnings ?? []) context.warn(text);
}

/** The refusal of a webhook. Models admission/plugin/webhook/errors ToStatusErr. */
export function refusalOf({ webhook }: Hook, { status = {} }: Response): StatusError {
  const by = `admission webhook ${goQuote(webhook.name)} denied the request`;
  const why = status.message || status.reason;
  const message = why ? `${by}: ${why}` : `${by} without explanation`;
  const { code = 0, reason = '' } = status;
  const refusal = failure(code < 400 ? 400 : code, reason, message);
  return new StatusError({
    ...refusal.status,
    ...(status.details && { details: status.details }),
    ...(status.metadata && { metadata: status.metadata }),
  });
}

/** What becomes of a call that failed: under `Ignore` nothing but a note for the audit. */
export function failOpenOrThrow(
  { webhook, index }: Hook,
  error: unknown,
  prefix: string,
  round: number,
  context: AdmissionContext,
): void {
  if (!(error instanceof CallError)) throw error;
  if (webhook.failurePolicy !== 'Ignore') throw internalError(error.message);
  context.audit(`failed-open.${prefix}round_${round}_index_${index}`, webhook.name);
  context.fact(webhook.name, error.message);
}
