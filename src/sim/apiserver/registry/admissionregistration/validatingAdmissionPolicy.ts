import { duplicate, FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
  Validation,
} from '../../../../api/types/admissionregistrationV1.ts';
import {
  all,
  allInvalid,
  each,
  mayBeOneOf,
  must,
  mustBeGivenAsOneOf,
  seenBefore,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { validateConditions } from '../shared/conditions.ts';
import { isQualifiedName, utf8Length } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';
import { policyCompiler } from './compiler.ts';
import { validateMatchConditions, validateVariables } from './conditions.ts';
import {
  trimSpace,
  validateExpression,
  type ExpressionCompiler,
  type ExpressionScope,
} from './expressions.ts';
import {
  defaultMatchResources,
  failurePolicies,
  nameWarnings,
  validateMatchResources,
  validateParamKind,
} from './rules.ts';

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');

/** Models kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicy. */
export const validatingAdmissionPolicyStrategy: Strategy<ValidatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  meta: 'plain',
  metaOnUpdate: ['create'],
  hasGeneration: true,
  default_({ spec: own }) {
    if (!own) return;
    own.failurePolicy ??= 'Fail';
    defaultMatchResources(own.matchConstraints);
  },
  validate: (policy) => validate(policy, false),
  warningsOnCreate: nameWarnings,
  validateUpdate: (policy, old) =>
    validate(
      policy,
      (['paramKind', 'matchConditions'] as const).every((key) =>
        equal(policy.spec?.[key], old.spec?.[key]),
      ),
    ),
  warningsOnUpdate: nameWarnings,
  subresources: {
    status: {
      validateUpdate: ({ status: own }) => {
        const warningsAt = status.child('typeChecking', 'expressionWarnings');
        return all(
          each(own?.typeChecking?.expressionWarnings, warningsAt, ({ warning, fieldRef }, at) => [
            must(warning, at.child('warning')),
            must(trimSpace(fieldRef), at.child('fieldRef')),
          ]),
          validateConditions(own?.conditions, status.child('conditions')),
        );
      },
    },
  },
};

const maxAuditAnnotations = 20;
const maxAuditExpressionBytes = 5 * 1024;
const nothingToDo = 'validations or auditAnnotations must contain at least one item';

/** `keepsConditions`: an update leaves them alone, and so do the rules. */
function validate(
  { metadata, spec: given }: ValidatingAdmissionPolicy,
  keepsConditions: boolean,
): FieldError[] {
  const own: Loose<ValidatingAdmissionPolicySpec> = given ?? {};
  const compiler = policyCompiler((own.variables?.length ?? 0) > 0);
  const hasParams = !!own.paramKind;
  const scope = { hasParams, hasAuthorizer: true };
  const { validations, auditAnnotations, matchConstraints } = own;
  const matchAt = spec.child('matchConstraints');
  const auditAt = spec.child('auditAnnotations');
  const seenKey = seenBefore();
  return all(
    mustBeGivenAsOneOf(own.failurePolicy, failurePolicies, spec.child('failurePolicy')),
    own.paramKind && validateParamKind(own.paramKind, spec.child('paramKind')),
    matchConstraints
      ? [
          validateMatchResources(matchConstraints, matchAt),
          must(matchConstraints.resourceRules, matchAt.child('resourceRules')),
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
    !validations?.length && !auditAnnotations?.length
      ? [required(spec.child('validations'), nothingToDo), required(auditAt, nothingToDo)]
      : [
          each(validations, spec.child('validations'), (validation, at) =>
            validateValidation(validation, compiler, scope, at),
          ),
          (auditAnnotations?.length ?? 0) > maxAuditAnnotations &&
            invalid(
              auditAt,
              internalForm('[]admissionregistration.AuditAnnotation', auditAnnotations),
              `must not have more than ${maxAuditAnnotations} auditAnnotations`,
            ),
          each(auditAnnotations, auditAt, (annotation, at) => [
            validateAuditAnnotation(annotation, metadata.name ?? '', compiler, scope, at),
            seenKey(annotation.key ?? '') && duplicate(at.child('key'), annotation.key ?? ''),
          ]),
        ],
  );
}

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

function validateValidation(
  validation: Loose<Validation>,
  compiler: ExpressionCompiler,
  scope: ExpressionScope,
  at: FieldPath,
): Found {
  const { expression, message, messageExpression } = validation;
  const [expressionAt, messageAt] = [at.child('expression'), at.child('messageExpression')];
  return [
    trimSpace(expression)
      ? validateExpression(compiler, expression ?? '', 'condition', scope, expressionAt)
      : required(expressionAt, 'expression is not specified'),
    messageExpression &&
      (trimSpace(messageExpression)
        ? validateExpression(
            compiler,
            messageExpression,
            'message',
            { ...scope, hasAuthorizer: false },
            messageAt,
          )
        : invalid(messageAt, messageExpression, 'must be non-empty if specified')),
    message &&
      (!trimSpace(message)
        ? invalid(at.child('message'), message, 'must be non-empty if specified')
        : /[\n\r]/.test(trimSpace(message)) &&
          invalid(at.child('message'), message, 'must not contain line breaks')),
    mayBeOneOf(validation.reason, reasons, at.child('reason')),
  ];
}

function validateAuditAnnotation(
  { key, valueExpression }: Loose<AuditAnnotation>,
  policyName: string,
  compiler: ExpressionCompiler,
  scope: ExpressionScope,
  at: FieldPath,
): Found {
  const expression = trimSpace(valueExpression);
  const valueAt = at.child('valueExpression');
  const fullName = `${policyName}/${key ?? ''}`;
  return [
    policyName
      ? allInvalid(at.child('key'), fullName, isQualifiedName(fullName))
      : invalid(at.child('key'), key ?? '', 'requires metadata.name be non-empty'),
    !expression
      ? required(valueAt, 'valueExpression is not specified')
      : utf8Length(expression) > maxAuditExpressionBytes
        ? required(valueAt, `must not exceed ${maxAuditExpressionBytes} bytes in length`)
        : validateExpression(
            compiler,
            expression,
            'auditAnnotation',
            scope,
            valueAt,
            valueExpression ?? '',
          ),
  ];
}
