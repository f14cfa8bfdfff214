import { clone, equal, type KubeObject } from '../../../../api/meta.ts';
import {
  mutatingadmissionpolicies,
  mutatingadmissionpolicybindings,
  namespaces,
} from '../../../../api/resources.ts';
import { shapeOfKind } from '../../../../api/schema/shape.ts';
import type { StatusReason } from '../../../../api/status.ts';
import type { MutatingAdmissionPolicy } from '../../../../api/types/admissionregistrationV1.ts';
import * as t from '../../../cel/types.ts';
import { CelError } from '../../../cel/values.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { convert } from '../../storage/convert.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';
import { replaceContents } from '../replaceContents.ts';
import {
  compileExpression,
  compileVariables,
  policyEnvironment,
  type CompiledExpression,
} from './environment.ts';
import type { Matched } from '../admissionRequest.ts';
import { Answers, Evaluation, OutOfBudget, type Inputs } from './evaluation.ts';
import { rulesOf } from '../../registry/rules.ts';
import { conditionsHold, type CompiledCondition } from './matchConditions.ts';
import { isExempt, matches } from './matching.ts';
import { applyObject, applyPatches, MutationError } from './mutations.ts';
import { collectParams, ConfigurationError, policyProblem } from './params.ts';

/** A policy with a binding and a parameter: what is invoked, and what may be invoked again. */
interface Invocation {
  readonly policy: MutatingAdmissionPolicy;
  readonly binding: string;
  readonly matched: Matched;
  readonly params: KubeObject | undefined;
}

interface Failure {
  readonly text: string;
  readonly reason: StatusReason | undefined;
}

const NAME = 'MutatingAdmissionPolicy';

/** Changes requests by the policies in the cluster. Models apiserver/pkg/admission/plugin/policy/mutating. */
export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: NAME,

  async admit(attributes, object, context) {
    if (!object || isExempt(attributes)) return undefined;
    const policies = await context.list(mutatingadmissionpolicies, '');
    if (!policies.length) return undefined;
    const failures: Failure[] = [];
    const reinvocable = context.remembered(NAME, () => new Set<string>());
    const invocations = await invocationsOf(attributes, policies, context, failures);
    const run: string[] = [];
    for (const invocation of invocations) {
      const key = keyOf(invocation);
      if (context.isReinvocation && !reinvocable.has(key)) continue;
      const failed = await invoke(invocation, attributes, object, context);
      if (failed === undefined) continue;
      run.push(invocation.policy.metadata.name ?? '');
      failures.push(...failed);
      if (invocation.policy.spec?.reinvocationPolicy === 'IfNeeded') reinvocable.add(key);
    }
    if (failures.length) throw denied(attributes, failures);
    return run.length ? `Applied ${run.join(', ')}.` : undefined;
  },
};

const keyOf = ({ policy, binding, params }: Invocation): string =>
  `${policy.metadata.name ?? ''} ${binding} ${params?.metadata.namespace ?? ''}/${params?.metadata.name ?? ''}`;

async function invocationsOf(
  attributes: RequestAttributes,
  policies: readonly MutatingAdmissionPolicy[],
  context: AdmissionContext,
  failures: Failure[],
): Promise<readonly Invocation[]> {
  const bindings = await context.list(mutatingadmissionpolicybindings, '');
  const invocations: Invocation[] = [];
  for (const policy of policies) {
    const { name = '' } = policy.metadata;
    const { matchConstraints, paramKind, failurePolicy } = policy.spec ?? {};
    const own = bindings.filter(({ spec }) => spec?.policyName === name);
    const matched = own.length && (await matches(attributes, matchConstraints ?? {}, context));
    if (!matched) continue;
    const problem = policyProblem(paramKind, context);
    if (problem !== undefined) {
      const text = `policy '${name}' denied request: ${problem}`;
      if (failurePolicy !== 'Ignore') failures.push({ text, reason: undefined });
      continue;
    }
    for (const { metadata, spec } of own) {
      const binding = metadata.name ?? '';
      const { matchResources, paramRef } = spec ?? {};
      if (matchResources && !(await matches(attributes, matchResources, context))) continue;
      try {
        const params = await collectParams(paramKind, paramRef, attributes.namespace, context);
        for (const param of params) invocations.push({ policy, binding, matched, params: param });
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        if (failurePolicy !== 'Ignore')
          failures.push({
            text: `policy '${name}' with binding '${binding}' denied request: failed to configure binding: ${error.message}`,
            reason: undefined,
          });
      }
    }
  }
  return invocations;
}

interface CompiledPolicy {
  readonly variables: ReadonlyMap<string, CompiledExpression>;
  readonly conditions: readonly CompiledCondition[];
  readonly mutations: readonly {
    readonly isApply: boolean;
    readonly source: string;
    readonly compiled: CompiledExpression;
  }[];
}

const compiledPolicies = new WeakMap<MutatingAdmissionPolicy, CompiledPolicy>();

/** Models policy/mutating/compilation.go compilePolicy. */
function compiledPolicy(policy: MutatingAdmissionPolicy): CompiledPolicy {
  const known = compiledPolicies.get(policy);
  if (known) return known;
  const spec = policy.spec ?? {};
  const scope = { hasParams: spec.paramKind !== undefined, hasAuthorizer: true };
  const { types, programs } = compileVariables(spec.variables ?? [], scope);
  const plain = policyEnvironment({ ...scope, variables: types });
  const mutating = policyEnvironment({ ...scope, hasPatchTypes: true, variables: types });
  const compiled: CompiledPolicy = {
    variables: programs,
    conditions: (spec.matchConditions ?? []).map((condition) => ({
      condition,
      compiled: compileExpression(condition.expression, plain, [t.bool]),
    })),
    mutations: (spec.mutations ?? []).map(({ patchType, jsonPatch, applyConfiguration }) => {
      const isApply = patchType === 'ApplyConfiguration';
      const source = (isApply ? applyConfiguration : jsonPatch)?.expression ?? '';
      const wanted = isApply ? t.struct('Object') : t.list(t.struct('JSONPatch'));
      return { isApply, source, compiled: compileExpression(source, mutating, [wanted]) };
    }),
  };
  compiledPolicies.set(policy, compiled);
  return compiled;
}

/** Changes the object in place; undefined when its conditions keep the policy away. */
async function invoke(
  { policy, binding, matched, params }: Invocation,
  attributes: RequestAttributes,
  object: KubeObject,
  context: AdmissionContext,
): Promise<readonly Failure[] | undefined> {
  const { name = '' } = policy.metadata;
  const failurePolicy = policy.spec?.failurePolicy;
  const compiled = compiledPolicy(policy);
  const { namespace, group, kind } = attributes;
  const isNamespace = group === '' && kind === 'Namespace';
  const answers = new Answers(context.authorizer, attributes.user);
  const inputsNow = async (): Promise<Inputs> => ({
    attributes,
    matched,
    object: clone(convert(object, matched)),
    oldObject: attributes.oldObject && convert(attributes.oldObject, matched),
    params,
    namespace: namespace && !isNamespace ? await context.get(namespaces, '', namespace) : undefined,
    answers,
    variables: compiled.variables,
  });
  const failed = (text: string): readonly Failure[] =>
    failurePolicy === 'Ignore'
      ? []
      : [
          {
            text: `policy '${name}' with binding '${binding}' denied request: ${text}`,
            reason: 'Invalid',
          },
        ];
  if (compiled.conditions.length) {
    const inputs = await inputsNow();
    const holds = await answers.settle(() =>
      conditionsHold(compiled.conditions, inputs, failurePolicy),
    );
    if (typeof holds === 'object') return failed(holds.error);
    if (!holds) return undefined;
  }
  const resource = context.resources.get(matched.group, matched.version, matched.resource);
  const shape = resource?.custom?.shape ?? shapeOfKind(matched);
  const failures: Failure[] = [];
  for (const { isApply, source, compiled: program } of compiled.mutations) {
    const inputs = await inputsNow();
    try {
      const value = await answers.settle(() => new Evaluation(inputs).evaluate(program, source));
      if (value instanceof CelError) throw new MutationError(value.message);
      const versioned = inputs.object ?? object;
      const changed = isApply
        ? applyObject(versioned, value, shape)
        : applyPatches(versioned, value);
      if (!equal(changed, versioned)) {
        if (resource) rulesOf(resource).default_(changed);
        replaceContents(object, convert(changed, attributes));
      }
      context.requestReinvocation();
    } catch (error) {
      if (!(error instanceof MutationError) && !(error instanceof OutOfBudget)) throw error;
      failures.push(...failed(error.message));
    }
  }
  return failures;
}

/** Models policy/generic/policy_dispatcher.go: a refusal without its usual words. */
function denied(attributes: RequestAttributes, failures: readonly Failure[]): Error {
  const [first] = failures;
  const error = refuse(attributes, '');
  error.status.message = first?.text ?? '';
  error.message = error.status.message;
  if (first?.reason) error.status.reason = first.reason;
  error.status.details = {
    ...error.status.details,
    causes: failures.map(({ text }) => ({ message: text })),
  };
  return error;
}
