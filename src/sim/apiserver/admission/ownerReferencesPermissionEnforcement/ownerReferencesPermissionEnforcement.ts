import {
  equal,
  parseGroupVersion,
  type KubeObject,
  type OwnerReference,
} from '../../../../api/meta.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AuthorizationAnswer, AuthorizationQuestion } from '../../authz/authorizer.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';

/** Who gives an object an owner must be able to delete it, and to hold up the owner if it shall. Models plugin/pkg/admission/gc. */
export const ownerReferencesPermissionEnforcement = {
  name: 'OwnerReferencesPermissionEnforcement',

  async validate(attributes, context) {
    const { object, oldObject, operation, group, resource, subresource } = attributes;
    if (!object || operation === 'DELETE') return undefined;
    if (group === '' && resource === 'pods' && subresource === 'status') return undefined;
    if (equal(ownersOf(object), ownersOf(oldObject))) return undefined;
    if (operation !== 'CREATE') {
      const answer = await ask(attributes, context, { verb: 'delete' });
      if (!answer.allowed)
        throw refuse(
          attributes,
          `cannot set an ownerRef on a resource you can't delete: ${answer.reason}, <nil>`,
        );
    }
    const blocking = newBlocking(object, oldObject);
    if (!blocking.length) return 'May be given these owners.';
    const finalizers = { verb: 'update', subresource: 'finalizers' };
    const all = { group: '*', version: '*', resource: '*', name: '*', namespace: '' };
    if ((await ask(attributes, context, { ...finalizers, ...all })).allowed)
      return 'May be given these owners, and hold them up.';
    for (const reference of blocking) {
      const owner = ownerOf(reference, attributes, context);
      const answer = await ask(attributes, context, { ...finalizers, ...owner });
      if (!answer.allowed)
        throw refuse(
          attributes,
          `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${answer.reason}, <nil>`,
        );
    }
    return 'May be given these owners, and hold them up.';
  },
} satisfies AdmissionPlugin;

const ownersOf = (object: KubeObject | undefined): readonly OwnerReference[] =>
  object?.metadata.ownerReferences ?? [];

function newBlocking(object: KubeObject, old: KubeObject | undefined): OwnerReference[] {
  const before = new Map(ownersOf(old).map((reference) => [reference.uid, reference]));
  return ownersOf(object).filter(
    ({ uid, blockOwnerDeletion }) => blockOwnerDeletion && !before.get(uid)?.blockOwnerDeletion,
  );
}

function ownerOf(
  { apiVersion, kind, name }: OwnerReference,
  attributes: RequestAttributes,
  { resources }: AdmissionContext,
): Partial<AuthorizationQuestion> {
  const { group, version } = parseGroupVersion(apiVersion);
  for (const served of resources.all())
    if (served.group === group && served.version === version && served.gvk.kind === kind) {
      const namespace = served.namespaced ? attributes.namespace : '';
      return { group, version, resource: served.resource, name, namespace };
    }
  throw refuse(
    attributes,
    `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: no matches for kind "${kind}" in version "${apiVersion}"`,
  );
}

async function ask(
  { user, group, version, resource, subresource, namespace, name }: RequestAttributes,
  { authorizer }: AdmissionContext,
  about: Partial<AuthorizationQuestion>,
): Promise<AuthorizationAnswer> {
  const request = { user, group, version, resource, subresource, namespace, name };
  return authorizer.authorize({
    ...request,
    verb: '',
    path: '',
    isResourceRequest: true,
    ...about,
  });
}
