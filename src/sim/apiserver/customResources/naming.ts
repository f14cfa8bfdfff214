import { equal } from '../../../api/meta.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../../../api/types/apiextensionsV1.ts';

const NO_NAMES: CustomResourceDefinitionNames = { plural: '', kind: '' };

const findCondition = (
  definition: CustomResourceDefinition,
  wanted: string,
): CustomResourceDefinitionCondition | undefined =>
  (definition.status?.conditions ?? []).find(({ type }) => type === wanted);

export interface NewCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** Sets a condition in place; its time is that of the last change. Models apihelpers SetCRDCondition. */
export function setCondition(
  definition: CustomResourceDefinition,
  wanted: NewCondition,
  time: string,
): void {
  const status = (definition.status ??= {});
  const conditions = [...(status.conditions ?? [])];
  const at = conditions.findIndex(({ type }) => type === wanted.type);
  const known = conditions[at];
  const lastTransitionTime =
    known?.status === wanted.status ? (known.lastTransitionTime ?? time) : time;
  const next = { ...wanted, lastTransitionTime } as CustomResourceDefinitionCondition;
  if (at < 0) conditions.push(next);
  else conditions[at] = next;
  status.conditions = conditions;
}

/**
 * Gives a definition the names that nobody else in its group has, in place; whether anything changed.
 * Models apiextensions-apiserver pkg/controller/status/naming_controller.go.
 */
export function acceptNames(
  definition: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
  time: string,
): boolean {
  const { names } = definition.spec;
  const accepted = { ...NO_NAMES, ...definition.status?.acceptedNames };
  if (equal(names, accepted)) return false;
  const taken = takenNames(definition, all);
  const next: CustomResourceDefinitionNames = { ...accepted };
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const inUse = (name: string, own: string, used: ReadonlySet<string>): string | undefined =>
    name !== own && used.has(name) ? `${JSON.stringify(name)} is already in use` : undefined;
  const check = (
    key: 'plural' | 'singular' | 'kind' | 'listKind',
    used: ReadonlySet<string>,
    reason: string,
  ): void => {
    const message = inUse(names[key] ?? '', accepted[key] ?? '', used);
    if (message !== undefined) conflict = { reason, message };
    else if (names[key] !== undefined) next[key] = names[key];
  };
  check('plural', taken.resources, 'PluralConflict');
  check('singular', taken.resources, 'SingularConflict');
  if (!equal(names.shortNames ?? [], accepted.shortNames ?? [])) {
    const known = new Set(accepted.shortNames);
    const problems = (names.shortNames ?? [])
      .filter((name) => !known.has(name))
      .flatMap((name) => inUse(name, '', taken.resources) ?? []);
    if (problems.length)
      conflict = {
        reason: 'ShortNamesConflict',
        message: problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`,
      };
    else if (names.shortNames) next.shortNames = names.shortNames;
    else delete next.shortNames;
  }
  check('kind', taken.kinds, 'KindConflict');
  check('listKind', taken.kinds, 'ListKindConflict');
  if (names.categories) next.categories = names.categories;
  else delete next.categories;
  const naming: NewCondition = {
    type: 'NamesAccepted',
    ...(conflict
      ? { status: 'False', ...conflict }
      : { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }),
  };
  const known = findCondition(definition, 'NamesAccepted');
  const isKnown =
    known?.status === naming.status &&
    known.reason === naming.reason &&
    known.message === naming.message;
  if (isKnown && equal(accepted, next)) return false;
  definition.status = { ...definition.status, acceptedNames: next };
  setCondition(definition, naming, time);
  const established = findCondition(definition, 'Established');
  if (established?.status !== 'True' && !conflict)
    setCondition(
      definition,
      {
        type: 'Established',
        status: 'False',
        reason: 'Installing',
        message: 'the initial names have been accepted',
      },
      time,
    );
  else if (!established)
    setCondition(
      definition,
      {
        type: 'Established',
        status: 'False',
        reason: 'NotAccepted',
        message: 'not all names are accepted',
      },
      time,
    );
  return true;
}

/** The names that definitions of the group have, this one among them. */
function takenNames(
  { spec }: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
): { readonly resources: Set<string>; readonly kinds: Set<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { spec: theirs, status } of all) {
    if (theirs.group !== spec.group) continue;
    const { plural, singular, shortNames, kind, listKind } = status?.acceptedNames ?? NO_NAMES;
    for (const name of [plural, singular, ...(shortNames ?? [])]) if (name) resources.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  return { resources, kinds };
}

/** Names that are accepted are served. Models apiextensions-apiserver pkg/controller/establish. */
export function establish(definition: CustomResourceDefinition, time: string): boolean {
  const isTrue = (type: string): boolean => findCondition(definition, type)?.status === 'True';
  if (!isTrue('NamesAccepted') || isTrue('Established')) return false;
  setCondition(
    definition,
    {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    },
    time,
  );
  return true;
}

const APPROVED = 'api-approved.kubernetes.io';

/** Groups of Kubernetes itself say who approved of them. Models apiextensions-apiserver pkg/controller/apiapproval. */
export function noteApproval(definition: CustomResourceDefinition, time: string): boolean {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(definition.spec.group)) return false;
  const wanted = approvalOf(definition.metadata.annotations?.[APPROVED] ?? '');
  const known = findCondition(definition, wanted.type);
  if (known?.status === wanted.status && known.message === wanted.message) return false;
  setCondition(definition, wanted, time);
  return true;
}

function approvalOf(annotation: string): NewCondition {
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const must = `protected groups must have approval annotation "${APPROVED}"`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (!annotation)
    return { type, status: 'False', reason: 'MissingAnnotation', message: `${must}, ${see}` };
  if (annotation.startsWith('unapproved')) {
    const message = `not approved: ${JSON.stringify(annotation)}`;
    return { type, status: 'False', reason: 'UnapprovedAnnotation', message };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(annotation))
    return {
      type,
      status: 'True',
      reason: 'ApprovedAnnotation',
      message: `approved in ${annotation}`,
    };
  const message = `${must} with either a URL or a reason starting with "unapproved", ${see}`;
  return { type, status: 'False', reason: 'InvalidAnnotation', message };
}
