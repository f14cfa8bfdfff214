import { isDns1123Label, isDns1123Subdomain } from '../../apiserver/registry/shared/names.ts';
import { method, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import { CelError, OpaqueValue, type CelValue } from '../values.ts';

// Questions about rights. Models apiserver/pkg/cel/library/authz.go.

export const authorizerType = t.struct('kubernetes.authorization.Authorizer');
const pathType = t.struct('kubernetes.authorization.PathCheck');
const groupType = t.struct('kubernetes.authorization.GroupCheck');
export const resourceCheckType = t.struct('kubernetes.authorization.ResourceCheck');
const decisionType = t.struct('kubernetes.authorization.Decision');

/** What may be asked about: a path, or a resource. */
export interface AccessQuestion {
  /** undefined: the user of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  readonly verb: string;
  readonly path?: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error?: string;
}

/** Answers at once: an expression cannot wait. */
export type Ask = (question: AccessQuestion) => AccessAnswer;

interface Draft extends AccessQuestion {
  readonly ask: Ask;
}

class Check extends OpaqueValue {
  readonly type: t.CelType;
  readonly draft: Draft;

  constructor(type: t.CelType, draft: Draft) {
    super();
    this.type = type;
    this.draft = draft;
  }

  equals(other: OpaqueValue): boolean {
    return this === other;
  }
}

class Decision extends OpaqueValue {
  readonly type = decisionType;
  readonly answer: AccessAnswer;

  constructor(answer: AccessAnswer) {
    super();
    this.answer = answer;
  }

  equals(other: OpaqueValue): boolean {
    return this === other;
  }
}

const empty = { verb: '', group: '', resource: '', subresource: '', namespace: '', name: '' };

export const authorizerValue = (ask: Ask): CelValue => new Check(authorizerType, { ...empty, ask });

/** `authorizer.requestResource`. */
export const resourceCheckValue = (
  ask: Ask,
  about: Pick<AccessQuestion, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>,
): CelValue => new Check(resourceCheckType, { ...empty, ...about, ask });

const draftOf = (value: CelValue | undefined): Draft => (value as Check).draft;

/** A method that adds one part to the question. */
const part = (
  id: string,
  on: t.CelType,
  result: t.CelType,
  key: 'path' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'selector',
  mustNotBeEmpty = false,
): Overload =>
  method(id, [on, t.string], result, (value, text) => {
    if (mustNotBeEmpty && !(text as string).trim()) return new CelError(`${key} must not be empty`);
    return new Check(result, { ...draftOf(value), [key]: text as string });
  });

const check = (id: string, on: t.CelType): Overload =>
  method(
    id,
    [on, t.string],
    decisionType,
    (value, verb) => {
      const { ask, ...question } = draftOf(value);
      return new Decision(ask({ ...question, verb: verb as string }));
    },
    () => 350_000,
  );

const read = (
  id: string,
  result: t.CelType,
  get: (answer: AccessAnswer) => CelValue,
): readonly Overload[] => [
  method(id, [decisionType], result, (value) => get((value as Decision).answer)),
];

export const authorizer: Readonly<Record<string, readonly Overload[]>> = {
  path: [part('authorizer_path', authorizerType, pathType, 'path', true)],
  group: [part('authorizer_group', authorizerType, groupType, 'group')],
  serviceAccount: [
    method('authorizer_serviceaccount', [authorizerType, t.string, t.string], authorizerType, (value, namespace, name) => {
      if (isDns1123Subdomain(name as string).length) return new CelError('Invalid service account name');
      if (isDns1123Label(namespace as string).length) return new CelError('Invalid service account namespace');
      const serviceAccount = { namespace: namespace as string, name: name as string };
      return new Check(authorizerType, { ...draftOf(value), serviceAccount });
    }),
  ],
  resource: [part('groupcheck_resource', groupType, resourceCheckType, 'resource', true)],
  subresource: [part('resourcecheck_subresource', resourceCheckType, resourceCheckType, 'subresource')],
  namespace: [part('resourcecheck_namespace', resourceCheckType, resourceCheckType, 'namespace')],
  name: [part('resourcecheck_name', resourceCheckType, resourceCheckType, 'name')],
  // The simulated authorizers do not look at selectors, as RBAC does not.
  fieldSelector: [part('authorizer_fieldselector', resourceCheckType, resourceCheckType, 'selector')],
  labelSelector: [part('authorizer_labelselector', resourceCheckType, resourceCheckType, 'selector')],
  check: [check('pathcheck_check', pathType), check('resourcecheck_check', resourceCheckType)],
  errored: read('decision_errored', t.bool, ({ error }) => error !== undefined),
  error: read('decision_error', t.string, ({ error }) => error ?? ''),
  allowed: read('decision_allowed', t.bool, ({ allowed }) => allowed),
  reason: read('decision_reason', t.string, ({ reason }) => reason),
}; // prettier-ignore
