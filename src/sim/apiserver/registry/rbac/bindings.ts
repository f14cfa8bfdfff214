import {
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type { ClusterRoleBinding, RoleBinding, Subject } from '../../../../api/types/rbacV1.ts';
import { all, each, mayBe, must, mustBe, oneOf, type Found } from '../shared/checks.ts';
import { isDns1123Subdomain, isPathSegment, nameRules } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

// Models kubernetes/pkg/registry/rbac and pkg/apis/rbac/validation.

const group = 'rbac.authorization.k8s.io';
const roleRef = FieldPath.of('roleRef');

export const roleBindingStrategy = bindingStrategy<RoleBinding>('RoleBinding', [
  'Role',
  'ClusterRole',
]);
export const clusterRoleBindingStrategy = bindingStrategy<ClusterRoleBinding>(
  'ClusterRoleBinding',
  ['ClusterRole'],
);

function bindingStrategy<T extends RoleBinding | ClusterRoleBinding>(
  kind: T['kind'],
  roleKinds: readonly string[],
): Strategy<T> {
  const isNamespaced = kind === 'RoleBinding';
  const validate = ({ roleRef: role, subjects }: T): FieldError[] =>
    all(
      oneOf(role.apiGroup, [group], roleRef.child('apiGroup')),
      oneOf(role.kind, roleKinds, roleRef.child('kind')),
      mustBe(isPathSegment, role.name, roleRef.child('name')),
      each(subjects, FieldPath.of('subjects'), (subject, at) =>
        validateSubject(subject, isNamespaced, at),
      ),
    );
  return {
    group,
    version: 'v1',
    kind,
    metaOnUpdate: ['create', 'update'],
    validateName: (name) => nameRules.pathSegment(name, false),
    default_(binding) {
      binding.roleRef.apiGroup ||= group;
      for (const subject of binding.subjects ?? [])
        if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= group;
    },
    validate,
    validateUpdate: (binding, old) =>
      all(
        validate(binding),
        !equal(binding.roleRef, old.roleRef) &&
          invalid(roleRef, internalForm('rbac.RoleRef', binding.roleRef), 'cannot change roleRef'),
      ),
  };
}

function validateSubject(subject: Subject, isNamespaced: boolean, at: FieldPath): FieldError[] {
  const { kind, name, apiGroup } = subject;
  const groupAt = at.child('apiGroup');
  const rules = (): Found[] => {
    switch (kind) {
      case 'ServiceAccount':
        return [
          mayBe(isDns1123Subdomain, name, at.child('name')),
          apiGroup && notSupported(groupAt, apiGroup, ['']),
          !isNamespaced && !subject.namespace && required(at.child('namespace')),
        ];
      case 'User':
      case 'Group':
        return [oneOf(apiGroup, [group], groupAt)];
      default:
        return [notSupported(at.child('kind'), kind, ['ServiceAccount', 'User', 'Group'])];
    }
  };
  return all(must(name, at.child('name')), ...rules());
}
