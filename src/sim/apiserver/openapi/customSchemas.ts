import type { JsonObject } from '../../../api/meta.ts';
import { discoveredGroups } from '../customResources/discovered.ts';
import type { DiscoveredGroup } from '../discovery/discovery.ts';
import type { ServedResource } from '../registry/resources.ts';

/** What custom resources add to the documents. */
export interface CustomSchemas {
  readonly groups: readonly DiscoveredGroup[];
  /** By name: `com.example.v1.Garden`. */
  readonly schemas: Readonly<Record<string, JsonObject>>;
  /** Another one whenever a definition of `apis/group/version` changes; '' for all. */
  readonly inventory: (place: string) => string;
}

interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Models apiextensions-apiserver pkg/controller/openapi/builder. */
export function customSchemas(resources: readonly ServedResource[]): CustomSchemas {
  return {
    groups: discoveredGroups(resources),
    schemas: Object.fromEntries(
      resources.map((resource) => [customSchemaName(resource.gvk), schemaOf(resource)]),
    ),
    inventory: (place) =>
      resources
        .filter(({ group, version }) => place === '' || place === `apis/${group}/${version}`)
        .map(({ custom }) => custom?.id ?? '')
        .join(),
  };
}

export const customSchemaName = ({ group, version, kind }: Gvk): string =>
  [...group.split('.').reverse(), version, kind].join('.');

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

function schemaOf({ gvk, custom }: ServedResource): JsonObject {
  const schema = (custom?.schema ?? {}) as JsonObject;
  return {
    ...schema,
    properties: {
      apiVersion: {
        type: 'string',
        description:
          'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
      },
      kind: {
        type: 'string',
        description:
          'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
      },
      ...((schema['properties'] ?? {}) as JsonObject),
      metadata: {
        description:
          "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
        allOf: [{ $ref: `#/components/schemas/${META}` }],
      },
    },
    'x-kubernetes-group-version-kind': [{ ...gvk }],
  };
}
