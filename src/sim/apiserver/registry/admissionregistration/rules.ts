import {
  duplicate,
  fieldForbidden,
  type FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import type {
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
  ParamRef,
  RuleWithOperations,
} from '../../../../api/types/admissionregistrationV1.ts';
import {
  all,
  allInvalid,
  each,
  mayBeOneOf,
  must,
  mustBe,
  mustBeGivenAsOneOf,
  mustBeOneOf,
  oneOf,
  seenBefore,
  type Found,
  type Loose,
} from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/labels.ts';
import { isDns1035Label, isDns1123Subdomain, isPathSegment } from '../shared/names.ts';

// What webhooks and policies share: the requests they are about. Models kubernetes/pkg/apis/admissionregistration/validation.

const suffix = '.static.k8s.io';

/** Names that files on the server's disk will have. */
export const nameWarnings = ({
  metadata,
}: {
  readonly metadata: { readonly name?: string };
}): string[] =>
  metadata.name?.endsWith(suffix)
    ? [
        `metadata.name: names ending with "${suffix}" are reserved for static manifest-based configurations and cannot be managed via the API`,
      ]
    : [];

export const failurePolicies = ['Fail', 'Ignore'];
export const matchPolicies = ['Equivalent', 'Exact'];
export const reinvocationPolicies = ['IfNeeded', 'Never'];
const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const mutatingOperations = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

type Rule = { scope?: string | undefined };

export function defaultRules(rules: readonly RuleWithOperations[] | undefined): void {
  for (const rule of (rules ?? []) as Rule[]) rule.scope ??= '*';
}

export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

/** Models validateMatchResources. */
export function validateMatchResources(
  match: Loose<MatchResources> | null | undefined,
  at: FieldPath,
): FieldError[] {
  if (!match) return [];
  return all(
    mustBeGivenAsOneOf(match.matchPolicy, matchPolicies, at.child('matchPolicy')),
    (['namespaceSelector', 'objectSelector'] as const).map((key) =>
      validateLabelSelector(match[key], at.child(key)),
    ),
    (['resourceRules', 'excludeResourceRules'] as const).map((key) =>
      each(match[key], at.child(key), validateNamedRule),
    ),
  );
}

/** Nothing can be changed in what is deleted. */
export const validateMutatingOperations = (
  match: Loose<MatchResources> | null | undefined,
  at: FieldPath,
): Found =>
  match?.resourceRules?.map((rule) =>
    rule.operations?.map((operation) =>
      oneOf(operation, mutatingOperations, at.child('resourceRules', 'operations')),
    ),
  );

function validateNamedRule(rule: Loose<NamedRuleWithOperations>, at: FieldPath): Found {
  const seen = seenBefore();
  return [
    each(rule.resourceNames, at.child('resourceNames'), (name, nameAt) => [
      allInvalid(nameAt, name, isPathSegment(name)),
      seen(name) && duplicate(nameAt, name),
    ]),
    validateRule(rule, at),
  ];
}

type List = readonly string[] | null | undefined;

const alone = (list: List, at: FieldPath, what: string): Found =>
  (list?.length ?? 0) > 1 &&
  list?.includes('*') &&
  invalid(at, list, `if '*' is present, must not specify other ${what}`);

/** Models validateRuleWithOperations and validateRule. */
export function validateRule(rule: Loose<RuleWithOperations>, at: FieldPath): FieldError[] {
  const { apiGroups, apiVersions } = rule;
  const [operationsAt, groupsAt, versionsAt] = [
    at.child('operations'),
    at.child('apiGroups'),
    at.child('apiVersions'),
  ];
  return all(
    must(rule.operations, operationsAt),
    alone(rule.operations, operationsAt, 'operations'),
    each(rule.operations, operationsAt, (operation, one) => oneOf(operation, operations, one)),
    must(apiGroups, groupsAt),
    alone(apiGroups, groupsAt, 'API groups'),
    must(apiVersions, versionsAt),
    alone(apiVersions, versionsAt, 'API versions'),
    each(apiVersions, versionsAt, (version, one) => must(version, one)),
    validateResources(rule.resources ?? [], at.child('resources')),
    mayBeOneOf(rule.scope, ['*', 'Cluster', 'Namespaced'], at.child('scope')),
  );
}

function validateResources(resources: readonly string[], path: FieldPath): FieldError[] {
  // Resources of which all subresources are meant, and subresources meant of all resources.
  const [wholeResources, wholeSubresources] = [new Set<string>(), new Set<string>()];
  const plain = resources.filter((text) => text && !text.includes('/')).at(-1);
  const errors = each(resources, path, (text, at) => {
    const [resource = '', ...rest] = text.split('/');
    const subresource = rest.join('/');
    if (!text) return required(at);
    if (!rest.length) return [];
    const found = [
      wholeResources.has(resource) &&
        invalid(at, text, `if '${resource}/*' is present, must not specify ${text}`),
      wholeSubresources.has(subresource) &&
        invalid(at, text, `if '*/${subresource}' is present, must not specify ${text}`),
    ];
    if (subresource === '*') wholeResources.add(resource);
    if (resource === '*') wholeSubresources.add(subresource);
    return found;
  });
  return all(
    must(resources, path),
    errors,
    resources.length > 1 &&
      resources.includes('*/*') &&
      invalid(path, resources, "if '*/*' is present, must not specify other resources"),
    resources.includes('*') &&
      plain !== '*' &&
      plain !== undefined &&
      invalid(
        path,
        resources,
        "if '*' is present, must not specify other resources without subresources",
      ),
  );
}

/** Models validateParamKind. */
export function validateParamKind(kind: Loose<ParamKind>, at: FieldPath): FieldError[] {
  const versionAt = at.child('apiVersion');
  const { apiVersion } = kind;
  const mixed = isDns1035Label((kind.kind ?? '').toLowerCase());
  return all(
    apiVersion ? validateGroupVersion(apiVersion, versionAt) : required(versionAt),
    !kind.kind
      ? required(at.child('kind'))
      : mixed.length &&
          invalid(
            at.child('kind'),
            kind.kind,
            `may have mixed case, but should otherwise match: ${mixed.join(',')}`,
          ),
  );
}

function validateGroupVersion(text: string, at: FieldPath): Found {
  const parts = text.split('/');
  if (parts.length > 2) return invalid(at, text, `unexpected GroupVersion string: ${text}`);
  const [version = '', group = ''] = parts.reverse();
  const [groupProblems, versionProblems] = [isDns1123Subdomain(group), isDns1035Label(version)];
  return [
    group && groupProblems.length && invalid(at, group, groupProblems.join(',')),
    !version
      ? invalid(at, text, 'version must be specified')
      : versionProblems.length && invalid(at, version, versionProblems.join(',')),
  ];
}

/** Models validateParamRef. */
export function validateParamRef(
  reference: Loose<ParamRef> | null | undefined,
  at: FieldPath,
): FieldError[] {
  if (!reference) return [];
  const { name, selector, parameterNotFoundAction: action } = reference;
  const both = name && selector;
  const actions = ['Deny', 'Allow'];
  return all(
    name && allInvalid(at.child('name'), name, isPathSegment(name)),
    both && fieldForbidden(at.child('name'), 'name and selector are mutually exclusive'),
    validateLabelSelector(selector, at.child('selector')),
    both && fieldForbidden(at.child('selector'), 'name and selector are mutually exclusive'),
    !name && !selector && required(at, 'one of name or selector must be specified'),
    mustBeOneOf(action, actions, at.child('parameterNotFoundAction')),
  );
}

export const validatePolicyName = (name: string | null | undefined, at: FieldPath): Found =>
  mustBe(isDns1123Subdomain, name, at);

/** An action is named once. */
export function validateActions(actions: readonly string[], path: FieldPath): FieldError[] {
  const seen = seenBefore();
  const known = ['Audit', 'Deny', 'Warn'];
  return all(
    each(actions, path, (action, at) => [
      !known.includes(action) && notSupported(at, action, known),
      seen(action) && duplicate(at, action),
    ]),
    actions.includes('Deny') &&
      actions.includes('Warn') &&
      invalid(
        path,
        actions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    must(actions, path, 'at least one validation action is required'),
  );
}
