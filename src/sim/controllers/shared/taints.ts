import { clone, type JsonObject } from '../../../api/meta.ts';
import { nodes } from '../../../api/resources.ts';
import { isStatus } from '../../../api/status.ts';
import type { Node, Taint } from '../../../api/types/coreV1.ts';
import { formatTime, millisecond, type Clock } from '../../../base/time.ts';
import type { Random } from '../../../base/random.ts';
import type { Cause } from '../../../trace/event.ts';
import type { Client } from '../../client/client.ts';
import { asJson } from './objects.ts';

export interface TaintWriter {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
}

export const sameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

export const hasTaint = (node: Node, taint: Taint): boolean =>
  node.spec?.taints?.some((one) => sameTaint(one, taint)) ?? false;

/** Adds taints, then removes others, each as a change of its own. Models SwapNodeControllerTaint. */
export async function swapTaints(
  writer: TaintWriter,
  node: Node,
  add: readonly Taint[],
  remove: readonly Taint[],
  cause: Cause,
): Promise<void> {
  const { name = '' } = node.metadata;
  const timeAdded = formatTime(writer.clock.now());
  const dated = add.map((taint) => ({ ...taint, timeAdded }));
  if (dated.length)
    await changeTaints(writer, name, (taints) => dated.reduce(withTaint, taints), cause);
  await removeTaints(writer, node, remove, cause);
}

/** Models controller.RemoveTaintOffNode. */
export async function removeTaints(
  writer: TaintWriter,
  node: Node,
  remove: readonly Taint[],
  cause: Cause,
): Promise<void> {
  if (!remove.some((taint) => hasTaint(node, taint))) return;
  await changeTaints(
    writer,
    node.metadata.name ?? '',
    (taints) => taints.filter((one) => !remove.some((taint) => sameTaint(taint, one))),
    cause,
  );
}

/** The same key and effect again replaces the taint, unless it says the same already. */
function withTaint(taints: readonly Taint[], taint: Taint): readonly Taint[] {
  const old = taints.find((one) => sameTaint(one, taint));
  if (!old) return [...taints, taint];
  if ((old.value ?? '') === (taint.value ?? '')) return taints;
  return taints.map((one) => (one === old ? taint : one));
}

/** On the newest node, again when somebody else changed it meanwhile. */
async function changeTaints(
  { client, clock, random }: TaintWriter,
  name: string,
  change: (taints: readonly Taint[]) => readonly Taint[],
  cause: Cause,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const node = await client.get(nodes, '', name, cause);
    const old = node.spec?.taints ?? [];
    const taints = change(old);
    if (taints === old || taints.length === old.length) {
      if (taints.every((taint, index) => taint === old[index])) return;
    }
    const patch: JsonObject = {
      metadata: { resourceVersion: node.metadata.resourceVersion ?? '' },
      spec: { taints: taints.length ? clone(taints).map(asJson) : null },
    };
    try {
      await client.patch(nodes, '', name, 'strategic', patch, cause);
      return;
    } catch (error) {
      if (!isStatus(error, 'Conflict') || tries >= 5) throw error;
      await clock.sleep(Math.floor(100 * millisecond * (1 + random.float())));
    }
  }
}
