import type { KubeObject } from '../../../api/meta.ts';
import { goQuote } from '../../../api/field.ts';
import { nodes } from '../../../api/resources.ts';
import type { Node, Pod, PodSpec } from '../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../attributes.ts';
import type { AdmissionContext } from './plugin.ts';
import { refuse } from './refuse.ts';

/** Whether the request is about a Pod itself (not a subresource of one) and brings it. */
export function isPod(
  attributes: RequestAttributes,
  object: KubeObject | undefined,
): object is Pod {
  const { group, resource, subresource } = attributes;
  return object !== undefined && group === '' && resource === 'pods' && subresource === '';
}

/** A Pod that has a node, before and after its spec changes. */
export interface BoundChange {
  readonly pod: Pod;
  readonly before: PodSpec | undefined;
  readonly now: PodSpec;
  readonly node: string;
}

/** The change that an update by one of the subresources ('' for the Pod itself) makes to a Pod that has a node; undefined: none. */
export function boundChange(
  { group, resource, subresource, operation, object, oldObject }: RequestAttributes,
  subresources: readonly string[],
): BoundChange | undefined {
  if (operation !== 'UPDATE' || group !== '' || resource !== 'pods') return undefined;
  if (!subresources.includes(subresource)) return undefined;
  const [old, pod] = [oldObject as Pod | undefined, object as Pod];
  const node = pod.spec?.nodeName;
  if (!pod.spec || !node || old?.metadata.generation === pod.metadata.generation) return undefined;
  return { pod, before: old?.spec, now: pod.spec, node };
}

/** Refuses when there is no such node. */
export async function nodeOf(
  { node: name }: BoundChange,
  attributes: RequestAttributes,
  context: AdmissionContext,
): Promise<Node> {
  const node = await context.get(nodes, '', name);
  if (!node) throw refuse(attributes, `node ${goQuote(name)} not found`);
  return node;
}
