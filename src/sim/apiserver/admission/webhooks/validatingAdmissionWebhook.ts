import { validatingwebhookconfigurations } from '../../../../api/resources.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { isConfiguration } from '../policies/matching.ts';
import { callHook, failOpenOrThrow, hooksOf, matchOf, note, refusalOf } from './hook.ts';

const annotation = 'validating.webhook.admission.k8s.io/';

/** Asks the webhooks of ValidatingWebhookConfigurations, all at once. Models apiserver/pkg/admission/plugin/webhook/validating. */
export const validatingAdmissionWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',

  async validate(attributes, context) {
    if (isConfiguration(attributes)) return undefined;
    const hooks = hooksOf(await context.list(validatingwebhookconfigurations, ''));
    const relevant = [];
    for (const hook of hooks) {
      const matched = await matchOf(hook, attributes, context);
      if (matched) relevant.push({ hook, matched });
    }
    if (!relevant.length) return undefined;
    const outcomes = await Promise.allSettled(
      relevant.map(async ({ hook, matched }, index) => {
        try {
          const { object } = attributes;
          const response = await callHook(hook, matched, attributes, object, context, false);
          note(hook, response, context);
          if (!response.allowed) throw refusalOf(hook, response);
        } catch (error) {
          failOpenOrThrow({ ...hook, index }, error, annotation, 0, context);
        }
      }),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return `Asked ${relevant.map(({ hook }) => hook.webhook.name).join(', ')}.`;
  },
};
