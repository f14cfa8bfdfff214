import { errorBody, FieldPath, notSupported } from '../../../../api/field.ts';
import { failure } from '../../../../api/status.ts';
import type { Pod, PodSpec } from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { allContainers } from '../../registry/podSpec/visit.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';
import { refuse } from '../refuse.ts';

/** Has every image pulled anew, so that who runs a Pod needs the right to its images. Models plugin/pkg/admission/alwayspullimages. */
export const alwaysPullImages = {
  name: 'AlwaysPullImages',

  admit(attributes, object) {
    if (!isPod(attributes, object) || bringsNoImage(attributes, object)) return undefined;
    if (!object.spec) return undefined;
    for (const container of allContainers(object.spec)) container.imagePullPolicy = 'Always';
    for (const { image } of object.spec.volumes ?? []) if (image) image.pullPolicy = 'Always';
    return 'Every image is pulled anew.';
  },

  validate(attributes) {
    const { object } = attributes;
    if (!isPod(attributes, object) || bringsNoImage(attributes, object)) return undefined;
    const wrong = object.spec ? notAlways(object.spec) : [];
    if (wrong.length) {
      const texts = wrong.map(([path, policy]) => {
        const error = notSupported(path, policy, ['Always']);
        return refuse(attributes, `${error.field}: ${errorBody(error)}`).message;
      });
      throw failure(500, '', texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);
    }
    return 'Every image is pulled anew.';
  },
} satisfies AdmissionPlugin;

/** Updates that bring no new image are let alone. */
function bringsNoImage({ operation, oldObject }: RequestAttributes, { spec }: Pod): boolean {
  const before = (oldObject as Pod | undefined)?.spec;
  if (operation !== 'UPDATE' || !before || !spec) return operation === 'DELETE';
  const known = new Set(allContainers(before).map(({ image }) => image));
  return allContainers(spec).every(({ image }) => known.has(image));
}

function notAlways(spec: PodSpec): (readonly [FieldPath, string])[] {
  const at = FieldPath.of('spec');
  const found: (readonly [FieldPath, string])[] = [];
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const)
    for (const [index, { imagePullPolicy = '' }] of (spec[list] ?? []).entries())
      if (imagePullPolicy !== 'Always')
        found.push([at.child(list).index(index).child('imagePullPolicy'), imagePullPolicy]);
  for (const [index, { image }] of (spec.volumes ?? []).entries())
    if (image && image.pullPolicy !== 'Always') {
      const path = at.child('volumes').index(index).child('image', 'pullPolicy');
      found.push([path, image.pullPolicy ?? '']);
    }
  return found;
}
