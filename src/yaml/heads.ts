/** Where a document that looks like Kubernetes begins, and whether it is a template. */
export interface Head {
  readonly type: 'object' | 'template';
  /** Offset of the key apiVersion (or of kind, if that comes first). */
  readonly offset: number;
  /** Where its document ends: at the next separator, or with the text. */
  readonly end: number;
}

const separator = /^---(?:\s|$)/;
const key = /^(["']?)(apiVersion|kind)\1\s*:/;
const flowKey = /["']?(apiVersion|kind)["']?\s*:/;
/** The `{{ … }}` of Helm and Go templates. */
const template = /\{\{.*?\}\}/;

/**
 * Finds the heads of manifests without parsing: quick enough for every keystroke. A document counts when it has apiVersion
 * and kind at its top; what it really is, parseDocuments tells.
 */
export function manifestHeads(text: string): Head[] {
  const heads: Head[] = [];
  let found = new Set<string>();
  let first = -1;
  let isTemplate = false;
  let isFlow = false;
  const flush = (end: number): void => {
    if (found.size === 2)
      heads.push({ type: isTemplate ? 'template' : 'object', offset: first, end });
    found = new Set();
    first = -1;
    isTemplate = false;
    isFlow = false;
  };
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    if (separator.test(line)) flush(start);
    const rest = separator.test(line) ? line.slice(3).trimStart() : line;
    if (rest.startsWith('{') && !rest.startsWith('{{') && !found.size) isFlow = true;
    const name = (isFlow ? flowKey : key).exec(rest);
    if (name?.[2] !== undefined || (isFlow && name)) {
      if (first < 0) first = start + line.indexOf(name[0]);
      const pattern = new RegExp(flowKey, 'g');
      for (const match of isFlow ? rest.matchAll(pattern) : []) found.add(match[1] ?? '');
      if (!isFlow) found.add(name[2] ?? '');
    }
    if (template.test(line)) isTemplate = true;
    start = end + 1;
  }
  flush(text.length);
  return heads;
}
