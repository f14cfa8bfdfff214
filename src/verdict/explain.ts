import type { DocumentVerdict } from '../source/port.ts';

/** What a stage or a plugin is there for, and what one does when it says no. */
export interface Explanation {
  readonly title: string;
  readonly what: string;
  readonly remedy: string;
}

const stages: Readonly<Record<NonNullable<DocumentVerdict['stage']>, Explanation>> = {
  client: {
    title: 'kubectl',
    what: 'Before anything is sent, kubectl reads the file and looks up which resource a kind is.',
    remedy:
      'Check apiVersion and kind: `kubectl api-resources` lists what the cluster serves. An API that was removed has a successor with another apiVersion.',
  },
  authentication: {
    title: 'Authentication',
    what: 'Who asks is told by a client certificate or a token.',
    remedy: 'Use a kubeconfig whose certificate or token is valid.',
  },
  audit: {
    title: 'Audit',
    what: 'The audit policy says how much of the request is recorded. It refuses nothing.',
    remedy: '',
  },
  impersonation: {
    title: 'Impersonation',
    what: 'A request may act as somebody else (`--as`), if its user may impersonate.',
    remedy: 'Give the user the verb `impersonate` on users, groups or serviceaccounts.',
  },
  priorityAndFairness: {
    title: 'Priority and fairness',
    what: 'A FlowSchema puts the request into a priority level; a crowded one makes it wait or turns it away.',
    remedy: 'Send fewer requests at once, or give the client a FlowSchema of its own.',
  },
  authorization: {
    title: 'Authorization',
    what: 'RBAC looks for a Role or ClusterRole, bound to the user or a group, that allows the verb on the resource. Nothing is forbidden explicitly: no rule means no.',
    remedy: 'Bind a Role with the missing rule; the stages view has it.',
  },
  body: {
    title: 'Reading the body',
    what: 'The request may have 3 MiB; its content type says how to read it.',
    remedy: 'Make the object smaller: large data belongs in a volume, not in a ConfigMap.',
  },
  decoding: {
    title: 'Decoding',
    what: 'The text becomes an object of its kind: names of fields and types of values must fit, and each field may stand once. Fields that are left out get their defaults.',
    remedy: 'Correct the field at the place that is marked. `kubectl explain` knows the fields.',
  },
  patch: {
    title: 'Patch',
    what: 'The change is put into the object as it is now.',
    remedy: 'Look at the live object: what the patch expects may not be there any more.',
  },
  managedFields: {
    title: 'Managed fields',
    what: 'For each manager the server knows the fields that it set. Server-side apply refuses to take a field over from another manager.',
    remedy: 'Leave the field to its manager, or apply with `--force-conflicts`.',
  },
  mutatingAdmission: {
    title: 'Mutating admission',
    what: 'Plugins and policies complete the object, or refuse it.',
    remedy: 'See what the plugin says.',
  },
  strategy: {
    title: 'Strategy',
    what: 'What the kind itself does before it is validated: fields that only the server may set are reset, the generation is counted.',
    remedy: '',
  },
  validation: {
    title: 'Validation',
    what: 'The rules of the kind: what must be there, which values are possible, what fits together, and what may no longer change.',
    remedy:
      'Each message names the field, its value and the rule. A field that may not change needs a new object.',
  },
  validatingAdmission: {
    title: 'Validating admission',
    what: 'Plugins and policies look at the finished object and may only refuse it.',
    remedy: 'See what the plugin says.',
  },
  storage: {
    title: 'Storage',
    what: 'The object is written to etcd, if nobody wrote it since it was read.',
    remedy:
      'Read the object again and repeat the change; or choose another name when it exists already.',
  },
};

const plugins: Readonly<Record<string, Omit<Explanation, 'title'>>> = {
  NamespaceLifecycle: {
    what: 'Nothing is created in a namespace that does not exist or is being deleted.',
    remedy: 'Create the namespace first, or correct metadata.namespace.',
  },
  LimitRanger: {
    what: 'LimitRanges of the namespace fill in requests and limits, and bound them.',
    remedy: 'Choose requests and limits within the LimitRange: `kubectl describe limitrange`.',
  },
  ServiceAccount: {
    what: 'A Pod runs as a ServiceAccount of its namespace; its token is mounted.',
    remedy: 'Create the ServiceAccount, or correct spec.serviceAccountName.',
  },
  NodeRestriction: {
    what: 'A kubelet may change only its own Node and the Pods bound to it.',
    remedy: 'Make the request as another user.',
  },
  Priority: {
    what: 'The name of a PriorityClass becomes a number; the number itself may not be set.',
    remedy: 'Name a PriorityClass that exists: `kubectl get priorityclasses`.',
  },
  PodSecurity: {
    what: 'The labels pod-security.kubernetes.io/* of the namespace say how much a Pod may ask for: privileged, baseline or restricted.',
    remedy:
      'Set what the message asks for in securityContext, or choose another level for the namespace.',
  },
  ResourceQuota: {
    what: 'ResourceQuotas bound what a namespace holds and asks for. A quota on cpu or memory wants every Pod to say how much.',
    remedy: 'Set requests and limits, ask for less, or raise the quota: `kubectl describe quota`.',
  },
  RuntimeClass: {
    what: 'The RuntimeClass of a Pod adds its overhead and where it can run.',
    remedy: 'Name a RuntimeClass that exists, and leave spec.overhead to it.',
  },
  PersistentVolumeClaimResize: {
    what: 'A claim may only grow, and only if its StorageClass allows it.',
    remedy: 'Set allowVolumeExpansion in the StorageClass.',
  },
  ValidatingAdmissionPolicy: {
    what: 'A policy of this cluster says no, by a CEL expression.',
    remedy:
      'The message is the policy’s; `kubectl get validatingadmissionpolicies -o yaml` has the expression.',
  },
  MutatingAdmissionPolicy: {
    what: 'A policy of this cluster changes objects by CEL expressions.',
    remedy: 'See the policy: `kubectl get mutatingadmissionpolicies -o yaml`.',
  },
  CertificateSubjectRestriction: {
    what: 'Nobody may ask for a certificate of system:masters.',
    remedy: 'Choose another organization in the request.',
  },
};

/** What there is to say about who refused. */
export function explanationOf(stage: DocumentVerdict['stage'], plugin?: string): Explanation {
  const known = plugin === undefined ? undefined : plugins[plugin];
  if (plugin !== undefined && known) return { title: plugin, ...known };
  return stages[stage ?? 'client'];
}

/** The page of a stage or plugin, as Markdown; its links are the official documentation. */
export function explanationPage(name: string): string {
  const plugin = plugins[name];
  const stage = Object.entries(stages).find(([key]) => key === name)?.[1];
  const explanation = plugin ? { title: name, ...plugin } : stage;
  if (!explanation) return `# ${name}\n\nThere is nothing to say about this yet.\n`;
  const remedy = explanation.remedy && `\n## What to do\n\n${explanation.remedy}\n`;
  const place = plugin
    ? '\nAn admission plugin: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/\n'
    : '\nA stage of the API pipeline: https://kubernetes.io/docs/reference/access-authn-authz/controlling-access/\n';
  return `# ${explanation.title}\n\n${explanation.what}\n${remedy}${place}`;
}
