import {
  FieldPath,
  fieldForbidden,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../../../../api/field.ts';
import type { IngressClass, IngressClassSpec } from '../../../../api/types/networkingV1.ts';
import { all, allInvalid, type Loose } from '../shared/checks.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  utf8Length,
  validateDomainPrefixedPath,
} from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import { requiredPathSegment } from './ingress.ts';

const spec = FieldPath.of('spec');

/** Models kubernetes/pkg/registry/networking/ingressclass. */
export const ingressClassStrategy: Strategy<IngressClass> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  metaOnUpdate: ['update', 'create'],
  default_({ spec: own }) {
    if (own?.parameters) own.parameters.scope ??= 'Cluster';
  },
  validate: ({ spec: own }) => validateSpec(own ?? {}),
  validateUpdate: ({ spec: own }, old) =>
    all(
      validateImmutable(
        own?.controller ?? '',
        old.spec?.controller ?? '',
        spec.child('controller'),
      ),
      validateSpec(own ?? {}),
    ),
};

function validateSpec({ controller, parameters }: Loose<IngressClassSpec>): FieldError[] {
  const at = spec.child('controller');
  return all(
    utf8Length(controller ?? '') > 250 && tooLong(at, 250),
    validateDomainPrefixedPath(controller ?? '', at),
    parameters && validateParameters(parameters, spec.child('parameters')),
  );
}

function validateParameters(
  to: NonNullable<Loose<IngressClassSpec>['parameters']>,
  at: FieldPath,
): FieldError[] {
  const { apiGroup, scope, namespace } = to;
  const namespaceAt = at.child('namespace');
  return all(
    typeof apiGroup === 'string' &&
      allInvalid(at.child('apiGroup'), apiGroup, isDns1123Subdomain(apiGroup)),
    requiredPathSegment(to.kind, at.child('kind')),
    requiredPathSegment(to.name, at.child('name')),
    scope === 'Namespace'
      ? typeof namespace === 'string'
        ? allInvalid(namespaceAt, namespace, isDns1123Label(namespace))
        : required(namespaceAt, "`parameters.scope` is set to 'Namespace'")
      : scope === 'Cluster'
        ? typeof namespace === 'string' &&
          fieldForbidden(namespaceAt, "`parameters.scope` is set to 'Cluster'")
        : notSupported(at.child('scope'), scope ?? '', ['Cluster', 'Namespace']),
  );
}
