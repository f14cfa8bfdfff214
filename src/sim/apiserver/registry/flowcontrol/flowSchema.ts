import bootstrap from '../../../../api/facts/v1.36/bootstrap/flowschemas.json' with { type: 'json' };
import {
  duplicate,
  fieldForbidden,
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../../../api/types/flowcontrolV1.ts';
import { all, each, must, mustBe, seenBefore, type Loose } from '../shared/checks.ts';
import { isDns1123Label, isDns1123Subdomain } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');
/** Schemas that no one may change. */
const mandatory = ['exempt', 'catch-all'];

/** Models kubernetes/pkg/registry/flowcontrol/flowschema and pkg/apis/flowcontrol/validation. */
export const flowSchemaStrategy: Strategy<FlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  hasGeneration: true,
  metaOnUpdate: ['create'],
  default_({ spec: own }) {
    if (own) own.matchingPrecedence ||= 1000;
  },
  validate,
  validateUpdate: validate,
  subresources: {
    status: { validateUpdate: ({ status }) => validateConditionTypes(status?.conditions) },
  },
};

/** What both kinds of this group ask of their conditions. */
export function validateConditionTypes(
  conditions: readonly { readonly type?: string }[] | undefined,
): FieldError[] {
  const seen = seenBefore();
  return each(conditions, FieldPath.of('status', 'conditions'), ({ type = '' }, at) => [
    seen(type) && duplicate(at.child('type'), type),
    !type && required(at.child('type')),
  ]);
}

/** The spec with which a mandatory object was made. */
export const mandatorySpec = (facts: unknown, names: readonly string[], name: string): unknown =>
  names.includes(name)
    ? (facts as readonly { object: { metadata: { name: string }; spec: unknown } }[]).find(
        ({ object }) => object.metadata.name === name,
      )?.object.spec
    : undefined;

function validate({ metadata, spec: own, status }: FlowSchema): FieldError[] {
  const { name = '' } = metadata;
  const fixed = mandatorySpec(bootstrap, mandatory, name);
  return all(
    validateSpec(own ?? {}, name),
    fixed !== undefined &&
      !equal(own, fixed) &&
      invalid(
        spec,
        internalForm('flowcontrol.FlowSchemaSpec', own),
        `spec of '${name}' must equal the fixed value`,
      ),
    validateConditionTypes(status?.conditions),
  );
}

function validateSpec(own: Loose<FlowSchemaSpec>, schemaName: string): FieldError[] {
  const precedence = own.matchingPrecedence ?? 0;
  const precedenceAt = spec.child('matchingPrecedence');
  const levelAt = spec.child('priorityLevelConfiguration', 'name');
  const level = own.priorityLevelConfiguration?.name;
  const methods = ['ByNamespace', 'ByUser'];
  return all(
    precedence <= 0 && invalid(precedenceAt, precedence, 'must be a positive value'),
    precedence > 10000 && invalid(precedenceAt, precedence, 'must not be greater than 10000'),
    precedence === 1 &&
      schemaName !== 'exempt' &&
      invalid(
        precedenceAt,
        precedence,
        "only the schema named 'exempt' may have matchingPrecedence 1",
      ),
    own.distinguisherMethod &&
      !methods.includes(own.distinguisherMethod.type ?? '') &&
      notSupported(
        spec.child('distinguisherMethod', 'type'),
        internalForm('flowcontrol.FlowDistinguisherMethod', own.distinguisherMethod),
        methods,
      ),
    level
      ? mustBe(isDns1123Subdomain, level, levelAt)
      : required(levelAt, 'must reference a priority level'),
    each(own.rules, spec.child('rules'), validateRules),
  );
}

function validateRules(rules: Loose<PolicyRulesWithSubjects>, at: FieldPath): FieldError[] {
  return all(
    must(rules.subjects, at.child('subjects'), 'subjects must contain at least one value'),
    each(rules.subjects, at.child('subjects'), validateSubject),
    !rules.resourceRules?.length &&
      !rules.nonResourceRules?.length &&
      required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'),
    each(rules.resourceRules, at.child('resourceRules'), validateResourceRule),
    each(rules.nonResourceRules, at.child('nonResourceRules'), validateNonResourceRule),
  );
}

const subjectKinds = [
  ['serviceAccount', 'ServiceAccount'],
  ['user', 'User'],
  ['group', 'Group'],
] as const;

function validateSubject(subject: Loose<Subject>, at: FieldPath): FieldError[] {
  const own = subjectKinds.find(([, kind]) => kind === subject.kind);
  if (!own)
    return [
      notSupported(at.child('kind'), subject.kind ?? '', ['Group', 'ServiceAccount', 'User']),
    ];
  const [key, kind] = own;
  const value = subject[key];
  const valueAt = at.child(key);
  return all(
    !value
      ? required(valueAt, `${key} is required when subject kind is '${kind}'`)
      : key === 'serviceAccount'
        ? validateServiceAccount(subject.serviceAccount ?? {}, valueAt)
        : must(value.name, valueAt.child('name')),
    // The service account comes before the user, and the user before the group.
    subjectKinds.map(
      ([other, otherKind]) =>
        other !== key &&
        subject[other] &&
        fieldForbidden(
          at.child(other),
          `${other} is forbidden when subject kind is not '${otherKind}'`,
        ),
    ),
  );
}

function validateServiceAccount(
  { name, namespace }: NonNullable<Loose<Subject>['serviceAccount']>,
  at: FieldPath,
): FieldError[] {
  return all(
    name !== '*' && mustBe(isDns1123Subdomain, name, at.child('name')),
    namespace
      ? mustBe(isDns1123Label, namespace, at.child('namespace'))
      : required(at.child('namespace'), 'must specify namespace for service account'),
  );
}

type List = readonly string[] | null | undefined;

const verbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'proxy',
  'update',
  'watch',
];

function validateVerbs(list: List, at: FieldPath): FieldError[] {
  if (list?.includes('*')) return alone(list, at, 'verbs');
  return all(
    must(list, at, 'verbs must contain at least one value'),
    list?.some((verb) => !verbs.includes(verb)) && notSupported(at, list, verbs),
  );
}

/** A star needs no company. */
const alone = (list: List, at: FieldPath, what: string): FieldError[] =>
  (list?.length ?? 0) > 1 && list?.includes('*')
    ? [invalid(at, list, `if '*' is present, must not specify other ${what}`)]
    : [];

function validateResourceRule(rule: Loose<ResourcePolicyRule>, at: FieldPath): FieldError[] {
  const { apiGroups, resources, namespaces } = rule;
  const namespacesAt = at.child('namespaces');
  return all(
    validateVerbs(rule.verbs, at.child('verbs')),
    must(apiGroups, at.child('apiGroups'), 'resource rules must supply at least one api group'),
    alone(apiGroups, at.child('apiGroups'), 'api groups'),
    must(resources, at.child('resources'), 'resource rules must supply at least one resource'),
    alone(resources, at.child('resources'), 'resources'),
    !namespaces?.length &&
      !rule.clusterScope &&
      required(
        namespacesAt,
        'resource rules that are not cluster scoped must supply at least one namespace',
      ),
    namespaces?.includes('*')
      ? alone(namespaces, namespacesAt, 'namespaces')
      : each(namespaces, namespacesAt, (namespace, namespaceAt) =>
          isDns1123Label(namespace).map((problem) =>
            invalid(
              namespaceAt,
              namespace,
              `each member of this list must be '*' or a DNS-1123 label; ${problem}`,
            ),
          ),
        ),
  );
}

function validateNonResourceRule(rule: Loose<NonResourcePolicyRule>, at: FieldPath): FieldError[] {
  const { nonResourceURLs: urls } = rule;
  const urlsAt = at.child('nonResourceURLs');
  return all(
    validateVerbs(rule.verbs, at.child('verbs')),
    must(urls, urlsAt, 'nonResourceURLs must contain at least one value'),
    urls?.includes('*')
      ? alone(urls, urlsAt, 'non-resource URLs')
      : each(urls, urlsAt, (url, urlAt) => {
          const problem = urlProblem(url);
          return problem && invalid(urlAt, url, problem);
        }),
  );
}

/** The first thing that is wrong with a path. */
function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const stars = url.split('*').length - 1;
  return stars > 1 || (stars === 1 && !url.endsWith('/*'))
    ? 'wildcard can only do suffix matching'
    : undefined;
}
