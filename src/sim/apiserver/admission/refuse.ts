import type { KubeObject } from '../../../api/meta.ts';
import { forbidden, type StatusError } from '../../../api/status.ts';

/** What a refusal names: attributes of a request, or as much of them as it takes. */
interface About {
  readonly group: string;
  readonly resource: string;
  readonly name: string;
  readonly object?: KubeObject;
}

/** 403 as admission plugins give it. Before a name is generated, generateName stands for it. Models admission.NewForbidden. */
export const refuse = (about: About, why: string): StatusError =>
  forbidden(about, refusedName(about), why);

export const refusedName = (about: About): string =>
  about.name || about.object?.metadata.name || (about.object?.metadata.generateName ?? '');
