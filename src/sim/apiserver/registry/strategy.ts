import type { FieldError } from '../../../api/field.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { Micros } from '../../../base/time.ts';
import type { Random } from '../../../base/random.ts';
import type { RequestAttributes } from '../attributes.ts';

/** What a strategy may know besides the object: no store, no other objects. */
export interface StrategyContext {
  readonly attributes: RequestAttributes;
  readonly now: Micros;
  readonly random: Random;
  /** For the few warnings that are given while an object is prepared. */
  readonly warn: (text: string) => void;
}

/**
 * The rules of one kind, in the order in which the generic registry asks them. All of it works on the external, versioned
 * form (apps/v1 …) and is pure. Models k8s.io/apiserver/pkg/registry/rest RESTCreateStrategy and RESTUpdateStrategy, with
 * the scheme's defaulting before it. A kind without a rule of its own leaves the member out.
 *
 * create: decode → default_ → admission (mutating) → prepareForCreate → validate → warnings → canonicalize → admission (validating)
 * update: decode → default_ → prepareForUpdate → validateUpdate → warnings → canonicalize
 * (in a real server the mutating pass of an update comes before prepareForUpdate, too)
 * Meta rules that all kinds share (names, generateName, labels, ownerReferences, managedFields, uid, resourceVersion,
 * creationTimestamp, immutability of name and uid) are the registry's, except the check of the name itself.
 */
export interface Strategy<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The group in whose name it is refused, where the internal kind is that of another group. */
  readonly errorGroup?: string;
  /** Whether spec changes count metadata.generation (storage.json: generationOnCreate). */
  readonly hasGeneration?: boolean;
  /** Whether a PUT to a name that does not exist creates it (leases, endpoints, …). */
  readonly allowCreateOnUpdate?: boolean;
  /** Whether a PUT without resourceVersion is taken; otherwise `metadata.resourceVersion: Invalid value: 0: must be specified for an update`. */
  readonly allowUnconditionalUpdate?: boolean;
  /** Fills in defaults, in place. Runs after decoding on every write, and on reads of what was stored without them. */
  default_?(object: T): void;
  /** The messages about a metadata.name, as content.IsDNS1123Subdomain gives them; DNS-1123 subdomain unless given. */
  validateName?(name: string, prefix: boolean, object: T): readonly string[];
  prepareForCreate?(object: T, context: StrategyContext): void;
  validate?(object: T, context: StrategyContext): readonly FieldError[];
  warningsOnCreate?(object: T, context: StrategyContext): readonly string[];
  prepareForUpdate?(object: T, old: T, context: StrategyContext): void;
  /**
   * Which rules of metadata the kind asks for. `kube`: those of kinds of kubernetes itself, unless given; `plain`: those of
   * apimachinery, which take finalizers of any name; `last`: plain ones after the kind's own found nothing; `own`: the
   * kind's own rules ask for them.
   */
  readonly meta?: 'kube' | 'plain' | 'last' | 'own';
  /** Which rules of metadata the kind's own rules of an update ask for, after the registry's: ['update'] unless given. */
  readonly metaOnUpdate?: readonly ('update' | 'create')[];
  /** On top of `validate`? No: all rules of an update, as upstream's ValidateUpdate. */
  validateUpdate?(object: T, old: T, context: StrategyContext): readonly FieldError[];
  warningsOnUpdate?(object: T, old: T, context: StrategyContext): readonly string[];
  canonicalize?(object: T): void;
  /** By subresource: `status`, and others that are updates of the same object. */
  readonly subresources?: Readonly<Record<string, SubresourceStrategy<T>>>;
  /** Labels and fields for fieldSelector beside metadata.name and metadata.namespace: `spec.nodeName` → value. */
  selectableFields?(object: T): Readonly<Record<string, string>>;
  /** Whether deletion is graceful and for how long (Pods); 0 or absent: at once. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number;
}

export interface SubresourceStrategy<T extends KubeObject> {
  /** Resets everything that the subresource does not write to its old value. Of `status`: what storage.json says, unless given. */
  prepareForUpdate?(object: T, old: T, context: StrategyContext): void;
  readonly metaOnUpdate?: readonly ('update' | 'create')[];
  validateUpdate?(object: T, old: T, context: StrategyContext): readonly FieldError[];
  warningsOnUpdate?(object: T, old: T, context: StrategyContext): readonly string[];
}
