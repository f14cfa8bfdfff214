import type { GroupVersionResource, JsonObject, KubeObject, ListMeta } from '../../../api/meta.ts';

export function toTable(
  _resource: GroupVersionResource,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  _options: { readonly now: number; readonly includeObject: 'Metadata' | 'Object' | 'None' },
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { ...metadata } as JsonObject,
    columnDefinitions: [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }],
    rows: objects.map((object) => ({ cells: [object.metadata.name ?? ''], object: object as unknown as JsonObject })),
  };
}
