import { equal, type KubeObject } from '../../../../api/meta.ts';
import { canonicalQuantity, compareQuantities, parseQuantity } from '../../../../api/quantity.ts';
import { resourcequotas } from '../../../../api/resources.ts';
import { modified } from '../../../../api/status.ts';
import type { ResourceQuota } from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import type { ResourceList } from '../../../../api/podResources.ts';
import { refuse } from '../refuse.ts';
import { evaluatorFor, type Evaluator } from '../../../../api/quota/evaluators.ts';
import { matchesScopes } from '../../../../api/quota/scopes.ts';
import { add, nonNegativeDifference, withoutZeros } from '../../../../api/quota/usage.ts';

const RETRIES = 3;

/** Keeps a namespace within its ResourceQuotas and charges them. Models apiserver/pkg/admission/plugin/resourcequota. */
export const resourceQuota = {
  name: 'ResourceQuota',

  async validate(attributes, context) {
    const { namespace, operation, object, resource } = attributes;
    if (!namespace || !object || (operation !== 'CREATE' && operation !== 'UPDATE'))
      return undefined;
    if (resource === 'namespaces' || resource === 'events') return undefined;
    const evaluator = evaluatorFor(attributes);
    if (!evaluator.handles(attributes)) return undefined;
    for (let attempt = 0; ; attempt++) {
      const quotas = await context.list(resourcequotas, namespace);
      if (!quotas.length) return undefined;
      const charged = check(quotas, attributes, object, evaluator, context);
      if (!charged.length) return `No quota of ${quotas.length} is touched.`;
      if (await charge(charged, attributes, context))
        return `Within ${charged.map(({ metadata }) => metadata.name ?? '').join(', ')}.`;
      if (attempt === RETRIES) throw conflictOf(charged);
    }
  },
} satisfies AdmissionPlugin;

/** The quotas with what they would be charged; refuses when one is exceeded. Models CheckRequest. */
function check(
  quotas: readonly ResourceQuota[],
  attributes: RequestAttributes,
  object: KubeObject,
  evaluator: Evaluator,
  context: AdmissionContext,
): ResourceQuota[] {
  const usage = evaluator.usage(object, context.clock.now());
  const { oldObject } = attributes;
  const before =
    attributes.operation === 'UPDATE' && oldObject
      ? evaluator.usage(oldObject, context.clock.now())
      : undefined;
  const charged: ResourceQuota[] = [];
  const interesting = quotas.filter((quota) => matches(quota, object, evaluator));
  for (const quota of interesting) requireStated(quota, attributes, object, evaluator);
  for (const quota of interesting) {
    const wasCounted = before && oldObject && matches(quota, oldObject, evaluator);
    const delta = withoutZeros(wasCounted ? nonNegativeDifference(usage, before) : usage);
    if (!Object.keys(delta).length) continue;
    const next = chargeOne(quota, attributes, delta);
    if (!equal(next.status?.used ?? {}, quota.status?.used ?? {})) charged.push(next);
    context.fact(`quota ${quota.metadata.name ?? ''}`, describe(next));
  }
  return charged;
}

function matches(quota: ResourceQuota, object: KubeObject, evaluator: Evaluator): boolean {
  return (
    matchesScopes(quota, object) &&
    evaluator.matching(Object.keys(quota.status?.hard ?? {})).length > 0
  );
}

/** A quota on compute wants every container to say what it asks for. */
function requireStated(
  quota: ResourceQuota,
  attributes: RequestAttributes,
  object: KubeObject,
  evaluator: Evaluator,
): void {
  const name = quota.metadata.name ?? '';
  const restricted = evaluator.matching(Object.keys(quota.status?.hard ?? {}));
  const problem = evaluator.constraint?.(restricted, object);
  if (problem) throw refuse(attributes, `failed quota: ${name}: ${problem}`);
  const used = quota.status?.used ?? {};
  if (restricted.some((one) => used[one] === undefined))
    throw refuse(
      attributes,
      `status unknown for quota: ${name}, resources: ${[...restricted].sort().join(',')}`,
    );
}

function chargeOne(
  quota: ResourceQuota,
  attributes: RequestAttributes,
  delta: ResourceList,
): ResourceQuota {
  const hard = quota.status?.hard ?? {};
  const used = quota.status?.used ?? {};
  const requested = mask(delta, Object.keys(hard));
  const next = add(used, requested);
  const exceeded = Object.keys(requested).filter(
    (name) =>
      compareQuantities(parseQuantity(next[name] ?? '0'), parseQuantity(hard[name] ?? '0')) > 0,
  );
  if (exceeded.length && attributes.subresource !== 'status')
    throw refuse(
      attributes,
      `exceeded quota: ${quota.metadata.name ?? ''}, requested: ${print(requested, exceeded)}, used: ${print(used, exceeded)}, limited: ${print(hard, exceeded)}`,
    );
  return { ...quota, status: { ...quota.status, used: next } };
}

const mask = (list: ResourceList, names: readonly string[]): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([name]) => names.includes(name)));

const print = (list: ResourceList, names: readonly string[]): string =>
  [...names]
    .sort()
    .filter((name) => list[name] !== undefined)
    .map((name) => `${name}=${canonicalQuantity(list[name] ?? '0')}`)
    .join(',');

const describe = ({ status }: ResourceQuota): string =>
  Object.entries(status?.hard ?? {})
    .map(([name, hard]) => `${name}: ${status?.used?.[name] ?? '?'} of ${hard}`)
    .join(', ');

async function charge(
  quotas: readonly ResourceQuota[],
  attributes: RequestAttributes,
  context: AdmissionContext,
): Promise<boolean> {
  if (attributes.dryRun) return true;
  for (const quota of quotas) if (!(await context.writeStatus(resourcequotas, quota))) return false;
  return true;
}

const conflictOf = (quotas: readonly ResourceQuota[]): Error =>
  modified({ group: '', resource: 'resourcequotas' }, quotas[0]?.metadata.name ?? '');
