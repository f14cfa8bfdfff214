import type { JsonObject, KubeObject } from '../../../api/meta.ts';

/** The object keeps its identity: later plugins and the pipeline hold it. */
export function replaceContents(object: KubeObject, changed: KubeObject): void {
  const target = object as unknown as JsonObject;
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, changed);
}
