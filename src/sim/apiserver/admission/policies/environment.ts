import { compile, type Program } from '../../../cel/compile.ts';
import type { Environment, Structs } from '../../../cel/environment.ts';
import { kubernetesFunctions, mutationFunctions } from '../../../cel/kubernetes.ts';
import { authorizerType, resourceCheckType } from '../../../cel/library/authorizer.ts';
import * as t from '../../../cel/types.ts';
import { isSameType, typeText, type CelType } from '../../../cel/types.ts';

/** Which variables an expression of a policy or of a match condition may name. */
export interface PolicyScope {
  readonly hasParams?: boolean;
  readonly hasAuthorizer?: boolean;
  /** `Object{…}` and `JSONPatch{…}`, for mutations. */
  readonly hasPatchTypes?: boolean;
  /** Types of `variables.x`; absent where there is no `variables`. */
  readonly variables?: ReadonlyMap<string, CelType>;
}

const text = t.string;
const texts = t.list(t.string);

/** The objects with declared fields. Models admission/plugin/cel/compile.go BuildRequestType and BuildNamespaceType. */
const STRUCTS: Readonly<Record<string, Readonly<Record<string, CelType>>>> = {
  'kubernetes.GroupVersionKind': { group: text, version: text, kind: text },
  'kubernetes.GroupVersionResource': { group: text, version: text, resource: text },
  'kubernetes.UserInfo': {
    username: text,
    uid: text,
    groups: texts,
    extra: t.map(t.string, texts),
  },
  'kubernetes.AdmissionRequest': {
    kind: t.struct('kubernetes.GroupVersionKind'),
    resource: t.struct('kubernetes.GroupVersionResource'),
    subResource: text,
    requestKind: t.struct('kubernetes.GroupVersionKind'),
    requestResource: t.struct('kubernetes.GroupVersionResource'),
    requestSubResource: text,
    name: text,
    namespace: text,
    operation: text,
    userInfo: t.struct('kubernetes.UserInfo'),
    dryRun: t.bool,
    options: t.dyn,
  },
  'kubernetes.NamespaceSpec': { finalizers: texts },
  'kubernetes.NamespaceCondition': {
    status: text,
    type: text,
    lastTransitionTime: t.timestamp,
    message: text,
    reason: text,
  },
  'kubernetes.NamespaceStatus': {
    conditions: t.list(t.struct('kubernetes.NamespaceCondition')),
    phase: text,
  },
  'kubernetes.NamespaceMetadata': {
    name: text,
    generateName: text,
    namespace: text,
    labels: t.map(t.string, t.string),
    annotations: t.map(t.string, t.string),
    UID: text,
    creationTimestamp: t.timestamp,
    deletionGracePeriodSeconds: t.int,
    deletionTimestamp: t.timestamp,
    generation: t.int,
    resourceVersion: text,
    finalizers: texts,
  },
  'kubernetes.Namespace': {
    metadata: t.struct('kubernetes.NamespaceMetadata'),
    spec: t.struct('kubernetes.NamespaceSpec'),
    status: t.struct('kubernetes.NamespaceStatus'),
  },
};

const JSON_PATCH: Readonly<Record<string, CelType>> = {
  op: text,
  from: text,
  path: text,
  value: t.dyn,
};
const VARIABLES = 'kubernetes.variables';

/** The environment of a policy's expression. Models admission/plugin/cel/compile.go createEnvForOpts. */
export function policyEnvironment(scope: PolicyScope): Environment {
  const { hasParams, hasAuthorizer, hasPatchTypes = false, variables } = scope;
  return {
    variables: new Map<string, CelType>([
      ['object', t.dyn],
      ['oldObject', t.dyn],
      ['namespaceObject', t.struct('kubernetes.Namespace')],
      ['request', t.struct('kubernetes.AdmissionRequest')],
      ...(hasParams ? ([['params', t.dyn]] as const) : []),
      ...(hasAuthorizer
        ? ([
            ['authorizer', authorizerType],
            ['authorizer.requestResource', resourceCheckType],
          ] as const)
        : []),
      ...(variables ? ([['variables', t.struct(VARIABLES)]] as const) : []),
    ]),
    structs: structsOf(hasPatchTypes, variables),
    functions: hasPatchTypes ? mutationFunctions : kubernetesFunctions,
  };
}

function structsOf(
  hasPatchTypes: boolean,
  variables: ReadonlyMap<string, CelType> | undefined,
): Structs {
  const isObject = (name: string): boolean =>
    hasPatchTypes && (name === 'Object' || name.startsWith('Object.'));
  return {
    has: (name) =>
      name in STRUCTS ||
      isObject(name) ||
      (hasPatchTypes && name === 'JSONPatch') ||
      (variables !== undefined && name === VARIABLES),
    field: (name, field) => {
      if (isObject(name)) return t.dyn;
      if (hasPatchTypes && name === 'JSONPatch') return JSON_PATCH[field] ?? t.errorType;
      if (name === VARIABLES) return variables?.get(field);
      const fields = STRUCTS[name];
      return fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
    },
  };
}

/** Why an expression is not taken: `compilation failed: ERROR: …`, `must evaluate to bool but got int`. */
export interface ExpressionError {
  readonly error: string;
  /** Whether it is told as `Internal error` rather than `Invalid value`. */
  readonly isInternal: boolean;
}

export type CompiledExpression = Program | ExpressionError;

export const isError = (compiled: CompiledExpression): compiled is ExpressionError =>
  'error' in compiled;

/** Compiles an expression that must evaluate to one of the types. Models CompileCELExpression. */
export function compileExpression(
  source: string,
  environment: Environment,
  returnTypes: readonly CelType[],
): CompiledExpression {
  const compiled = compile(source, environment);
  if (!compiled.ok && compiled.isInternal !== true)
    return { error: `compilation failed: ${compiled.error}`, isInternal: false };
  const type = compiled.ok ? compiled.program.type : compiled.type;
  const isAny = returnTypes.length === 0;
  if (type && !isAny && !returnTypes.some((wanted) => isSameType(wanted, type))) {
    const wanted = returnTypes.map(typeText);
    const what = wanted.length === 1 ? (wanted[0] ?? '') : `one of [${wanted.join(' ')}]`;
    return { error: `must evaluate to ${what} but got ${typeText(type)}`, isInternal: false };
  }
  return compiled.ok ? compiled.program : { error: compiled.error, isInternal: true };
}

/** The types of `variables.x`, each compiled with those before it; what fails is dyn. */
export function compileVariables(
  variables: readonly { readonly name: string; readonly expression: string }[],
  scope: PolicyScope,
  before: ReadonlyMap<string, CelType> = new Map(),
): {
  readonly types: ReadonlyMap<string, CelType>;
  readonly programs: ReadonlyMap<string, CompiledExpression>;
} {
  const types = new Map<string, CelType>(before);
  const programs = new Map<string, CompiledExpression>();
  for (const { name, expression } of variables) {
    const environment = policyEnvironment({ ...scope, variables: new Map(types) });
    const compiled = compileExpression(expression, environment, []);
    programs.set(name, compiled);
    types.set(name, isError(compiled) ? t.dyn : declared(compiled.type));
  }
  return { types, programs };
}

/** Types that a declared field may have; others are dyn. Models composition.go convertCelTypeToDeclType. */
function declared(type: CelType): CelType {
  switch (type.kind) {
    case 'struct':
    case 'opaque':
    case 'type':
    case 'param':
    case 'error':
      return t.dyn;
    case 'list':
    case 'map':
      return { ...type, parameters: type.parameters.map(declared) };
    default:
      return type;
  }
}
