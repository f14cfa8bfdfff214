import type { JsonObject } from '../../../api/meta.ts';
import type { RequestAttributes } from '../attributes.ts';

/** The resource and kind by which a policy or a webhook matched: those of the request, or equivalent ones. */
export interface Matched {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
}

/**
 * The admission.k8s.io request that webhooks get and expressions see, without its objects. Models
 * admission/plugin/webhook/request CreateV1AdmissionReview.
 */
export function admissionRequest(attributes: RequestAttributes, matched: Matched): JsonObject {
  const { user } = attributes;
  return {
    uid: '',
    kind: { group: matched.group, version: matched.version, kind: matched.kind },
    resource: { group: matched.group, version: matched.version, resource: matched.resource },
    ...(attributes.subresource && { subResource: attributes.subresource }),
    requestKind: {
      group: attributes.group,
      version: attributes.version,
      kind: attributes.kind,
    },
    requestResource: {
      group: attributes.group,
      version: attributes.version,
      resource: attributes.resource,
    },
    ...(attributes.subresource && { requestSubResource: attributes.subresource }),
    ...(attributes.name && { name: attributes.name }),
    ...(attributes.namespace && { namespace: attributes.namespace }),
    operation: attributes.operation,
    userInfo: {
      ...(user.name && { username: user.name }),
      ...(user.uid && { uid: user.uid }),
      ...(user.groups.length && { groups: [...user.groups] }),
      ...(Object.keys(user.extra).length && {
        extra: Object.fromEntries(
          Object.entries(user.extra).map(([key, values]) => [key, [...values]]),
        ),
      }),
    },
    object: null,
    oldObject: null,
    dryRun: attributes.dryRun,
    options: attributes.options as JsonObject,
  };
}
