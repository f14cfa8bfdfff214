import type { FilterPlugin } from '../framework.ts';

/** Nodes where the pod's volumes are, or can be. Models plugins/volumebinding. */
export const volumeBinding: FilterPlugin = {
  name: 'VolumeBinding',
  filter: (_, { node }, { volumes }) => volumes?.filter(node),
};
