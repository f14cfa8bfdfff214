import type { JsonObject } from './meta.ts';

/** A change of a manifest, told by field paths as the API server writes them (`spec.containers[0].image`). */
export type FieldEdit =
  | { readonly type: 'renameKey'; readonly path: string; readonly name: string }
  | { readonly type: 'setValue'; readonly path: string; readonly value: string | number | boolean }
  /** Makes a text of a scalar as it is written: `yes` becomes "yes". */
  | { readonly type: 'quote'; readonly path: string }
  | { readonly type: 'addDocumentBefore'; readonly object: JsonObject };

/** A way out of a refusal. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly FieldEdit[];
  /** The field that it is about, as the refusal names it; absent: the refusal as a whole. */
  readonly field?: string;
  /** There is no other sensible way: it may be applied without asking. */
  readonly isCertain: boolean;
}

/** `spec.containers[0].image` → spec, containers, 0, image; brackets may hold keys with dots: `labels[app.io/x]`. */
export function fieldParts(path: string): string[] {
  const parts: string[] = [];
  const pattern = /\[([^\]]*)\]|([^.[\]]+)/g;
  for (const match of path.matchAll(pattern)) parts.push(match[1] ?? match[2] ?? '');
  return parts;
}
