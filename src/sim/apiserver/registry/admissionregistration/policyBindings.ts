import { FieldPath, type FieldError } from '../../../../api/field.ts';
import type {
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBindingSpec,
} from '../../../../api/types/admissionregistrationV1.ts';
import { all, type Loose } from '../shared/checks.ts';
import type { Strategy } from '../strategy.ts';
import {
  defaultMatchResources,
  nameWarnings,
  validateActions,
  validateMatchResources,
  validateMutatingOperations,
  validateParamRef,
  validatePolicyName,
} from './rules.ts';

const spec = FieldPath.of('spec');

type Binding = ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding;
/** Only one of the kinds has actions. */
type BindingSpec = Loose<ValidatingAdmissionPolicyBindingSpec>;

/** Models kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicybinding. */
export const validatingAdmissionPolicyBindingStrategy =
  strategyOf<ValidatingAdmissionPolicyBinding>(
    'ValidatingAdmissionPolicyBinding',
    ({ validationActions }) =>
      validateActions(validationActions ?? [], spec.child('validationActions')),
  );

/** Models kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicybinding. */
export const mutatingAdmissionPolicyBindingStrategy = strategyOf<MutatingAdmissionPolicyBinding>(
  'MutatingAdmissionPolicyBinding',
  ({ matchResources }) =>
    all(validateMutatingOperations(matchResources, spec.child('matchResources'))),
);

function strategyOf<T extends Binding>(
  kind: T['kind'],
  validateMore: (spec: BindingSpec) => readonly FieldError[],
): Strategy<T> {
  const validate = (binding: T): FieldError[] => {
    const own: BindingSpec = binding.spec ?? {};
    return all(
      validatePolicyName(own.policyName, spec.child('policyName')),
      validateParamRef(own.paramRef, spec.child('paramRef')),
      validateMatchResources(own.matchResources, spec.child('matchResources')),
      validateMore(own),
    );
  };
  return {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind,
    meta: 'plain',
    metaOnUpdate: ['create'],
    hasGeneration: true,
    default_: (binding) => defaultMatchResources(binding.spec?.matchResources),
    validate,
    warningsOnCreate: nameWarnings,
    validateUpdate: validate,
    warningsOnUpdate: nameWarnings,
  };
}
