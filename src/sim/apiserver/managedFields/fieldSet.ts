import type { JsonObject, JsonValue } from '../../../api/meta.ts';

/**
 * A set of field paths, as a tree: `f:spec` → `f:replicas`. A path element is written as managedFields write it:
 * `f:name`, `k:{"name":"a"}`, `v:"x"`. Models structured-merge-diff fieldpath.Set.
 *
 *     {f:labels: {".": {}, f:app: {}}}      the paths labels and labels.app
 */
export class FieldSet {
  readonly members = new Set<string>();
  readonly children = new Map<string, FieldSet>();

  static fromFields(fields: JsonObject): FieldSet {
    const set = new FieldSet();
    for (const [element, below] of Object.entries(fields)) {
      if (element === '.') continue;
      const inner = (below ?? {}) as JsonObject;
      const keys = Object.keys(inner);
      if (keys.length === 0 || keys.includes('.')) set.members.add(element);
      if (keys.some((key) => key !== '.')) set.children.set(element, FieldSet.fromFields(inner));
    }
    return set;
  }

  /** As managedFields store it: sorted, with `.` where a path with parts is a member itself. */
  toFields(): JsonObject {
    const elements = [...this.members];
    for (const element of this.children.keys())
      if (!this.members.has(element)) elements.push(element);
    const fields: JsonObject = {};
    for (const element of elements.sort(compareElements)) {
      const below = this.children.get(element)?.toFields();
      fields[element] =
        below && this.members.has(element) && Object.keys(below).length
          ? { '.': {}, ...below }
          : (below ?? {});
    }
    return fields;
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && [...this.children.values()].every((child) => child.isEmpty);
  }

  insert(path: readonly string[]): void {
    let at: FieldSet = this;
    for (const element of path.slice(0, -1)) at = at.#descend(element);
    const last = path.at(-1);
    if (last !== undefined) at.members.add(last);
  }

  has(path: readonly string[]): boolean {
    let at: FieldSet | undefined = this;
    for (const element of path.slice(0, -1)) at = at?.children.get(element);
    return at?.members.has(path.at(-1) ?? '') ?? false;
  }

  union(other: FieldSet): FieldSet {
    const set = new FieldSet();
    for (const element of [...this.members, ...other.members]) set.members.add(element);
    for (const element of new Set([...this.children.keys(), ...other.children.keys()])) {
      const left = this.children.get(element);
      const right = other.children.get(element);
      const child = left && right ? left.union(right) : (left ?? right);
      if (child) set.children.set(element, child);
    }
    return set;
  }

  intersection(other: FieldSet): FieldSet {
    const set = new FieldSet();
    for (const element of this.members) if (other.members.has(element)) set.members.add(element);
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      if (theirs) set.#put(element, child.intersection(theirs));
    }
    return set;
  }

  difference(other: FieldSet): FieldSet {
    const set = new FieldSet();
    for (const element of this.members) if (!other.members.has(element)) set.members.add(element);
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      set.#put(element, theirs ? child.difference(theirs) : child);
    }
    return set;
  }

  /** Without the paths of `other` and everything below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    const set = new FieldSet();
    for (const element of this.members) if (!other.members.has(element)) set.members.add(element);
    for (const [element, child] of this.children) {
      if (other.members.has(element)) continue;
      const theirs = other.children.get(element);
      set.#put(element, theirs ? child.recursiveDifference(theirs) : child);
    }
    return set;
  }

  /** Calls back for each path, in order. */
  forEach(visit: (path: readonly string[]) => void, path: readonly string[] = []): void {
    for (const element of [...new Set([...this.members, ...this.children.keys()])].sort(
      compareElements,
    )) {
      if (this.members.has(element)) visit([...path, element]);
      this.children.get(element)?.forEach(visit, [...path, element]);
    }
  }

  #descend(element: string): FieldSet {
    let child = this.children.get(element);
    if (!child) this.children.set(element, (child = new FieldSet()));
    return child;
  }

  #put(element: string, child: FieldSet): void {
    if (!child.isEmpty) this.children.set(element, child);
  }
}

export const fieldElement = (name: string): string => `f:${name}`;
export const valueElement = (value: JsonValue): string => `v:${JSON.stringify(value)}`;
export const keyElement = (keys: Readonly<Record<string, JsonValue>>): string =>
  `k:${JSON.stringify(Object.fromEntries(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1))))}`;

const ranks: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 };

function compareElements(a: string, b: string): number {
  const byKind = (ranks[a.charAt(0)] ?? 4) - (ranks[b.charAt(0)] ?? 4);
  return byKind || (a < b ? -1 : a > b ? 1 : 0);
}

/** `.spec.containers[name="nginx"].image`, as conflicts name a path. Models fieldpath.Path String. */
export const pathText = (path: readonly string[]): string => path.map(elementText).join('');

function elementText(element: string): string {
  const rest = element.slice(2);
  switch (element.charAt(0)) {
    case 'f':
      return `.${rest}`;
    case 'k': {
      const keys = JSON.parse(rest) as Record<string, JsonValue>;
      return `[${Object.entries(keys)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    }
    case 'v':
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}
