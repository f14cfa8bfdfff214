import { errorBody, invalidObject, type FieldError } from '../../../../api/field.ts';
import { controllerOf, equal, type KubeObject, type ObjectMeta } from '../../../../api/meta.ts';
import { namespaces, pods } from '../../../../api/resources.ts';
import { forbidden, internalError } from '../../../../api/status.ts';
import type {
  Container,
  Namespace,
  Pod,
  PodSpec,
  PodTemplateSpec,
} from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import type { Finding } from './check.ts';
import { detailText, evaluatePod, reasonText } from './evaluate.ts';
import {
  compareLevels,
  isFullyPrivileged,
  isSameLevel,
  LABEL_PREFIX,
  levelText,
  policyOf,
  type LevelVersion,
  type Policy,
} from './policy.ts';

/** Who and what is not judged. Models the exemptions of PodSecurityConfiguration; a cluster has none unless told. */
export interface PodSecurityExemptions {
  readonly namespaces?: readonly string[];
  readonly usernames?: readonly string[];
  readonly runtimeClasses?: readonly string[];
}

export interface PodSecurityOptions {
  readonly defaults?: Policy;
  readonly exemptions?: PodSecurityExemptions;
}

/** By `group/resource`: where the pod template of a workload is. */
const WORKLOADS: Readonly<Record<string, (object: KubeObject) => PodTemplateSpec | undefined>> = {
  '/podtemplates': (object) => (object as { template?: PodTemplateSpec }).template,
  '/replicationcontrollers': templateOf,
  'apps/replicasets': templateOf,
  'apps/deployments': templateOf,
  'apps/statefulsets': templateOf,
  'apps/daemonsets': templateOf,
  'batch/jobs': templateOf,
  'batch/cronjobs': (object) =>
    (object as { spec?: { jobTemplate?: { spec?: { template?: PodTemplateSpec } } } }).spec
      ?.jobTemplate?.spec?.template,
};

const IGNORED_POD_SUBRESOURCES = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

const MAX_PODS_TO_CHECK = 3000;

/** Judges pods by the level that their namespace's labels ask for. Models pod-security-admission/admission. */
export function podSecurityPlugin(options: PodSecurityOptions = {}): AdmissionPlugin {
  const exempt = options.exemptions ?? {};
  const isExempt = (list: readonly string[] | undefined, name: string | undefined): boolean =>
    Boolean(name) && (list ?? []).includes(name ?? '');
  return {
    name: 'PodSecurity',

    async validate(attributes, context) {
      const { operation, group, resource, subresource, namespace, user, object } = attributes;
      if ((operation !== 'CREATE' && operation !== 'UPDATE') || !object) return undefined;
      if (group === '' && resource === 'namespaces')
        return subresource ? undefined : await judgeNamespace(attributes, context, options);
      const isPod = group === '' && resource === 'pods';
      const template = WORKLOADS[`${group}/${resource}`];
      if (!isPod && !template) return undefined;
      if (isPod ? IGNORED_POD_SUBRESOURCES.has(subresource) : subresource !== '') return undefined;
      if (isExempt(exempt.namespaces, namespace)) return exempted(context, 'namespace');
      if (isExempt(exempt.usernames, user.name)) return exempted(context, 'user');
      const found = await context.get(namespaces, '', namespace);
      if (!found) {
        if (isPod) throw internalError(`failed to lookup namespace "${namespace}"`);
        return undefined;
      }
      const { policy, errors } = policyOf(found.metadata.labels ?? {}, options.defaults);
      if (!errors.length && isPrivileged(policy, isPod)) {
        if (isPod) context.audit(`${LABEL_PREFIX}enforce-policy`, 'privileged:latest');
        return `Namespace ${namespace} allows everything.`;
      }
      const pod = isPod ? (object as Pod) : template?.(object);
      if (!pod?.spec) return undefined;
      const isUpdate = isPod && operation === 'UPDATE';
      if (isUpdate && !isSignificant(pod.spec, (attributes.oldObject as Pod).spec))
        return 'No image has changed.';
      if (isExempt(exempt.runtimeClasses, pod.spec.runtimeClassName))
        return exempted(context, 'runtimeClass');
      return judgePod(attributes, context, policy, errors, pod.metadata ?? {}, pod.spec, isPod);
    },
  };
}

export const podSecurity = podSecurityPlugin();

function templateOf(object: KubeObject): PodTemplateSpec | undefined {
  return (object as { spec?: { template?: PodTemplateSpec } }).spec?.template;
}

const isPrivileged = (policy: Policy, isPod: boolean): boolean =>
  isPod
    ? isFullyPrivileged(policy)
    : policy.warn.level === 'privileged' && policy.audit.level === 'privileged';

function exempted(context: AdmissionContext, why: string): string {
  context.audit(`${LABEL_PREFIX}exempt`, why);
  return `Exempt by ${why}.`;
}

function judgePod(
  attributes: RequestAttributes,
  context: AdmissionContext,
  policy: Policy,
  errors: readonly FieldError[],
  metadata: ObjectMeta,
  spec: PodSpec,
  enforces: boolean,
): string {
  const judged = new Map<string, readonly Finding[]>();
  const judge = (level: LevelVersion): readonly Finding[] => {
    const text = levelText(level);
    let findings = judged.get(text);
    if (!findings) judged.set(text, (findings = evaluatePod(level, metadata, spec)));
    return findings;
  };
  if (errors.length)
    context.audit(`${LABEL_PREFIX}error`, `Failed to parse policy: ${aggregate(errors)}`);
  const enforced = enforces ? judge(policy.enforce) : [];
  if (enforces) context.audit(`${LABEL_PREFIX}enforce-policy`, levelText(policy.enforce));
  const audited = judge(policy.audit);
  if (audited.length)
    context.audit(
      `${LABEL_PREFIX}audit-violations`,
      `would violate PodSecurity "${levelText(policy.audit)}": ${detailText(audited)}`,
    );
  context.fact('enforce', levelText(policy.enforce));
  context.fact('warn', levelText(policy.warn));
  context.fact('audit', levelText(policy.audit));
  if (enforced.length)
    throw forbidden(
      attributes,
      attributes.name,
      `violates PodSecurity "${levelText(policy.enforce)}": ${detailText(enforced)}`,
    );
  const warned = judge(policy.warn);
  if (warned.length)
    context.warn(`would violate PodSecurity "${levelText(policy.warn)}": ${detailText(warned)}`);
  if (warned.length) return `Warns of ${reasonText(warned)}.`;
  return enforces
    ? `Keeps to ${levelText(policy.enforce)}.`
    : `Keeps to ${levelText(policy.warn)}; the Pods will be judged when they are made.`;
}

async function judgeNamespace(
  attributes: RequestAttributes,
  context: AdmissionContext,
  { defaults, exemptions }: PodSecurityOptions,
): Promise<string> {
  const { object, oldObject, operation, name } = attributes;
  const wanted = (object as Namespace).metadata.labels ?? {};
  const { policy, errors } = policyOf(wanted, defaults);
  const old =
    operation === 'UPDATE'
      ? policyOf((oldObject as Namespace).metadata.labels ?? {}, defaults)
      : undefined;
  if (errors.length && !(old?.errors.length && equal(old.errors, errors)))
    throw invalidObject({ group: '', kind: 'Namespace' }, name, errors);
  if (old && !isTighter(policy.enforce, old.policy.enforce)) return 'No stricter than before.';
  if (exemptions?.namespaces?.includes(name)) {
    const ignored = ignoredText(policy, wanted);
    if (ignored)
      context.warn(
        `namespace "${name}" is exempt from Pod Security, and the policy (${ignored}) will be ignored`,
      );
    return 'Exempt by namespace.';
  }
  if (!old) return 'The labels can be read.';
  const warnings = await judgeExisting(name, policy.enforce, context, exemptions);
  for (const warning of warnings) context.warn(warning);
  return warnings.length ? 'Some Pods would not be let in again.' : 'All Pods keep to it.';
}

function isTighter(enforce: LevelVersion, old: LevelVersion): boolean {
  if (isSameLevel(enforce, old) || enforce.level === 'privileged') return false;
  return enforce.version !== old.version || compareLevels(enforce.level, old.level) > 0;
}

function ignoredText(policy: Policy, labels: Readonly<Record<string, string>>): string {
  if (isFullyPrivileged(policy)) return '';
  return (['enforce', 'audit', 'warn'] as const)
    .filter(
      (mode) =>
        policy[mode].level !== 'privileged' &&
        (labels[LABEL_PREFIX + mode] !== undefined ||
          labels[`${LABEL_PREFIX}${mode}-version`] !== undefined),
    )
    .map((mode) => `${mode}=${levelText(policy[mode])}`)
    .join(', ');
}

/** What the Pods that are there would be told. Models EvaluatePodsInNamespace. */
async function judgeExisting(
  namespace: string,
  enforce: LevelVersion,
  context: AdmissionContext,
  exemptions: PodSecurityExemptions | undefined,
): Promise<readonly string[]> {
  const all = prioritized(
    (await context.list(pods, namespace)).filter(
      ({ spec }) => !exemptions?.runtimeClasses?.includes(spec?.runtimeClassName ?? ''),
    ),
  );
  const checked = all.slice(0, MAX_PODS_TO_CHECK);
  const byReason = new Map<string, string[]>();
  for (const { metadata, spec } of checked) {
    const reason = spec ? reasonText(evaluatePod(enforce, metadata, spec)) : '';
    if (!reason) continue;
    byReason.set(reason, [...(byReason.get(reason) ?? []), metadata.name ?? '']);
  }
  const warnings = [...byReason].map(([reason, names]) => {
    const [first = ''] = [...names].sort();
    const others = names.length - 1;
    if (!others) return `${first}: ${reason}`;
    return `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'}): ${reason}`;
  });
  return [
    ...(checked.length < all.length
      ? [
          `new PodSecurity enforce level only checked against the first ${checked.length} of ${all.length} existing pods`,
        ]
      : []),
    ...(warnings.length
      ? [
          `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${levelText(enforce)}"`,
        ]
      : []),
    ...warnings.sort(),
  ];
}

/** One pod of each controller first: its others are alike. */
function prioritized(all: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>();
  const first: Pod[] = [];
  const rest: Pod[] = [];
  for (const pod of all) {
    const uid = controllerOf(pod)?.uid;
    if (uid !== undefined && seen.has(uid)) rest.push(pod);
    else first.push(pod);
    if (uid !== undefined) seen.add(uid);
  }
  return [...first, ...rest];
}

/** Whether an update of a Pod may break a rule: images and ephemeral containers are all that can change. */
function isSignificant(spec: PodSpec, old: PodSpec | undefined): boolean {
  const differs = (now: readonly Container[] = [], before: readonly Container[] = []): boolean =>
    now.length !== before.length || now.some((it, at) => it.image !== before[at]?.image);
  if (differs(spec.containers, old?.containers)) return true;
  if (differs(spec.initContainers, old?.initContainers)) return true;
  return (spec.ephemeralContainers ?? []).some((it) => {
    const before = old?.ephemeralContainers?.find(({ name }) => name === it.name);
    return before?.image !== it.image;
  });
}

/** How Go prints several errors as one. Models utilerrors.Aggregate. */
function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${errorBody(error)}`))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}
