import { clone, type GroupVersionKind, type KubeObject } from '../../../api/meta.ts';

export function trackUpdate(_update: {
  readonly old?: KubeObject;
  readonly object: KubeObject;
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly gvk: GroupVersionKind;
}): void {
  // Not tracked yet.
}

export function applyConfiguration(apply: {
  readonly live?: KubeObject;
  readonly config: KubeObject;
  readonly manager: string;
  readonly force: boolean;
  readonly subresource: string;
  readonly time: string;
  readonly gvk: GroupVersionKind;
}): KubeObject {
  return { ...clone(apply.live ?? apply.config), ...clone(apply.config), metadata: { ...clone(apply.live?.metadata ?? {}), ...clone(apply.config.metadata) } };
}
