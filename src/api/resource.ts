import type { KubeObject } from './meta.ts';

/** A resource as components name it; `T` is the type of its objects. The list of them is in resources.ts. */
export interface Resource<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  /** Plural: `deployments`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never there at run time. */
  readonly _type?: T;
}

/** `/apis/apps/v1/namespaces/default/deployments/web/status` */
export function resourcePath(
  resource: Resource,
  namespace: string,
  name?: string,
  subresource?: string,
): string {
  const root = resource.group
    ? `/apis/${resource.group}/${resource.version}`
    : `/api/${resource.version}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${namespace}` : '';
  return `${root}${scope}/${resource.resource}${name === undefined ? '' : `/${encodeURIComponent(name)}`}${subresource ? `/${subresource}` : ''}`;
}
