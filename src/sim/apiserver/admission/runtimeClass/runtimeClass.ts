import { asGiven } from '../../../../api/emptied.ts';
import { equal } from '../../../../api/meta.ts';
import { runtimeclasses } from '../../../../api/resources.ts';
import { failure } from '../../../../api/status.ts';
import type { Pod, Toleration } from '../../../../api/types/coreV1.ts';
import type { RuntimeClass } from '../../../../api/types/nodeV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { isPathSegment } from '../../registry/shared/names.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';
import { refuse } from '../refuse.ts';

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** Overhead and placement of a Pod's RuntimeClass. Models kubernetes/plugin/pkg/admission/runtimeclass. */
export const runtimeClass = {
  name: 'RuntimeClass',

  async admit(attributes, object, context) {
    if (!isPod(attributes, object) || attributes.operation !== 'CREATE') return undefined;
    const found = await classOf(attributes, object, context);
    if (!found) return undefined;
    const spec = (object.spec ??= { containers: [] });
    const overhead = found.overhead?.podFixed;
    if (overhead) {
      if (spec.overhead && Object.keys(spec.overhead).length && !equal(spec.overhead, overhead))
        throw refuse(attributes, MISMATCH);
      spec.overhead = { ...overhead };
    }
    place(attributes, object, found);
    return `RuntimeClass ${found.metadata.name ?? ''} exists.`;
  },

  async validate(attributes, context) {
    const { object } = attributes;
    if (!isPod(attributes, object) || attributes.operation !== 'CREATE') return undefined;
    const found = await classOf(attributes, object, context);
    const wanted = found?.overhead?.podFixed;
    const overhead = asGiven(object.spec, 'overhead');
    if (wanted && !equal(overhead, wanted)) throw refuse(attributes, MISMATCH);
    if (!wanted && overhead)
      throw refuse(
        attributes,
        'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
      );
    return found && `RuntimeClass ${found.metadata.name ?? ''} fits.`;
  },
} satisfies AdmissionPlugin;

async function classOf(
  attributes: RequestAttributes,
  pod: Pod,
  context: AdmissionContext,
): Promise<RuntimeClass | undefined> {
  const name = pod.spec?.runtimeClassName;
  if (name === undefined) return undefined;
  // Upstream's lister asks its client for what it does not know, and that refuses such names.
  if (name === '') throw failure(500, '', 'resource name may not be empty');
  const problems = isPathSegment(name);
  if (problems.length)
    throw failure(500, '', `invalid resource name "${name}": [${problems.join(' ')}]`);
  const found = await context.get(runtimeclasses, '', name);
  if (!found) throw refuse(attributes, `pod rejected: RuntimeClass "${name}" not found`);
  return found;
}

function place(attributes: RequestAttributes, pod: Pod, { scheduling }: RuntimeClass): void {
  if (!scheduling || !pod.spec) return;
  const selector = { ...pod.spec.nodeSelector };
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const has = selector[key];
    if (has !== undefined && has !== value)
      throw refuse(
        attributes,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${has}`,
      );
    selector[key] = value;
  }
  if (Object.keys(selector).length) pod.spec.nodeSelector = selector;
  const tolerations: Toleration[] = [...(pod.spec.tolerations ?? [])];
  for (const one of scheduling.tolerations ?? [])
    if (!tolerations.some((other) => equal(one, other))) tolerations.push(one);
  if (tolerations.length) pod.spec.tolerations = tolerations;
}
