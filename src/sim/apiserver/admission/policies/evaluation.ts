import type { JsonObject, KubeObject } from '../../../../api/meta.ts';
import { REQUEST_BUDGET } from '../../../cel/compile.ts';
import { fromJson } from '../../../cel/jsonValues.ts';
import {
  authorizerValue,
  resourceCheckValue,
  type AccessAnswer,
  type AccessQuestion,
} from '../../../cel/library/authorizer.ts';
import { CelError, CelMap, type CelValue } from '../../../cel/values.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AuthorizationQuestion, Authorizer } from '../../authz/authorizer.ts';
import { admissionRequest, type Matched } from '../admissionRequest.ts';
import { isError, type CompiledExpression } from './environment.ts';

export const OUT_OF_BUDGET =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** The budget for the match conditions of a policy. Models RuntimeCELCostBudgetMatchConditions. */
export const MATCH_CONDITIONS_BUDGET = REQUEST_BUDGET / 4;

/** What all expressions of a policy may cost together is spent. */
export class OutOfBudget extends Error {}

/** What the expressions of a policy look at. */
export interface Inputs {
  readonly attributes: RequestAttributes;
  /** In the version that the policy matched. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly matched: Matched;
  readonly params: KubeObject | undefined;
  readonly namespace: KubeObject | undefined;
  readonly answers: Answers;
  /** `variables.x`, in the order in which they were declared. */
  readonly variables: ReadonlyMap<string, CompiledExpression>;
}

/** One round of expressions with a budget: variables are evaluated once, when first asked for. */
export class Evaluation {
  readonly #known: ReadonlyMap<string, CelValue>;
  #budget: number;
  #variablesCost = 0;

  constructor(inputs: Inputs, budget: number = REQUEST_BUDGET) {
    this.#budget = budget;
    const { object, oldObject, params, namespace, answers, attributes } = inputs;
    const json = (value: KubeObject | undefined): CelValue =>
      value ? fromJson(value as unknown as JsonObject) : null;
    const { group, resource, subresource, name } = attributes;
    const about = { group, resource, subresource, namespace: attributes.namespace, name };
    this.#known = new Map<string, CelValue>([
      ['object', json(object)],
      ['oldObject', json(oldObject)],
      ['params', json(params)],
      ['request', fromJson(admissionRequest(attributes, inputs.matched))],
      ['namespaceObject', json(namespace && withoutManagers(namespace))],
      ['authorizer', authorizerValue((question) => answers.ask(question))],
      ['authorizer.requestResource', resourceCheckValue((it) => answers.ask(it), about)],
      ['variables', new LazyMap(inputs.variables, (program) => this.#variable(program))],
    ]);
  }

  get budget(): number {
    return this.#budget;
  }

  /** The value, or what went wrong in a sentence. Throws OutOfBudget. */
  evaluate(compiled: CompiledExpression, source: string): CelValue {
    if (isError(compiled)) return new CelError(`compilation error: ${compiled.error}`);
    this.#variablesCost = 0;
    const { value, cost } = compiled.evaluate((name) => this.#known.get(name));
    this.#budget -= cost + this.#variablesCost;
    if (this.#budget < 0) throw new OutOfBudget(OUT_OF_BUDGET);
    return value instanceof CelError
      ? new CelError(`expression '${source}' resulted in error: ${value.message}`)
      : value;
  }

  #variable(compiled: CompiledExpression): CelValue {
    if (isError(compiled)) return new CelError(`fails to compile: ${compiled.error}`);
    const { value, cost } = compiled.evaluate((name) => this.#known.get(name));
    this.#variablesCost += cost;
    return value instanceof CelError ? new CelError(`fails to evaluate: ${value.message}`) : value;
  }
}

class LazyMap extends CelMap {
  readonly #programs: ReadonlyMap<string, CompiledExpression>;
  readonly #evaluate: (program: CompiledExpression) => CelValue;
  readonly #values = new Map<string, CelValue>();

  constructor(
    programs: ReadonlyMap<string, CompiledExpression>,
    evaluate: (program: CompiledExpression) => CelValue,
  ) {
    super();
    this.#programs = programs;
    this.#evaluate = evaluate;
  }

  get size(): number {
    return this.#programs.size;
  }

  find(key: CelValue): CelValue | undefined {
    const program = typeof key === 'string' ? this.#programs.get(key) : undefined;
    if (!program || typeof key !== 'string') return undefined;
    let value = this.#values.get(key);
    if (value === undefined) {
      value = this.#evaluate(program);
      if (value instanceof CelError)
        value = new CelError(`composited variable "${key}" ${value.message}`);
      this.#values.set(key, value);
    }
    return value;
  }

  keys(): readonly CelValue[] {
    return [...this.#programs.keys()];
  }
}

function withoutManagers(namespace: KubeObject): KubeObject {
  const metadata = { ...namespace.metadata };
  delete metadata.managedFields;
  return { ...namespace, metadata };
}

/** An expression asked something that nobody has answered yet. */
class Unanswered extends Error {
  readonly question: AccessQuestion;

  constructor(question: AccessQuestion) {
    super('unanswered');
    this.question = question;
  }
}

/**
 * Expressions ask the authorizer and cannot wait. So an expression that asks something new is broken off, the question is
 * put to the authorizer, and the work begins again with its answer.
 */
export class Answers {
  readonly #authorizer: Authorizer;
  readonly #user: AuthorizationQuestion['user'];
  readonly #answers = new Map<string, AccessAnswer>();

  constructor(authorizer: Authorizer, user: AuthorizationQuestion['user']) {
    this.#authorizer = authorizer;
    this.#user = user;
  }

  ask(question: AccessQuestion): AccessAnswer {
    const answer = this.#answers.get(JSON.stringify(question));
    if (!answer) throw new Unanswered(question);
    return answer;
  }

  async settle<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        const { question } = error;
        this.#answers.set(JSON.stringify(question), await this.#answer(question));
      }
    }
  }

  async #answer(question: AccessQuestion): Promise<AccessAnswer> {
    const { serviceAccount, path, ...rest } = question;
    const { verb, group, resource, subresource, namespace, name } = rest;
    const user = serviceAccount
      ? {
          name: `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`,
          uid: '',
          groups: ['system:serviceaccounts', `system:serviceaccounts:${serviceAccount.namespace}`],
          extra: {},
        }
      : this.#user;
    return this.#authorizer.authorize({
      user,
      verb,
      isResourceRequest: path === undefined,
      group,
      version: path === undefined ? '*' : '',
      resource,
      subresource,
      namespace,
      name,
      path: path ?? '',
    });
  }
}
