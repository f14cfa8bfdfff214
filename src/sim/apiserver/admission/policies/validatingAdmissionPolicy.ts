import type { KubeObject } from '../../../../api/meta.ts';
import {
  namespaces,
  validatingadmissionpolicies,
  validatingadmissionpolicybindings,
} from '../../../../api/resources.ts';
import type { StatusReason } from '../../../../api/status.ts';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '../../../../api/types/admissionregistrationV1.ts';
import { utf8Length } from '../../registry/shared/names.ts';
import { CelError, typeNameOf, type CelValue } from '../../../cel/values.ts';
import * as t from '../../../cel/types.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { convert } from '../../storage/convert.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';
import {
  compileExpression,
  compileVariables,
  policyEnvironment,
  type CompiledExpression,
} from './environment.ts';
import type { Matched } from '../admissionRequest.ts';
import { Answers, Evaluation, OutOfBudget, type Inputs } from './evaluation.ts';
import { conditionsHold, type CompiledCondition } from './matchConditions.ts';
import { isExempt, matches } from './matching.ts';
import { collectParams, ConfigurationError, policyProblem } from './params.ts';

const MAX_MESSAGE_BYTES = 5 * 1024;
const MAX_ANNOTATION_LENGTH = 10 * 1024;

/** One judgement of a policy with a binding. */
interface Decision {
  readonly message: string;
  readonly reason: StatusReason | undefined;
  /** Which validation it comes from. */
  readonly index: number;
}

interface Denial extends Decision {
  readonly policy: string;
  /** Absent when the policy itself is at fault. */
  readonly binding?: string;
}

/** Judges requests by the policies in the cluster. Models apiserver/pkg/admission/plugin/policy/validating. */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',

  async validate(attributes, context) {
    if (isExempt(attributes)) return undefined;
    const policies = await context.list(validatingadmissionpolicies, '');
    if (!policies.length) return undefined;
    const bindings = await context.list(validatingadmissionpolicybindings, '');
    const round: Round = { attributes, context, denials: [], looked: [] };
    for (const policy of policies) {
      const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
      if (own.length) await judge(policy, own, round);
    }
    const [first] = round.denials;
    if (first) throw denied(attributes, first);
    return round.looked.length ? `Allowed by ${round.looked.join(', ')}.` : undefined;
  },
};

interface Round {
  readonly attributes: RequestAttributes;
  readonly context: AdmissionContext;
  readonly denials: Denial[];
  readonly looked: string[];
}

async function judge(
  policy: ValidatingAdmissionPolicy,
  bindings: readonly ValidatingAdmissionPolicyBinding[],
  { attributes, context, denials, looked }: Round,
): Promise<void> {
  const { name = '' } = policy.metadata;
  const spec = policy.spec ?? {};
  const matched = await matches(attributes, spec.matchConstraints ?? {}, context);
  if (!matched) return;
  const problem = policyProblem(spec.paramKind, context);
  if (problem !== undefined) {
    looked.push(name);
    if (spec.failurePolicy !== 'Ignore')
      denials.push({ policy: name, message: problem, reason: undefined, index: 0 });
    return;
  }
  const annotations = new Map<string, Set<string>>();
  for (const binding of bindings) {
    const bindingName = binding.metadata.name ?? '';
    const { matchResources, paramRef, validationActions } = binding.spec;
    if (matchResources && !(await matches(attributes, matchResources, context))) continue;
    looked.push(`${name} (${bindingName})`);
    let params: readonly (KubeObject | undefined)[];
    try {
      params = await collectParams(spec.paramKind, paramRef, attributes.namespace, context);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      if (spec.failurePolicy !== 'Ignore')
        denials.push({
          policy: name,
          binding: bindingName,
          message: `failed to configure binding: ${error.message}`,
          reason: undefined,
          index: 0,
        });
      continue;
    }
    for (const param of params) {
      const outcome = await evaluate(policy, matched, param, attributes, context);
      for (const decision of outcome.decisions)
        for (const action of validationActions) {
          if (action === 'Deny') denials.push({ ...decision, policy: name, binding: bindingName });
          if (action === 'Audit') auditFailure(context, binding, decision);
          if (action === 'Warn')
            context.warn(
              `Validation failed for ValidatingAdmissionPolicy '${name}' with binding '${bindingName}': ${decision.message}`,
            );
        }
      for (const { key, value, error } of outcome.annotations) {
        if (error !== undefined)
          denials.push({
            policy: name,
            binding: bindingName,
            message: error,
            reason: undefined,
            index: 0,
          });
        else if (value !== undefined)
          annotations.set(
            key,
            (annotations.get(key) ?? new Set()).add(value.slice(0, MAX_ANNOTATION_LENGTH)),
          );
      }
    }
  }
  for (const [key, values] of annotations) context.audit(`${name}/${key}`, [...values].join(', '));
}

const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
};

function denied(
  attributes: RequestAttributes,
  { policy, binding, message, reason = 'Invalid' }: Denial,
): Error {
  const by = binding === undefined ? '' : ` with binding '${binding}'`;
  const text = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}`;
  const error = refuse(attributes, text);
  error.status.reason = reason;
  error.status.code = CODES[reason] ?? 422;
  error.status.details = { ...error.status.details, causes: [{ message: text }] };
  return error;
}

function auditFailure(
  context: AdmissionContext,
  { metadata, spec }: ValidatingAdmissionPolicyBinding,
  { message, index }: Decision,
): void {
  const failure = {
    message,
    policy: spec.policyName,
    binding: metadata.name,
    expressionIndex: index,
    validationActions: spec.validationActions,
  };
  context.audit('validation.policy.admission.k8s.io/validation_failure', JSON.stringify([failure]));
}

interface CompiledPolicy {
  readonly variables: ReadonlyMap<string, CompiledExpression>;
  readonly conditions: readonly CompiledCondition[];
  readonly validations: readonly {
    readonly validation: Validation;
    readonly compiled: CompiledExpression;
    readonly message: CompiledExpression | undefined;
  }[];
  readonly annotations: readonly {
    readonly key: string;
    readonly source: string;
    readonly compiled: CompiledExpression;
  }[];
}

const compiledPolicies = new WeakMap<ValidatingAdmissionPolicy, CompiledPolicy>();

/** Models policy/validating/plugin.go compilePolicy. */
function compiledPolicy(policy: ValidatingAdmissionPolicy): CompiledPolicy {
  const known = compiledPolicies.get(policy);
  if (known) return known;
  const spec = policy.spec ?? {};
  const scope = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
  const { types, programs } = compileVariables(spec.variables ?? [], scope);
  const environment = policyEnvironment({ ...scope, variables: types });
  const messages = policyEnvironment({ ...scope, hasAuthorizer: false, variables: types });
  const compiled: CompiledPolicy = {
    variables: programs,
    conditions: (spec.matchConditions ?? []).map((condition) => ({
      condition,
      compiled: compileExpression(condition.expression, environment, [t.bool]),
    })),
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      compiled: compileExpression(validation.expression, environment, [t.bool]),
      message: validation.messageExpression
        ? compileExpression(validation.messageExpression, messages, [t.string])
        : undefined,
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      source: valueExpression,
      compiled: compileExpression(valueExpression, environment, [t.string, t.nullType]),
    })),
  };
  compiledPolicies.set(policy, compiled);
  return compiled;
}

interface Outcome {
  readonly decisions: readonly Decision[];
  readonly annotations: readonly {
    readonly key: string;
    readonly value?: string;
    readonly error?: string;
  }[];
}

const nothing: Outcome = { decisions: [], annotations: [] };

async function evaluate(
  policy: ValidatingAdmissionPolicy,
  matched: Matched,
  params: KubeObject | undefined,
  attributes: RequestAttributes,
  context: AdmissionContext,
): Promise<Outcome> {
  const { namespace, group, kind } = attributes;
  const isNamespace = group === '' && kind === 'Namespace';
  const compiled = compiledPolicy(policy);
  const inputs: Inputs = {
    attributes,
    matched,
    object: attributes.object && convert(attributes.object, matched),
    oldObject: attributes.oldObject && convert(attributes.oldObject, matched),
    params,
    namespace: namespace && !isNamespace ? await context.get(namespaces, '', namespace) : undefined,
    answers: new Answers(context.authorizer, attributes.user),
    variables: compiled.variables,
  };
  return inputs.answers.settle(() => outcomeOf(compiled, inputs, policy.spec?.failurePolicy));
}

/** Models policy/validating/validator.go Validate. */
function outcomeOf(
  { conditions, validations, annotations }: CompiledPolicy,
  inputs: Inputs,
  failurePolicy: string | undefined,
): Outcome {
  const failed = (message: string): Outcome =>
    failurePolicy === 'Ignore'
      ? nothing
      : { decisions: [{ message, reason: undefined, index: 0 }], annotations: [] };
  if (conditions.length) {
    const holds = conditionsHold(conditions, inputs, failurePolicy);
    if (typeof holds === 'object') return failed(holds.error);
    if (!holds) return nothing;
  }
  try {
    const evaluation = new Evaluation(inputs);
    const values = validations.map(({ validation, compiled }) =>
      evaluation.evaluate(compiled, validation.expression),
    );
    const texts = new Evaluation(inputs, evaluation.budget);
    const messages = validations.map(
      ({ validation, message }) =>
        message && texts.evaluate(message, validation.messageExpression ?? ''),
    );
    const decisions = validations.flatMap(({ validation }, index): Decision[] => {
      const value = values[index] ?? null;
      if (value instanceof CelError)
        return failurePolicy === 'Ignore'
          ? []
          : [{ message: value.message, reason: undefined, index }];
      if (value === true) return [];
      const reason = (validation.reason ?? undefined) as StatusReason | undefined;
      return [{ message: messageOf(validation, messages[index]), reason, index }];
    });
    const notes = new Evaluation(inputs);
    return {
      decisions,
      annotations: annotations.map(({ key, source, compiled }) => ({
        key,
        ...annotationOf(notes.evaluate(compiled, source), source, failurePolicy),
      })),
    };
  } catch (error) {
    if (error instanceof OutOfBudget) return failed(error.message);
    throw error;
  }
}

function messageOf(validation: Validation, evaluated: CelValue | undefined): string {
  const made = typeof evaluated === 'string' ? evaluated.trim() : '';
  if (made && utf8Length(made) <= MAX_MESSAGE_BYTES && !made.includes('\n')) return made;
  return validation.message?.trim() || `failed expression: ${validation.expression.trim()}`;
}

function annotationOf(
  value: CelValue,
  source: string,
  failurePolicy: string | undefined,
): { readonly value?: string; readonly error?: string } {
  if (value instanceof CelError) return failurePolicy === 'Ignore' ? {} : { error: value.message };
  if (value === null) return {};
  if (typeof value === 'string') return value.trim() ? { value: value.trim() } : {};
  return {
    error: `valueExpression '${source}' resulted in unsupported return type: ${typeNameOf(value)}. Return type must be either string or null.`,
  };
}
