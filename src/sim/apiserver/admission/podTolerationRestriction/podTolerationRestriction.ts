import { errorBody, FieldPath } from '../../../../api/field.ts';
import { equal, type JsonObject } from '../../../../api/meta.ts';
import { namespaces } from '../../../../api/resources.ts';
import { failure, notFound } from '../../../../api/status.ts';
import type { Pod, Toleration } from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { validateTolerations } from '../../registry/podSpec/scheduling.ts';
import { qosClassOf } from '../../registry/podSpec/qos.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';
import { AdmissionConfigurationError, expectKind } from '../configuration.ts';

const DEFAULTS = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const ALLOWED = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';

/** What holds where a namespace says nothing. */
interface ClusterTolerations {
  readonly default: readonly Toleration[];
  readonly whitelist: readonly Toleration[];
}

/**
 * Pods get the tolerations of their namespace, and may have no others than it allows; the server's configuration says it
 * for namespaces that do not. Throws an AdmissionConfigurationError. Models plugin/pkg/admission/podtolerationrestriction.
 */
export const podTolerationRestrictionPlugin = (configuration?: JsonObject): AdmissionPlugin => {
  const cluster = clusterTolerationsIn(configuration);
  return {
    name: 'PodTolerationRestriction',

    async admit(attributes, object, context) {
      if (!isPod(attributes, object) || attributes.operation === 'DELETE') return undefined;
      const spec = (object.spec ??= { containers: [] });
      const extra: Toleration[] = [];
      if (attributes.operation === 'CREATE')
        extra.push(...((await annotated(attributes, DEFAULTS, context)) ?? cluster.default));
      if (qosClassOf(spec) !== 'BestEffort')
        extra.push({
          key: 'node.kubernetes.io/memory-pressure',
          operator: 'Exists',
          effect: 'NoSchedule',
        });
      if (extra.length) spec.tolerations = merged([...(spec.tolerations ?? []), ...extra]);
      await check(attributes, object, context, cluster);
      return extra.length ? 'Has the tolerations of its namespace.' : undefined;
    },

    async validate(attributes, context) {
      const { object } = attributes;
      if (!isPod(attributes, object) || attributes.operation === 'DELETE') return undefined;
      await check(attributes, object, context, cluster);
      return 'Tolerates what its namespace allows.';
    },
  };
};

const API_VERSIONS = ['podtolerationrestriction.admission.k8s.io/v1alpha1'];

function clusterTolerationsIn(configuration: JsonObject | undefined): ClusterTolerations {
  if (!configuration) return { default: [], whitelist: [] };
  expectKind(configuration, API_VERSIONS, 'Configuration');
  const given = configuration as unknown as Partial<ClusterTolerations>;
  const cluster = { default: given.default ?? [], whitelist: given.whitelist ?? [] };
  const path = FieldPath.of('podtolerationrestriction');
  const errors = (['default', 'whitelist'] as const).flatMap((name) =>
    validateTolerations(cluster[name], path.child(name)),
  );
  if (errors.length)
    throw new AdmissionConfigurationError(
      `invalid config: [${errors.map((error) => `${error.field}: ${errorBody(error)}`).join(', ')}]`,
    );
  return cluster;
}

async function check(
  attributes: RequestAttributes,
  pod: Pod,
  context: AdmissionContext,
  cluster: ClusterTolerations,
): Promise<void> {
  const own = pod.spec?.tolerations ?? [];
  const stated = await annotated(attributes, ALLOWED, context);
  const allowed = stated ?? cluster.whitelist;
  if (!allowed.length || own.every((one) => allowed.some((other) => covers(other, one)))) return;
  throw failure(
    500,
    '',
    `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${stated ? 'namespace' : 'cluster'} whitelist`,
  );
}

async function annotated(
  { namespace }: RequestAttributes,
  annotation: string,
  context: AdmissionContext,
): Promise<readonly Toleration[] | undefined> {
  const found = await context.get(namespaces, '', namespace);
  if (!found) throw notFound(namespaces, namespace);
  const text = found.metadata.annotations?.[annotation];
  if (text === undefined || text === '') return text === undefined ? undefined : [];
  try {
    return JSON.parse(text) as Toleration[];
  } catch {
    throw failure(500, '', `invalid character in the annotation ${annotation} of the namespace`);
  }
}

/** Models tolerations.MergeTolerations: without those that others cover. */
function merged(all: readonly Toleration[]): Toleration[] {
  const kept: Toleration[] = [];
  for (const [at, one] of all.entries()) {
    const isCovered =
      kept.some((other) => covers(other, one)) ||
      all.slice(at + 1).some((other) => !equal(one, other) && covers(other, one));
    if (!isCovered) kept.push(one);
  }
  return kept;
}

/** Models tolerations.isSuperset. */
function covers(wide: Toleration, one: Toleration): boolean {
  if (equal(wide, one)) return true;
  const key = wide.key ?? '';
  if ((one.key ?? '') !== key && (key !== '' || wide.operator !== 'Exists')) return false;
  if ((one.effect ?? '') !== (wide.effect ?? '') && wide.effect) return false;
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (one.tolerationSeconds === undefined) return false;
    if (one.tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === 'Exists') return true;
  return one.operator === 'Equal' && (one.value ?? '') === (wide.value ?? '');
}
