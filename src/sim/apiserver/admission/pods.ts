import type { KubeObject } from '../../../api/meta.ts';
import type { Pod } from '../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../attributes.ts';

/** Whether the request is about a Pod itself (not a subresource of one) and brings it. */
export function isPod(
  attributes: RequestAttributes,
  object: KubeObject | undefined,
): object is Pod {
  const { group, resource, subresource } = attributes;
  return object !== undefined && group === '' && resource === 'pods' && subresource === '';
}
