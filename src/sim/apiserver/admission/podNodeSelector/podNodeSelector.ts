import { isObject, type JsonObject } from '../../../../api/meta.ts';
import { namespaces } from '../../../../api/resources.ts';
import { failure, forbidden, notFound } from '../../../../api/status.ts';
import type { Pod } from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';

const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';

type Labels = Readonly<Record<string, string>>;

/** By namespace: labels that its Pods may name; and the selector of those that say nothing. */
type ClusterSelectors = Readonly<Record<string, string>>;
const CLUSTER_DEFAULT = 'clusterDefaultNodeSelector';

/**
 * Pods of a namespace run on the nodes that its annotation names, or that the server's configuration does. Models
 * plugin/pkg/admission/podnodeselector.
 */
export const podNodeSelectorPlugin = (configuration?: JsonObject): AdmissionPlugin => {
  const selectors = selectorsIn(configuration);
  return {
    name: 'PodNodeSelector',

    async admit(attributes, object, context) {
      if (!isPod(attributes, object) || attributes.operation !== 'CREATE') return undefined;
      const wanted = await selectorOf(attributes, object, context, selectors);
      const spec = (object.spec ??= { containers: [] });
      if (Object.keys(wanted).length) spec.nodeSelector = { ...wanted, ...spec.nodeSelector };
      checkAllowed(attributes, object, selectors);
      if (!Object.keys(wanted).length) return undefined;
      return `Runs on the nodes of its namespace: ${textOf(wanted)}.`;
    },

    async validate(attributes, context) {
      const { object } = attributes;
      if (!isPod(attributes, object) || attributes.operation !== 'CREATE') return undefined;
      const wanted = await selectorOf(attributes, object, context, selectors);
      checkAllowed(attributes, object, selectors);
      return Object.keys(wanted).length ? 'Its nodes are those of its namespace.' : undefined;
    },
  };
};

function selectorsIn(configuration: JsonObject | undefined): ClusterSelectors {
  const given = configuration?.['podNodeSelectorPluginConfig'];
  if (!isObject(given)) return {};
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}

function checkAllowed(attributes: RequestAttributes, pod: Pod, selectors: ClusterSelectors): void {
  const allowed = parse(selectors[attributes.namespace] ?? '');
  if (!Object.keys(allowed).length) return;
  const own = Object.entries(pod.spec?.nodeSelector ?? {});
  if (own.every(([key, value]) => allowed[key] === value)) return;
  throw forbidden(
    attributes,
    pod.metadata.name ?? '',
    'pod node label selector labels conflict with its namespace whitelist',
  );
}

async function selectorOf(
  attributes: RequestAttributes,
  pod: Pod,
  context: AdmissionContext,
  selectors: ClusterSelectors,
): Promise<Labels> {
  const namespace = await context.get(namespaces, '', attributes.namespace);
  if (!namespace) throw notFound(namespaces, attributes.namespace);
  const text = namespace.metadata.annotations?.[ANNOTATION];
  const wanted = parse(text ?? selectors[CLUSTER_DEFAULT] ?? '');
  const own = pod.spec?.nodeSelector ?? {};
  const conflicts = Object.entries(wanted).some(
    ([key, value]) => own[key] !== undefined && own[key] !== value,
  );
  if (conflicts)
    throw forbidden(
      attributes,
      pod.metadata.name ?? '',
      'pod node label selector conflicts with its namespace node label selector',
    );
  return wanted;
}

/** Models labels.ConvertSelectorToLabelsMap. */
function parse(selector: string): Labels {
  const labels: Record<string, string> = {};
  if (!selector) return labels;
  for (const part of selector.split(',')) {
    const [key = '', value, more] = part.split('=');
    if (value === undefined || more !== undefined)
      throw failure(500, '', `invalid selector: [${part}]`);
    labels[key.trim()] = value.trim();
  }
  return labels;
}

const textOf = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
