import {
  clone,
  equal,
  groupVersion,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../../../../api/meta.ts';
import { mutatingwebhookconfigurations } from '../../../../api/resources.ts';
import { goTypeOfKind } from '../../../../api/schema/goTypes.ts';
import { goQuote } from '../../../../api/field.ts';
import { internalError } from '../../../../api/status.ts';
import type { MutatingWebhook } from '../../../../api/types/admissionregistrationV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { JsonSyntaxError, parseJson } from '../../decode/json.ts';
import { decodeTyped } from '../../decode/typed.ts';
import { applyJsonPatch, JsonPatchError, type Operation } from '../../patch/jsonPatch.ts';
import { rulesOf } from '../../registry/rules.ts';
import { convert } from '../../storage/convert.ts';
import type { Matched } from '../admissionRequest.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { isConfiguration } from '../policies/matching.ts';
import { replaceContents } from '../replaceContents.ts';
import {
  CallError,
  callHook,
  failOpenOrThrow,
  hooksOf,
  matchOf,
  note,
  refusalOf,
  type Hook,
} from './hook.ts';
import { patchText, type Response } from './review.ts';

const NAME = 'MutatingAdmissionWebhook';
const annotation = 'mutation.webhook.admission.k8s.io/';

/** What the plugin remembers between the rounds of a request. Models mutating/reinvocationcontext.go. */
class Rounds {
  readonly #again = new Set<string>();
  readonly #called = new Set<string>();
  #output: KubeObject | undefined;

  mayCall(hook: Hook): boolean {
    return this.#again.has(keyOf(hook));
  }

  wasCalled(hook: Hook): void {
    this.#called.add(keyOf(hook));
  }

  /** The object changed after they were called. */
  callAgain(): void {
    for (const key of this.#called) this.#again.add(key);
    this.#called.clear();
  }

  hasChanged(object: KubeObject | undefined): boolean {
    return !equal(this.#output ?? null, object ?? null);
  }

  leave(object: KubeObject | undefined): void {
    this.#output = object && clone(object);
  }
}

const keyOf = ({ configuration, webhook }: Hook): string => `${configuration}/${webhook.name}`;

/** Lets the webhooks of MutatingWebhookConfigurations change the object, one after another. Models apiserver/pkg/admission/plugin/webhook/mutating. */
export const mutatingAdmissionWebhook: AdmissionPlugin = {
  name: NAME,

  async admit(attributes, object, context) {
    if (isConfiguration(attributes)) return undefined;
    const hooks = hooksOf(await context.list(mutatingwebhookconfigurations, ''));
    if (!hooks.length) return undefined;
    const rounds = context.remembered(NAME, () => new Rounds());
    if (context.isReinvocation && rounds.hasChanged(object)) rounds.callAgain();
    const asked: string[] = [];
    try {
      for (const hook of hooks) {
        const matched = await matchOf(hook, attributes, context);
        if (!matched || (context.isReinvocation && !rounds.mayCall(hook))) continue;
        asked.push(hook.webhook.name);
        await ask(hook, matched, attributes, object, context, rounds);
      }
    } finally {
      rounds.leave(object);
    }
    return asked.length ? `Asked ${asked.join(', ')}.` : undefined;
  },
};

async function ask(
  hook: Hook<MutatingWebhook>,
  matched: Matched,
  attributes: RequestAttributes,
  object: KubeObject | undefined,
  context: AdmissionContext,
  rounds: Rounds,
): Promise<void> {
  const { configuration, webhook, index } = hook;
  const round = context.isReinvocation ? 1 : 0;
  let mutated = false;
  try {
    const response = await callHook(hook, matched, attributes, object, context, true);
    note(hook, response, context);
    if (!response.allowed) throw refusalOf(hook, response);
    const patch = patchOf(hook, response);
    if (patch.length) {
      mutated = change(hook, matched, attributes, object, patch, context);
      context.audit(
        `patch.webhook.admission.k8s.io/round_${round}_index_${index}`,
        JSON.stringify({ configuration, webhook: webhook.name, patch, patchType: 'JSONPatch' }),
      );
    }
  } catch (error) {
    failOpenOrThrow(hook, error, annotation, round, context);
  } finally {
    context.audit(
      `${annotation}round_${round}_index_${index}`,
      JSON.stringify({ configuration, webhook: webhook.name, mutated }),
    );
  }
  if (mutated) {
    rounds.callAgain();
    context.requestReinvocation();
  }
  if (webhook.reinvocationPolicy === 'IfNeeded') rounds.wasCalled(hook);
}

function patchOf({ webhook }: Hook, response: Response): readonly Operation[] {
  const text = patchText(response);
  if (!text) return [];
  let patch: JsonValue;
  try {
    patch = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new CallError(
      webhook.name,
      `received undecodable patch in webhook response: ${error.message}`,
    );
  }
  if (!Array.isArray(patch))
    throw new CallError(
      webhook.name,
      `received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch`,
    );
  if (patch.length && response.patchType !== 'JSONPatch')
    throw new CallError(
      webhook.name,
      `unsupported patch type ${goQuote(response.patchType ?? '')}`,
    );
  return patch as Operation[];
}

/** Changes the object in place; returns whether it is another one now. */
function change(
  { webhook }: Hook,
  matched: Matched,
  attributes: RequestAttributes,
  object: KubeObject | undefined,
  patch: readonly Operation[],
  context: AdmissionContext,
): boolean {
  if (!object)
    throw internalError(
      `admission webhook ${goQuote(webhook.name)} attempted to modify the object, which is not supported for this operation`,
    );
  const versioned = convert(object, matched);
  const changed = decoded(patched(versioned, patch), matched);
  const isChanged = !equal(changed, versioned);
  const resource = context.resources.get(matched.group, matched.version, matched.resource);
  if (resource) rulesOf(resource).default_(changed);
  replaceContents(object, convert(changed, attributes));
  return isChanged;
}

function patched(object: KubeObject, patch: readonly Operation[]): JsonValue {
  try {
    return applyJsonPatch(object as unknown as JsonObject, patch);
  } catch (error) {
    if (error instanceof JsonPatchError) throw internalError(error.message);
    throw error;
  }
}

/** As Go would read it back; of a custom resource, as it is. */
function decoded(value: JsonValue, matched: Matched): KubeObject {
  const type = goTypeOfKind(matched);
  if (!type) return value as unknown as KubeObject;
  const { value: read, error } = decodeTyped(value, type);
  if (error !== undefined) throw internalError(error);
  return {
    ...(read as JsonObject),
    apiVersion: groupVersion(matched),
    kind: matched.kind,
  } as unknown as KubeObject;
}
