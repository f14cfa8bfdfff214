import { FieldPath, type FieldError } from '../../../api/field.ts';
import { goTypeOfKind } from '../../../api/schema/goTypes.ts';
import { decodeTyped } from '../decode/typed.ts';
import { equal, groupVersion, type GroupVersionKind, type KubeObject } from '../../../api/meta.ts';
import type { Op } from '../../etcd/kv.ts';
import type { Exchange } from '../exchange.ts';
import { specChanged } from './metadata.ts';
import type { ServedResource } from './resources.ts';
import { adminAccessErrors } from './resource/adminAccess.ts';
import { nameRules } from './shared/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './shared/objectMeta.ts';
import { selectableFieldsOf, unknownField } from './selectableFields.ts';
import { allocateService, allocationOps } from './serviceAllocation.ts';
import { strategyOf } from './strategies.ts';
import type { Strategy, StrategyContext, SubresourceStrategy } from './strategy.ts';
import { traitsOf, type Traits } from './traits.ts';

/**
 * A kind's rules as the pipeline asks them: its strategy, with what all kinds share around it and the recorded behaviour
 * of the resource (storage.json) where the strategy is silent.
 */
export class Rules {
  readonly resource: ServedResource;
  readonly strategy: Strategy;
  readonly traits: Traits;
  readonly gvk: GroupVersionKind;
  readonly allowCreateOnUpdate: boolean;
  readonly allowUnconditionalUpdate: boolean;
  /** Takes addresses and ports from the cluster's ranges, in place. */
  readonly allocate?: (
    exchange: Exchange,
    object: KubeObject,
    old: KubeObject | undefined,
  ) => Promise<void>;
  /** What is written in the same transaction as the object. */
  readonly sideEffects?: (
    exchange: Exchange,
    object: KubeObject,
    old: KubeObject | undefined,
  ) => Promise<readonly Op[]>;

  /** What stands in the way of a new object beside its own rules. */
  readonly forbids?: (exchange: Exchange, object: KubeObject) => Promise<readonly FieldError[]>;

  /** What is freed in the same transaction as a deletion. */
  readonly releases?: (exchange: Exchange, old: KubeObject) => Promise<readonly Op[]>;

  constructor(resource: ServedResource) {
    this.resource = resource;
    this.gvk = resource.gvk;
    this.strategy =
      resource.custom?.strategy ??
      strategyOf(resource.gvk.group, resource.gvk.version, resource.gvk.kind);
    this.traits = traitsOf(resource.group, resource.resource);
    this.allowCreateOnUpdate = this.strategy.allowCreateOnUpdate ?? this.traits.allowCreateOnUpdate;
    this.allowUnconditionalUpdate =
      this.strategy.allowUnconditionalUpdate ?? this.traits.allowUnconditionalUpdate;
    if (resource.group === '' && resource.resource === 'services') {
      this.allocate = allocateService;
      this.sideEffects = allocationOps;
      this.releases = (exchange, old) => allocationOps(exchange, undefined, old);
    }
    if (resource.group === 'resource.k8s.io' && resource.resource.startsWith('resourceclaim'))
      this.forbids = adminAccessErrors;
  }

  /** The kind in whose name objects are refused. */
  get errorKind(): { group: string; kind: string } {
    return { group: this.strategy.errorGroup ?? this.gvk.group, kind: this.gvk.kind };
  }

  default_(object: KubeObject): void {
    this.strategy.default_?.(object);
  }

  prepareForCreate(object: KubeObject, context: StrategyContext): void {
    const { storage } = this.resource;
    if (!this.strategy.prepareForCreate && storage?.statusReset) resetStatus(object, this.gvk);
    if (this.#counts) object.metadata.generation = 1;
    this.strategy.prepareForCreate?.(object, context);
  }

  validate(object: KubeObject, context: StrategyContext): readonly FieldError[] {
    const own = (): readonly FieldError[] => this.strategy.validate?.(object, context) ?? [];
    if (this.strategy.meta === 'own') return own();
    if (this.strategy.meta !== 'last') return [...this.#validateMeta(object), ...own()];
    const errors = own();
    return errors.length ? errors : this.#validateMeta(object);
  }

  /** What updates of all kinds are asked for. Models k8s.io/apiserver/pkg/registry/rest validateCommonFields. */
  #validateCommon({ metadata }: KubeObject): FieldError[] {
    const { namespaced } = this.resource;
    const { pathSegment } = nameRules;
    return validateObjectMeta(metadata, namespaced, pathSegment, FieldPath.of('metadata'), false);
  }

  #validateMeta(object: KubeObject): FieldError[] {
    const rule = (name: string, prefix: boolean): readonly string[] =>
      this.strategy.validateName?.(name, prefix, object) ?? dns1123SubdomainErrors(name, prefix);
    const { namespaced } = this.resource;
    return validateObjectMeta(
      object.metadata,
      namespaced,
      rule,
      FieldPath.of('metadata'),
      this.#isKube,
    );
  }

  warningsOnCreate(object: KubeObject, context: StrategyContext): readonly string[] {
    return this.strategy.warningsOnCreate?.(object, context) ?? [];
  }

  canonicalize(object: KubeObject): void {
    this.strategy.canonicalize?.(object);
  }

  prepareForUpdate(
    object: KubeObject,
    old: KubeObject,
    subresource: string,
    context: StrategyContext,
  ): void {
    if (subresource) {
      this.#subresource(subresource).prepareForUpdate?.(object, old, context);
      return;
    }
    const { storage } = this.resource;
    if (!this.strategy.prepareForUpdate && storage?.statusKeptOnUpdate) keepStatus(object, old);
    this.strategy.prepareForUpdate?.(object, old, context);
    const { generation } = old.metadata;
    const counted = object.metadata.generation !== generation;
    if (this.#counts && !counted && specChanged(object, old))
      object.metadata.generation = (generation ?? 0) + 1;
  }

  validateUpdate(
    object: KubeObject,
    old: KubeObject,
    subresource: string,
    context: StrategyContext,
  ): readonly FieldError[] {
    const validateMeta = (isKube: boolean): FieldError[] =>
      validateObjectMetaUpdate(object.metadata, old.metadata, FieldPath.of('metadata'), isKube);
    const rules = subresource ? this.#subresource(subresource) : this.strategy;
    const own = rules.validateUpdate?.(object, old, context);
    // Upstream asks for the same rules of metadata again and again, before the kind's rules and in them: the causes show it.
    const again = (rules.metaOnUpdate ?? ['update']).flatMap((which) =>
      which === 'update' ? validateMeta(this.#isKube) : this.#validateMeta(object),
    );
    return [...this.#validateCommon(object), ...validateMeta(false), ...again, ...(own ?? [])];
  }

  warningsOnUpdate(
    object: KubeObject,
    old: KubeObject,
    subresource: string,
    context: StrategyContext,
  ): readonly string[] {
    const own = subresource
      ? this.#subresource(subresource).warningsOnUpdate?.(object, old, context)
      : this.strategy.warningsOnUpdate?.(object, old, context);
    return own ?? [];
  }

  /** What a fieldSelector may name, with the object's values. */
  selectableFields(object: KubeObject): Readonly<Record<string, string>> {
    const { name = '', namespace = '' } = object.metadata;
    return {
      'metadata.name': name,
      'metadata.namespace': namespace,
      ...selectableFieldsOf(this.#kind, object),
      ...this.strategy.selectableFields?.(object),
    };
  }

  /** Why a fieldSelector may not name a field. */
  unknownField(field: string): string {
    const { custom } = this.resource;
    return custom ? `field label not supported: ${field}` : unknownField(this.#kind, field);
  }

  get #kind(): string {
    return `${groupVersion(this.gvk)} ${this.gvk.kind}`;
  }

  get #isKube(): boolean {
    return (this.strategy.meta ?? 'kube') === 'kube';
  }

  get #counts(): boolean {
    return this.strategy.hasGeneration ?? this.resource.storage?.generation ?? false;
  }

  #subresource(name: string): SubresourceStrategy<KubeObject> {
    const own = this.strategy.subresources?.[name];
    if (own?.prepareForUpdate) return own;
    return { ...(name === 'status' ? statusOf(this.resource) : wholeObject), ...own };
  }
}

const cache = new WeakMap<ServedResource, Rules>();

export function rulesOf(resource: ServedResource): Rules {
  let rules = cache.get(resource);
  if (!rules) cache.set(resource, (rules = new Rules(resource)));
  return rules;
}

/** Models apimachinery/pkg/api/validation NameIsDNSSubdomain, the rule where a strategy has none. */
function dns1123SubdomainErrors(name: string, prefix: boolean): string[] {
  const value = prefix && name.endsWith('-') ? `${name.slice(0, -1)}a` : name;
  const errors: string[] = [];
  if (value.length > 253) errors.push('must be no more than 253 characters');
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value))
    errors.push(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    );
  return errors;
}

type WithStatus = KubeObject & { status?: unknown };

/** The status is as empty as Go encodes it: `{"loadBalancer": {}}`. */
function resetStatus(object: WithStatus, gvk: GroupVersionKind): void {
  const type = goTypeOfKind(gvk);
  const empty = type ? decodeTyped({}, type).value : {};
  const { status } = empty as { status?: unknown };
  if (status === undefined) delete object.status;
  else object.status = status;
}

function keepStatus(object: WithStatus, old: WithStatus): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

/** The status subresource of a kind whose strategy has none: takes the status, and the metadata that was seen to be taken. */
function statusOf(resource: ServedResource): SubresourceStrategy<KubeObject> {
  const takes = resource.storage?.statusTakes ?? new Set<string>();
  return {
    prepareForUpdate(object, old) {
      const { status } = object as WithStatus;
      const { metadata } = object;
      for (const key of Object.keys(object))
        delete (object as unknown as Record<string, unknown>)[key];
      Object.assign(object, old, { metadata: { ...metadata } });
      if (status === undefined) delete (object as WithStatus).status;
      else (object as WithStatus).status = status;
      for (const key of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
        if (takes.has(key) || equal(object.metadata[key], old.metadata[key])) continue;
        if (old.metadata[key] === undefined) delete object.metadata[key];
        else Object.assign(object.metadata, { [key]: old.metadata[key] });
      }
    },
  };
}

/** A subresource that writes the object itself (finalize, approval). */
const wholeObject: SubresourceStrategy<KubeObject> = {
  prepareForUpdate: () => undefined,
};
