import { stringify } from 'yaml';
import type { JsonObject } from '../api/meta.ts';
import type { Remedy } from '../source/port.ts';

/** What was refused, and to whom. */
export interface Refusal {
  readonly user: string;
  readonly verbs: readonly string[];
  readonly group: string;
  readonly resource: string;
  /** '' for what is in no namespace. */
  readonly namespace: string;
  /** Of an object that is there: a creation cannot be allowed by name. */
  readonly name?: string;
}

const group = 'rbac.authorization.k8s.io';

/** The Role that would allow it, and its binding; for what is in no namespace, a ClusterRole. */
export function missingRole(refusal: Refusal): Remedy {
  const { user, verbs, resource, namespace, name } = refusal;
  const kind = namespace ? 'Role' : 'ClusterRole';
  const metadata = {
    name: name === undefined ? `apply-${resource}` : `apply-${resource}-${name}`,
    ...(namespace && { namespace }),
  };
  const apiVersion = `${group}/v1`;
  const role = {
    apiVersion,
    kind,
    metadata,
    rules: [
      {
        apiGroups: [refusal.group],
        resources: [resource],
        ...(name !== undefined && { resourceNames: [name] }),
        verbs: [...verbs],
      },
    ],
  };
  const binding = {
    apiVersion,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: group, kind, name: metadata.name },
    subjects: [subjectOf(user)],
  };
  const what = refusal.group ? `${resource}.${refusal.group}` : resource;
  const where = namespace ? ` in namespace ${namespace}` : '';
  const which = name === undefined ? what : `${what} "${name}"`;
  return {
    text: `This ${kind} would let ${user} ${verbs.join(' and ')} ${which}${where}:`,
    yaml: [role, binding].map((it) => stringify(it, { lineWidth: 0 })).join('---\n'),
  };
}

function subjectOf(user: string): JsonObject {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return namespace !== undefined && name !== undefined
    ? { kind: 'ServiceAccount', namespace, name }
    : { apiGroup: group, kind: 'User', name: user };
}
