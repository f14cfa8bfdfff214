import {
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicySpec,
  Mutation,
} from '../../../../api/types/admissionregistrationV1.ts';
import {
  all,
  each,
  must,
  mustBeGivenAsOneOf,
  mustBeOneOf,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import type { Strategy } from '../strategy.ts';
import { policyCompiler } from './compiler.ts';
import { validateMatchConditions, validateVariables } from './conditions.ts';
import {
  validateNeededExpression,
  type ExpressionCompiler,
  type ExpressionScope,
} from './expressions.ts';
import {
  defaultMatchResources,
  failurePolicies,
  nameWarnings,
  reinvocationPolicies,
  validateMatchResources,
  validateMutatingOperations,
  validateParamKind,
} from './rules.ts';

const spec = FieldPath.of('spec');

/** Models kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicy. */
export const mutatingAdmissionPolicyStrategy: Strategy<MutatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  meta: 'plain',
  metaOnUpdate: ['create'],
  hasGeneration: true,
  default_({ spec: own }) {
    if (!own) return;
    own.failurePolicy ??= 'Fail';
    defaultMatchResources(own.matchConstraints);
  },
  validate: ({ spec: own }) => validate(own ?? {}, false),
  warningsOnCreate: nameWarnings,
  validateUpdate: ({ spec: own }, old) =>
    validate(
      own ?? {},
      (['paramKind', 'matchConditions'] as const).every((key) =>
        equal(own?.[key], old.spec?.[key]),
      ),
    ),
  warningsOnUpdate: nameWarnings,
};

function validate(own: Loose<MutatingAdmissionPolicySpec>, keepsConditions: boolean): FieldError[] {
  const compiler = policyCompiler(true);
  const hasParams = !!own.paramKind;
  const scope = { hasParams, hasAuthorizer: true };
  const { matchConstraints, mutations } = own;
  const matchAt = spec.child('matchConstraints');
  return all(
    mustBeGivenAsOneOf(own.failurePolicy, failurePolicies, spec.child('failurePolicy')),
    own.paramKind && validateParamKind(own.paramKind, spec.child('paramKind')),
    matchConstraints
      ? [
          validateMatchResources(matchConstraints, matchAt),
          must(matchConstraints.resourceRules, matchAt.child('resourceRules')),
          validateMutatingOperations(matchConstraints, matchAt),
        ]
      : required(matchAt),
    !keepsConditions &&
      validateMatchConditions(
        own.matchConditions,
        policyCompiler(),
        hasParams,
        spec.child('matchConditions'),
      ),
    validateVariables(own.variables, compiler, scope, spec.child('variables')),
    must(mutations, spec.child('mutations'), 'mutations must contain at least one item'),
    each(mutations, spec.child('mutations'), (mutation, at) =>
      validateMutation(mutation, compiler, scope, at),
    ),
    mustBeOneOf(own.reinvocationPolicy, reinvocationPolicies, spec.child('reinvocationPolicy')),
  );
}

/** How to change an object, with the field that says what. */
const patchTypes = [
  ['ApplyConfiguration', 'applyConfiguration'],
  ['JSONPatch', 'jsonPatch'],
] as const;

function validateMutation(
  mutation: Loose<Mutation>,
  compiler: ExpressionCompiler,
  scope: ExpressionScope,
  at: FieldPath,
): Found {
  const { patchType } = mutation;
  if (!patchType) return required(at.child('patchType'));
  const own = patchTypes.find(([type]) => type === patchType);
  if (!own)
    return notSupported(
      at.child('patchType'),
      patchType,
      patchTypes.map(([type]) => type),
    );
  const [, key] = own;
  const other = key === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
  const patch = mutation[key];
  const expressionAt = at.child(key, 'expression');
  return [
    patch
      ? validateNeededExpression(compiler, patch.expression, key, scope, expressionAt)
      : required(at.child(key), `must be specified when patchType is ${patchType}`),
    mutation[other] &&
      invalid(
        at.child(other),
        `{${other}}`,
        `must not be specified when patchType is ${patchType}`,
      ),
  ];
}
