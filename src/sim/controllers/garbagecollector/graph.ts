import { equal, type KubeObject, type OwnerReference } from '../../../api/meta.ts';
import type { EventId } from '../../../trace/event.ts';

export const ORPHAN = 'orphan';
export const FOREGROUND = 'foregroundDeletion';

export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** An object in the graph of owners and dependents. */
export interface GraphNode {
  identity: Identity;
  readonly dependents: Set<GraphNode>;
  owners: readonly OwnerReference[];
  /** In foreground deletion: waits for its dependents. */
  deletingDependents: boolean;
  beingDeleted: boolean;
  /** Known from a reference only, not seen itself. */
  virtual: boolean;
}

export interface GraphQueues {
  attemptToDelete(node: GraphNode, cause: EventId): void;
  retryDelete(node: GraphNode, cause: EventId): void;
  attemptToOrphan(node: GraphNode, cause: EventId): void;
  invalidNamespace(node: GraphNode, owner: OwnerReference, cause: EventId): void;
}

/** Who owns whom, kept up to date by informers. Models pkg/controller/garbagecollector GraphBuilder. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #absent = new Set<string>();
  readonly #queues: GraphQueues;

  constructor(queues: GraphQueues) {
    this.#queues = queues;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Whether the owner is known not to exist, for a dependent in that namespace. */
  isAbsent(reference: OwnerReference, namespace: string): boolean {
    return (
      this.#absent.has(absentKey(reference, '')) ||
      this.#absent.has(absentKey(reference, namespace))
    );
  }

  addAbsent(reference: OwnerReference | Identity, namespace: string): void {
    this.#absent.add(absentKey(reference, namespace));
    // Enough for what is asked again soon; the oldest go.
    if (this.#absent.size <= 500) return;
    const [oldest] = this.#absent;
    if (oldest !== undefined) this.#absent.delete(oldest);
  }

  /** An object was added or updated. */
  put(old: KubeObject | undefined, object: KubeObject, cause: EventId): void {
    const uid = object.metadata.uid ?? '';
    const owners = object.metadata.ownerReferences ?? [];
    let node = this.#nodes.get(uid);
    if (node?.virtual) node = this.#observe(node, identityOf(object), cause);
    if (!node) {
      node = {
        identity: identityOf(object),
        dependents: new Set(),
        owners,
        deletingDependents: isDeleting(object) && hasFinalizer(object, FOREGROUND),
        beingDeleted: isDeleting(object),
        virtual: false,
      };
      this.#nodes.set(uid, node);
      this.#addToOwners(node, owners, cause);
    } else {
      this.#updateOwners(node, owners, cause);
      if (isDeleting(object)) node.beingDeleted = true;
    }
    this.#transitions(old, object, node, cause);
  }

  /** An object was deleted. */
  remove(object: KubeObject, cause: EventId): void {
    const node = this.#nodes.get(object.metadata.uid ?? '');
    if (!node) return;
    node.virtual = false;
    this.#removeNode(node, identityOf(object), cause);
  }

  /** An object turned out not to be there, without a delivery that says so. */
  removeVirtual(identity: Identity, cause: EventId): void {
    const node = this.#nodes.get(identity.uid);
    if (!node) return;
    const [matching, other] = partition(node, identity);
    const retryAll = (): void => {
      if (matching.length === 0) return;
      this.addAbsent(identity, identity.namespace);
      for (const dependent of matching) this.#queues.attemptToDelete(dependent, cause);
    };
    if (node.virtual && other.length > 0) {
      retryAll();
      if (!sameIdentity(node.identity, identity)) return;
      const alternate = alternateIdentity(other, identity);
      if (!alternate) return;
      node.identity = alternate;
      this.#queues.retryDelete(node, cause);
      return;
    }
    if (!node.virtual && !sameIdentity(node.identity, identity)) {
      retryAll();
      return;
    }
    this.#removeNode(node, identity, cause);
  }

  #removeNode(node: GraphNode, identity: Identity, cause: EventId): void {
    this.#nodes.delete(node.identity.uid);
    for (const { uid } of node.owners) this.#nodes.get(uid)?.dependents.delete(node);
    if (node.dependents.size > 0) this.addAbsent(identity, identity.namespace);
    for (const dependent of node.dependents) this.#queues.attemptToDelete(dependent, cause);
    for (const { uid } of node.owners) {
      const owner = this.#nodes.get(uid);
      if (owner?.deletingDependents) this.#queues.attemptToDelete(owner, cause);
    }
  }

  /** What was known by a reference only is seen: it may be something else than the reference said. */
  #observe(node: GraphNode, identity: Identity, cause: EventId): GraphNode {
    if (!sameIdentity(node.identity, identity)) {
      const [, wrong] = partition(node, identity);
      for (const dependent of wrong) {
        if (identity.namespace && dependent.identity.namespace !== identity.namespace)
          this.#reportNamespace(dependent, identity.uid, cause);
        this.#queues.attemptToDelete(dependent, cause);
      }
      node.identity = identity;
    }
    node.virtual = false;
    return node;
  }

  #addToOwners(node: GraphNode, owners: readonly OwnerReference[], cause: EventId): void {
    let mayBeInvalid = false;
    for (const reference of owners) {
      const known = this.#nodes.get(reference.uid);
      const owner = known ?? virtualNode(reference, node.identity.namespace);
      this.#nodes.set(reference.uid, owner);
      owner.dependents.add(node);
      if (!known) {
        this.#queues.attemptToDelete(owner, cause);
        continue;
      }
      const { namespace } = owner.identity;
      if (namespace && namespace !== node.identity.namespace) {
        if (!owner.virtual) this.#reportNamespace(node, reference.uid, cause);
        mayBeInvalid = true;
      } else if (!matches(reference, owner.identity)) mayBeInvalid = true;
      else if (!namespace && node.identity.namespace && owner.virtual) mayBeInvalid = true;
    }
    if (mayBeInvalid) this.#queues.attemptToDelete(node, cause);
  }

  #updateOwners(node: GraphNode, owners: readonly OwnerReference[], cause: EventId): void {
    if (equal(node.owners, owners)) return;
    const before = new Map(node.owners.map((reference) => [reference.uid, reference]));
    const added = owners.filter(({ uid }) => !before.has(uid));
    const now = new Map(owners.map((reference) => [reference.uid, reference]));
    const removed = node.owners.filter(({ uid }) => !now.has(uid));
    for (const old of node.owners) {
      const unblocked = old.blockOwnerDeletion && !now.get(old.uid)?.blockOwnerDeletion;
      const owner = unblocked ? this.#nodes.get(old.uid) : undefined;
      if (owner) this.#queues.attemptToDelete(owner, cause);
    }
    node.owners = owners;
    this.#addToOwners(node, added, cause);
    for (const { uid } of removed) this.#nodes.get(uid)?.dependents.delete(node);
  }

  #transitions(
    old: KubeObject | undefined,
    object: KubeObject,
    node: GraphNode,
    cause: EventId,
  ): void {
    const starts = (finalizer: string): boolean =>
      isDeleting(object) &&
      hasFinalizer(object, finalizer) &&
      !(old && isDeleting(old) && hasFinalizer(old, finalizer));
    if (starts(ORPHAN)) {
      this.#queues.attemptToOrphan(node, cause);
      return;
    }
    if (!starts(FOREGROUND)) return;
    node.deletingDependents = true;
    for (const dependent of node.dependents) this.#queues.attemptToDelete(dependent, cause);
    this.#queues.attemptToDelete(node, cause);
  }

  #reportNamespace(node: GraphNode, ownerUid: string, cause: EventId): void {
    const reference = node.owners.find(({ uid }) => uid === ownerUid);
    if (reference) this.#queues.invalidNamespace(node, reference, cause);
  }
}

export const identityOf = ({ apiVersion, kind, metadata }: KubeObject): Identity => ({
  apiVersion,
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
});

/** Dependents that wait for nothing but hold their owner back. */
export const blockingDependents = (node: GraphNode): GraphNode[] =>
  [...node.dependents].filter((dependent) =>
    dependent.owners.some(
      ({ uid, blockOwnerDeletion }) => uid === node.identity.uid && blockOwnerDeletion,
    ),
  );

export const hasFinalizer = (object: KubeObject, finalizer: string): boolean =>
  object.metadata.finalizers?.includes(finalizer) ?? false;

const isDeleting = (object: KubeObject): boolean => !!object.metadata.deletionTimestamp;

const absentKey = (reference: OwnerReference | Identity, namespace: string): string =>
  [reference.apiVersion, reference.kind, namespace, reference.name, reference.uid].join(' ');

const virtualNode = (reference: OwnerReference, namespace: string): GraphNode => {
  const { apiVersion, kind, name, uid } = reference;
  return {
    identity: { apiVersion, kind, namespace, name, uid },
    dependents: new Set(),
    owners: [],
    deletingDependents: false,
    beingDeleted: false,
    virtual: true,
  };
};

const matches = (reference: OwnerReference, identity: Identity): boolean =>
  reference.uid === identity.uid &&
  reference.name === identity.name &&
  reference.kind === identity.kind &&
  reference.apiVersion === identity.apiVersion;

const sameIdentity = (a: Identity, b: Identity): boolean => equal(a, b);

/** The dependents whose references mean this identity, and those whose don't. */
function partition(node: GraphNode, identity: Identity): [GraphNode[], GraphNode[]] {
  const matching: GraphNode[] = [];
  const other: GraphNode[] = [];
  for (const dependent of node.dependents) {
    const references = dependent.owners.filter(({ uid }) => uid === identity.uid);
    const isElsewhere = identity.namespace && identity.namespace !== dependent.identity.namespace;
    if (!isElsewhere && references.some((reference) => matches(reference, identity)))
      matching.push(dependent);
    if (isElsewhere || references.some((reference) => !matches(reference, identity)))
      other.push(dependent);
  }
  return [matching, other];
}

/** What else the references may mean, in a fixed order, each once. Models getAlternateOwnerIdentity. */
function alternateIdentity(
  dependents: readonly GraphNode[],
  absent: Identity,
): Identity | undefined {
  const candidates: Identity[] = [];
  for (const { owners, identity } of dependents)
    for (const reference of owners) {
      if (reference.uid !== absent.uid) continue;
      const isAbsent =
        matches(reference, absent) &&
        (!absent.namespace || absent.namespace === identity.namespace);
      if (isAbsent) continue;
      const { apiVersion, kind, name, uid } = reference;
      const isClusterScoped =
        !absent.namespace && apiVersion === absent.apiVersion && kind === absent.kind;
      const namespace = isClusterScoped ? '' : identity.namespace;
      candidates.push({ apiVersion, kind, namespace, name, uid });
    }
  candidates.sort(byIdentity);
  return candidates.find((one) => byIdentity(absent, one) < 0) ?? candidates[0];
}

const byIdentity = (a: Identity, b: Identity): number => {
  const text = ({ kind, apiVersion, namespace, name, uid }: Identity): string =>
    [kind, apiVersion, namespace, name, uid].join('\u0000');
  const [left, right] = [text(a), text(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};
