import discoveryFacts from '../../../api/facts/v1.36/discovery.json' with { type: 'json' };
import storageFacts from '../../../api/facts/v1.36/storage.json' with { type: 'json' };
import { parseGroupVersion, type GroupVersionKind, type KubeObject } from '../../../api/meta.ts';
import type { Shape } from '../../../api/schema/shape.ts';
import type {
  CustomResourceColumnDefinition,
  JSONSchemaProps,
} from '../../../api/types/apiextensionsV1.ts';
import type { Strategy } from './strategy.ts';

/** A subresource as it is served: its kind is the kind of its bodies. */
export interface ServedSubresource {
  readonly name: string;
  readonly gvk: GroupVersionKind;
  readonly verbs: ReadonlySet<string>;
}

/** A resource as it is served at one group and version. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  /** Plural: `deployments`. */
  readonly resource: string;
  readonly singular: string;
  readonly gvk: GroupVersionKind;
  readonly namespaced: boolean;
  readonly verbs: ReadonlySet<string>;
  readonly shortNames: readonly string[];
  readonly subresources: ReadonlyMap<string, ServedSubresource>;
  /** Absent for what is answered without being stored (reviews, componentstatuses). */
  readonly storage?: StorageInfo;
  /** For custom resources. */
  readonly custom?: CustomInfo;
}

/** What a CustomResourceDefinition says of a resource. Made by customResources/. */
export interface CustomInfo {
  /** Another one whenever the definition changes. */
  readonly id: string;
  /** The name of the CustomResourceDefinition. */
  readonly definition: string;
  readonly listKind: string;
  readonly categories: readonly string[];
  readonly columns: readonly CustomResourceColumnDefinition[];
  /** What every answer warns of. */
  readonly deprecation: string | undefined;
  /** The definition is being deleted: nothing is created any more. */
  readonly isTerminating: boolean;
  readonly schema: JSONSchemaProps;
  readonly strategy: Strategy;
  /** Brings an object as it stands in etcd, in the storage version, into the form of that version's schema, in place. */
  readonly fromStorage: (object: KubeObject) => void;
  /** Takes away what the schema of this version does not know, in place; `toStorage`: of the storage version. */
  readonly prune: (object: KubeObject) => void;
  readonly toStorage: (object: KubeObject) => void;
  /** How its values merge. */
  readonly shape: Shape;
  /** What an update of the status leaves as it was. */
  readonly besidesStatus: readonly string[];
  /** Names of all versions. */
  readonly versions: readonly string[];
  readonly scale: ScalePaths | undefined;
}

/** Where the replicas of a custom resource stand: `.spec.replicas`. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface StorageInfo {
  /** `/registry/deployments/`: what all keys of the resource begin with. */
  readonly prefix: string;
  /** The version in which it is stored. */
  readonly gvk: GroupVersionKind;
  /** Whether metadata.generation starts at 1 on creation. */
  readonly generation: boolean;
  /** Whether the status of a creation is dropped, and whether a plain update leaves it alone. */
  readonly statusReset: boolean;
  readonly statusKeptOnUpdate: boolean;
  /** Metadata that an update of the status subresource takes: labels, annotations, finalizers. */
  readonly statusTakes: ReadonlySet<string>;
}

interface KindFact {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}
interface ResourceFact {
  readonly plural: string;
  readonly singular: string;
  readonly kind: KindFact;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly subresources?: readonly {
    readonly name: string;
    readonly kind: KindFact;
    readonly verbs: readonly string[];
  }[];
}
interface DiscoveryFact {
  readonly groups: readonly {
    readonly group: string;
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly ResourceFact[];
    }[];
  }[];
}
interface StorageFact {
  readonly key?: string;
  readonly storedAs?: string;
  readonly generationOnCreate?: number | null;
  readonly statusOnCreate?: string;
  readonly statusOnUpdate?: string;
  readonly statusSubresourceTakes?: readonly string[];
}

/** Kinds whose stored version we hold in the served one: a person reading the key sees the current form. */
const STORED_AS_SERVED = new Set(['customresourcedefinitions']);

/** The resources of the cluster, by group, version and plural name. CRDs add to it at run time. */
export class ResourceRegistry {
  readonly #resources = new Map<string, ServedResource>();

  constructor(resources: Iterable<ServedResource> = builtInResources()) {
    for (const resource of resources) this.add(resource);
  }

  get(group: string, version: string, resource: string): ServedResource | undefined {
    return this.#resources.get(`${group}/${version}/${resource}`);
  }

  all(): Iterable<ServedResource> {
    return this.#resources.values();
  }

  /** Whether there is a group version of that name, beside those of custom resources. */
  hasGroupVersion(group: string, version: string): boolean {
    const prefix = `${group}/${version}/`;
    for (const [key, { custom }] of this.#resources)
      if (!custom && key.startsWith(prefix)) return true;
    return false;
  }

  /** The resources that CustomResourceDefinitions add, instead of those that they added before. */
  setCustom(resources: readonly ServedResource[]): void {
    for (const [key, { custom }] of this.#resources) if (custom) this.#resources.delete(key);
    for (const resource of resources)
      if (!this.get(resource.group, resource.version, resource.resource)) this.add(resource);
  }

  /** Those that CustomResourceDefinitions added. */
  custom(): ServedResource[] {
    return [...this.#resources.values()].filter(({ custom }) => custom);
  }

  add(resource: ServedResource): void {
    this.#resources.set(`${resource.group}/${resource.version}/${resource.resource}`, resource);
  }
}

let builtIn: readonly ServedResource[] | undefined;

export function builtInResources(): readonly ServedResource[] {
  builtIn ??= readFacts();
  return builtIn;
}

function readFacts(): ServedResource[] {
  const resources: ServedResource[] = [];
  for (const { group, versions } of (discoveryFacts as DiscoveryFact).groups)
    for (const { version, resources: facts } of versions)
      for (const fact of facts) resources.push(servedResource(group, version, fact));
  return resources;
}

function servedResource(group: string, version: string, fact: ResourceFact): ServedResource {
  const kindOf = (kind: KindFact): GroupVersionKind => ({
    group: kind.version ? kind.group : group,
    version: kind.version || version,
    kind: kind.kind,
  });
  const name = group ? `${fact.plural}.${version}.${group}` : `${fact.plural}.${version}`;
  const stored = (storageFacts as Record<string, StorageFact>)[name];
  return {
    group,
    version,
    resource: fact.plural,
    singular: fact.singular,
    gvk: kindOf(fact.kind),
    namespaced: fact.namespaced,
    verbs: new Set(fact.verbs),
    shortNames: fact.shortNames ?? [],
    subresources: new Map(
      (fact.subresources ?? []).map((sub) => [
        sub.name,
        { name: sub.name, gvk: kindOf(sub.kind), verbs: new Set(sub.verbs) },
      ]),
    ),
    ...(stored?.key && { storage: storageInfo(stored, fact.plural, kindOf(fact.kind)) }),
  };
}

function storageInfo(fact: StorageFact, plural: string, served: GroupVersionKind): StorageInfo {
  const [apiVersion = '', kind = ''] = (fact.storedAs ?? '').split(' ');
  return {
    prefix: (fact.key ?? '').replace(/(<namespace>\/)?<name>$/, ''),
    gvk: STORED_AS_SERVED.has(plural) ? served : { ...parseGroupVersion(apiVersion), kind },
    generation: fact.generationOnCreate === 1,
    statusReset: fact.statusOnCreate !== undefined && fact.statusOnCreate !== 'kept',
    statusKeptOnUpdate: fact.statusOnUpdate === 'unchanged',
    statusTakes: new Set(fact.statusSubresourceTakes ?? []),
  };
}

/** The key of an object, as text: `/registry/deployments/default/web`. */
export const keyText = (storage: StorageInfo, namespace: string, name: string): string =>
  namespace ? `${storage.prefix}${namespace}/${name}` : storage.prefix + name;
