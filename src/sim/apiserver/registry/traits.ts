/**
 * Small facts about resources that no strategy states. By `plural.group`, or `plural` for the core group.
 * Models the strategy.go and storage.go of kubernetes/pkg/registry.
 */
export interface Traits {
  /** A PUT to a name that does not exist creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** A PUT without resourceVersion is taken. */
  readonly allowUnconditionalUpdate: boolean;
  /** A deletion answers with the object rather than with a Status. */
  readonly returnsDeleted: boolean;
  /** What happens to dependents when nobody says. */
  readonly collection: 'delete' | 'orphan' | 'unsupported';
}

const CREATE_ON_UPDATE = new Set([
  'endpoints',
  'events',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'limitranges',
  'services',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
]);

const CONDITIONAL_UPDATE = new Set([
  'leases.coordination.k8s.io',
  'poddisruptionbudgets.policy',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'apiservices.apiregistration.k8s.io',
]);

const RETURNS_DELETED = new Set([
  'resourceclaimtemplates.resource.k8s.io',
  'resourceslices.resource.k8s.io',
  'resourceclaims.resource.k8s.io',
  'deviceclasses.resource.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
  'resourcequotas',
  'persistentvolumes',
  'persistentvolumeclaims',
  'serviceaccounts',
  'pods',
  'podtemplates',
  'services',
]);

const ORPHANING = new Set(['replicationcontrollers', 'jobs.batch']);
const NOT_COLLECTED = new Set(['events', 'events.events.k8s.io']);

export function traitsOf(group: string, resource: string): Traits {
  const name = group ? `${resource}.${group}` : resource;
  return {
    allowCreateOnUpdate: CREATE_ON_UPDATE.has(name),
    allowUnconditionalUpdate:
      !CONDITIONAL_UPDATE.has(name) && group !== 'admissionregistration.k8s.io',
    returnsDeleted: RETURNS_DELETED.has(name),
    collection: ORPHANING.has(name) ? 'orphan' : NOT_COLLECTED.has(name) ? 'unsupported' : 'delete',
  };
}
