import { priorityclasses } from '../../../../api/resources.ts';
import type { PriorityClass } from '../../../../api/types/schedulingV1.ts';
import type { Pod } from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';
import { refuse } from '../refuse.ts';

/** Turns a Pod's PriorityClass into a number. Models kubernetes/plugin/pkg/admission/priority. */
export const priority = {
  name: 'Priority',

  async admit(attributes, object, context) {
    if (!isPod(attributes, object)) return undefined;
    const spec = (object.spec ??= { containers: [] });
    if (attributes.operation === 'UPDATE') {
      const old = (attributes.oldObject as Pod).spec;
      if (spec.priority === undefined && old?.priority !== undefined) spec.priority = old.priority;
      if (spec.preemptionPolicy === undefined && old?.preemptionPolicy !== undefined)
        spec.preemptionPolicy = old.preemptionPolicy;
      return 'The priority stays.';
    }
    if (attributes.operation !== 'CREATE') return undefined;
    const found = await establish(attributes, spec.priorityClassName, context);
    if (found.name) spec.priorityClassName = found.name;
    if (spec.priority !== undefined && spec.priority !== found.value)
      throw refuse(
        attributes,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${found.value} from the given PriorityClass name`,
      );
    spec.priority = found.value;
    if (found.policy !== undefined) {
      if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== found.policy)
        throw refuse(
          attributes,
          `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${found.policy} from the given PriorityClass name`,
        );
      spec.preemptionPolicy = found.policy;
    }
    context.fact('priority', String(found.value));
    return found.name
      ? `PriorityClass ${found.name} gives priority ${found.value}.`
      : 'No PriorityClass: priority 0.';
  },

  async validate(attributes, context) {
    const { group, resource, subresource, operation, object } = attributes;
    if (group !== 'scheduling.k8s.io' || resource !== 'priorityclasses' || subresource)
      return undefined;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return undefined;
    const wanted = object as PriorityClass;
    if (!wanted.globalDefault) return 'Not the default class.';
    const current = await defaultClass(context);
    const name = current?.metadata.name ?? '';
    if (current && (operation === 'CREATE' || name !== wanted.metadata.name))
      throw refuse(
        attributes,
        `PriorityClass ${name} is already marked as default. Only one default can exist`,
      );
    return 'The only default class.';
  },
} satisfies AdmissionPlugin;

interface Established {
  readonly name: string;
  readonly value: number;
  readonly policy: PriorityClass['preemptionPolicy'];
}

async function establish(
  attributes: RequestAttributes,
  name: string | undefined,
  context: AdmissionContext,
): Promise<Established> {
  if (name) {
    const found = await context.get(priorityclasses, '', name);
    if (!found) throw refuse(attributes, `no PriorityClass with name ${name} was found`);
    return { name, value: found.value ?? 0, policy: found.preemptionPolicy };
  }
  const found = await defaultClass(context);
  return found
    ? { name: found.metadata.name ?? '', value: found.value ?? 0, policy: found.preemptionPolicy }
    : { name: '', value: 0, policy: 'PreemptLowerPriority' };
}

/** The default class of the lowest value, should there be several. */
async function defaultClass(context: AdmissionContext): Promise<PriorityClass | undefined> {
  const classes = await context.list(priorityclasses, '');
  return classes
    .filter(({ globalDefault }) => globalDefault)
    .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}
