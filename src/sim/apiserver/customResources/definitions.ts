import type { GroupVersionKind, JsonObject, KubeObject } from '../../../api/meta.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../api/types/apiextensionsV1.ts';
import type { ScalePaths, ServedResource, ServedSubresource } from '../registry/resources.ts';
import type { Schema } from '../registry/apiextensions/structural.ts';
import { applyDefaults } from './defaulting.ts';
import { pruneUnknown } from './pruning.ts';
import { compareVersions } from './discovered.ts';
import { shapeOfCustom } from './shape.ts';
import { customStrategy } from './strategy.ts';

/** A version of a CustomResourceDefinition, as its strategy looks at it. */
export interface Definition {
  readonly gvk: GroupVersionKind;
  readonly schema: Schema;
  readonly isNamespaced: boolean;
  readonly hasStatus: boolean;
  readonly scale: ScalePaths | undefined;
  /** Paths of selectable fields: `spec.color`. */
  readonly fields: readonly string[];
}

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];
const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

export const isCondition = (definition: CustomResourceDefinition, wanted: string): boolean =>
  (definition.status?.conditions ?? []).some(
    ({ type, status }) => type === wanted && status === 'True',
  );

let made = 0;

/** What a definition makes the server serve; nothing until its names are accepted. */
export function servedResources(definition: CustomResourceDefinition): ServedResource[] {
  if (!isCondition(definition, 'Established')) return [];
  const { spec, status } = definition;
  const { group } = spec;
  const names = status?.acceptedNames ?? spec.names;
  const stored = spec.versions.find(({ storage }) => storage)?.name ?? '';
  const storedSchema = schemaOf(spec.versions.find(({ storage }) => storage));
  const isTerminating = isCondition(definition, 'Terminating');
  return spec.versions
    .filter(({ served }) => served)
    .map((version): ServedResource => {
      const gvk = { group, version: version.name, kind: names.kind };
      const schema = schemaOf(version);
      const { status: hasStatus, scale } = version.subresources ?? {};
      const paths = scale as ScalePaths | undefined;
      return {
        group,
        version: version.name,
        resource: names.plural,
        singular: names.singular ?? '',
        gvk,
        namespaced: spec.scope === 'Namespaced',
        verbs: new Set(VERBS),
        shortNames: names.shortNames ?? [],
        subresources: subresourcesOf(gvk, hasStatus !== undefined, paths !== undefined),
        storage: {
          prefix: `/registry/${group}/${names.plural}/`,
          gvk: { ...gvk, version: stored },
          generation: true,
          statusReset: hasStatus !== undefined,
          statusKeptOnUpdate: hasStatus !== undefined,
          statusTakes: new Set(),
        },
        custom: {
          id: `${definition.metadata.name ?? ''}#${++made}`,
          definition: definition.metadata.name ?? '',
          listKind: names.listKind ?? `${names.kind}List`,
          categories: names.categories ?? [],
          columns: columnsOf(version),
          deprecation: deprecationOf(version, spec),
          isTerminating,
          schema,
          fromStorage: (object) => {
            pruneUnknown(json(object), storedSchema);
            applyDefaults(json(object), storedSchema);
          },
          prune: (object) => {
            pruneUnknown(json(object), schema);
          },
          toStorage: (object) => {
            pruneUnknown(json(object), storedSchema);
          },
          scale: paths,
          shape: shapeOfCustom(schema),
          besidesStatus: [
            ...new Set(['apiVersion', 'kind', 'metadata', ...Object.keys(schema.properties ?? {})]),
          ].filter((key) => key !== 'status'),
          versions: spec.versions.map(({ name }) => name),
          strategy: customStrategy({
            gvk,
            schema,
            isNamespaced: spec.scope === 'Namespaced',
            hasStatus: hasStatus !== undefined,
            scale: paths,
            fields: (version.selectableFields ?? []).map(({ jsonPath }) =>
              jsonPath.replace(/^\./, ''),
            ),
          }),
        },
      };
    });
}

const schemaOf = (version: CustomResourceDefinitionVersion | undefined): Schema =>
  version?.schema?.openAPIV3Schema ?? {};

const json = (object: KubeObject): JsonObject => object as unknown as JsonObject;

function subresourcesOf(
  gvk: GroupVersionKind,
  hasStatus: boolean,
  hasScale: boolean,
): Map<string, ServedSubresource> {
  const verbs = new Set(SUBRESOURCE_VERBS);
  return new Map([
    ...(hasStatus ? [['status', { name: 'status', gvk, verbs }] as const] : []),
    ...(hasScale ? [['scale', { name: 'scale', gvk: SCALE, verbs }] as const] : []),
  ]);
}

/** Models tableconvertor.New: the age, unless the definition says otherwise. */
function columnsOf(
  version: CustomResourceDefinitionVersion,
): readonly CustomResourceColumnDefinition[] {
  const own = version.additionalPrinterColumns ?? [];
  return own.length
    ? own
    : [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }];
}

function deprecationOf(
  version: CustomResourceDefinitionVersion,
  { group, names, versions }: CustomResourceDefinitionSpec,
): string | undefined {
  if (!version.deprecated) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const better = versions
    .filter(({ served, deprecated }) => served && !deprecated)
    .map(({ name }) => name)
    .filter((name) => compareVersions(version.name, name) < 0)
    .sort((a, b) => compareVersions(b, a))[0];
  const text = `${group}/${version.name} ${names.kind} is deprecated`;
  return better === undefined ? text : `${text}; use ${group}/${better} ${names.kind}`;
}
