import type { RequestAttributes } from '../attributes.ts';

/** Which requests concern a plugin that a real server has and this one does not have yet. */
const CONCERNS: Readonly<Record<string, (attributes: RequestAttributes) => boolean>> = {
  PodGroupProtection: ({ resource }) => resource === 'podgroups',
  ClusterTrustBundleAttest: ({ resource }) => resource === 'clustertrustbundles',
  PodGroupWorkloadExists: ({ resource }) => resource === 'podgroups',
  NodeDeclaredFeatureValidator: ({ resource, operation }) =>
    resource === 'pods' && operation === 'UPDATE',
  JobValidation: ({ resource }) => resource === 'jobs',
  PodResizeValidator: ({ resource, subresource }) =>
    resource === 'pods' && subresource === 'resize',
};

/** Whether a plugin that is not there would have looked at the request. Unknown ones might have. */
export const notSimulated = (name: string, attributes: RequestAttributes): boolean =>
  CONCERNS[name]?.(attributes) ?? true;
