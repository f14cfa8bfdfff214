import {
  groupVersion,
  type GroupVersionKind,
  type JsonObject,
  type JsonValue,
} from '../api/meta.ts';
import { fieldParts, type FieldEdit, type Fix } from '../api/fieldEdit.ts';
import { shapeOfKind, type Shape } from '../api/schema/shape.ts';
import type { DocumentVerdict } from '../source/port.ts';

/** The fixes of a refusal that are certain, or nearly: each kind of refusal has a rule of its own. */
export function fixesOf(
  verdict: Omit<DocumentVerdict, 'fixes'>,
  object: JsonObject,
  served: readonly GroupVersionKind[],
): Fix[] {
  if (verdict.outcome !== 'rejected') return [];
  const gvk = served.find(
    (it) => groupVersion(it) === object['apiVersion'] && it.kind === object['kind'],
  );
  if (!gvk) return otherVersions(object, served);
  return [
    ...misspelt(verdict.message, gvk),
    ...wrongType(verdict.message, object),
    ...missingNamespace(verdict.message),
    ...verdict.causes.flatMap((cause) => [
      ...unsupportedValue(cause, object),
      ...selectorMismatch(cause, object),
      ...notAName(cause, object),
    ]),
  ];
}

/** The kind is served, in another group or version: that of a removed API, mostly. */
function otherVersions(object: JsonObject, served: readonly GroupVersionKind[]): Fix[] {
  const { kind } = object;
  if (typeof kind !== 'string') return [];
  const same = served.filter((it) => it.kind === kind);
  const versions = same.length ? [...new Set(same.map(groupVersion))] : [];
  const stable = versions.filter((version) => /(^|\/)v\d+$/.test(version));
  const best = stable.length ? stable : versions;
  if (best.length)
    return best.map((version) => ({
      title: `Use apiVersion ${version}`,
      edits: [{ type: 'setValue', path: 'apiVersion', value: version }],
      isCertain: best.length === 1,
    }));
  const here = served
    .filter((it) => groupVersion(it) === object['apiVersion'])
    .map((it) => it.kind);
  const near = nearest(kind, here);
  return near === undefined
    ? []
    : [
        {
          title: `Change kind to ${near}`,
          edits: [{ type: 'setValue', path: 'kind', value: near }],
          isCertain: true,
        },
      ];
}

/** `unknown field "spec.replcas"` */
function misspelt(message: string, gvk: GroupVersionKind): Fix[] {
  const shape = shapeOfKind(gvk);
  return [...message.matchAll(/unknown field "((?:[^"\\]|\\.)*)"/g)].flatMap(([, path = '']) => {
    const parts = fieldParts(path);
    const wrong = parts.pop() ?? '';
    const parent = shape && shapeAt(shape, parts);
    if (parent?.kind !== 'map' || !parent.fields) return [];
    const name = nearest(wrong, [...parent.fields.keys()]);
    if (name === undefined) return [];
    const edits: FieldEdit[] = [{ type: 'renameKey', path, name }];
    return [{ title: `Change to ${name}`, edits, field: path, isCertain: true }];
  });
}

function shapeAt(shape: Shape, parts: readonly string[]): Shape | undefined {
  let at: Shape | undefined = shape;
  for (const part of parts) {
    if (at?.kind === 'list') at = at.of;
    else if (at?.kind === 'map') at = at.fields ? at.fields.get(part)?.shape : at.of;
    else return undefined;
  }
  return at?.kind === 'list' ? at.of : at;
}

/** `Unsupported value: "Alway": supported values: "Always", "Never"` */
function unsupportedValue(
  { field, message }: DocumentVerdict['causes'][number],
  object: JsonObject,
): Fix[] {
  const match = /Unsupported value: (.*?): supported values: (.*)$/.exec(message);
  if (!match) return [];
  const wrong = memberOf(match[1] ?? '');
  const path = pathOfMember(at(object, fieldParts(field)), wrong, field);
  const values = [...(match[2] ?? '').matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, it]) => it ?? '');
  const near = nearest(wrong, values);
  const offered = near === undefined ? values.slice(0, 6) : [near];
  return offered.map((value) => ({
    title: `Change to ${value}`,
    edits: [{ type: 'setValue', path, value }],
    field,
    isCertain: offered.length === 1,
  }));
}

/** The value that a message shows: a text, or what a struct of Go's holds first. */
function memberOf(shown: string): string {
  if (!shown.startsWith('{')) return shown.replace(/^"|"$/g, '');
  return /:"((?:[^"\\]|\\.)*)"/.exec(shown)?.[1] ?? '';
}

/** Some rules name a list or a struct, though one value in it is meant. */
function pathOfMember(value: JsonValue | undefined, wrong: string, field: string): string {
  if (Array.isArray(value)) {
    const index = value.indexOf(wrong);
    return index < 0 ? field : `${field}[${index}]`;
  }
  if (!isObject(value)) return field;
  const key = Object.keys(value).find((it) => value[it] === wrong);
  return key === undefined ? field : `${field}.${key}`;
}

/** The labels of the template are made to be what the selector looks for. */
function selectorMismatch(
  { field, message }: DocumentVerdict['causes'][number],
  object: JsonObject,
): Fix[] {
  if (!message.includes('`selector` does not match template `labels`')) return [];
  const selector = at(object, ['spec', 'selector']);
  const labels = at(selector, ['matchLabels']) ?? (isObject(selector) ? selector : undefined);
  if (!isObject(labels)) return [];
  const edits = Object.entries(labels).flatMap(([key, value]): FieldEdit[] =>
    typeof value === 'string'
      ? [{ type: 'setValue', path: `spec.template.metadata.labels[${key}]`, value }]
      : [],
  );
  const title = 'Give the template the labels that the selector looks for';
  return edits.length ? [{ title, edits, field, isCertain: true }] : [];
}

/** A name in upper case or with underscores. */
function notAName(
  { field, message }: DocumentVerdict['causes'][number],
  object: JsonObject,
): Fix[] {
  if (!/a lowercase RFC 1123 (label|subdomain) must consist/.test(message)) return [];
  const value = at(object, fieldParts(field));
  if (typeof value !== 'string') return [];
  const name = value
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  const isLabel = message.includes('RFC 1123 label');
  const fixed = isLabel ? name.replaceAll('.', '-') : name;
  if (!fixed || fixed === value) return [];
  return [
    {
      title: `Change to ${fixed}`,
      edits: [{ type: 'setValue', path: field, value: fixed }],
      field,
      isCertain: true,
    },
  ];
}

/** A number or a word of YAML where a text belongs, or the other way round. */
function wrongType(message: string, object: JsonObject): Fix[] {
  const match =
    /cannot unmarshal (number|bool|string) into Go struct field [^.\s]+\.(\S+) of type (\S+)/.exec(
      message,
    );
  if (!match) return [];
  const [, from, named = '', to = ''] = match;
  const wants = to === 'string' ? 'string' : /^u?int\d*$/.test(to) ? 'number' : to;
  const fits = (value: JsonValue): boolean =>
    typeof value === { number: 'number', bool: 'boolean', string: 'string' }[from ?? ''];
  return placesOf(object, named.split('.')).flatMap(({ path, value }): Fix[] => {
    if (!fits(value)) return [];
    if (wants === 'string')
      return [{ title: 'Quote it', edits: [{ type: 'quote', path }], isCertain: true }];
    const fixed = converted(value, wants);
    if (fixed === undefined) return [];
    const edits: FieldEdit[] = [{ type: 'setValue', path, value: fixed }];
    return [{ title: `Change to ${String(fixed)}`, edits, isCertain: true }];
  });
}

function converted(value: JsonValue, wants: string): number | boolean | undefined {
  if (wants === 'number' && typeof value === 'string' && /^-?\d+$/.test(value))
    return Number(value);
  if (wants === 'bool' && typeof value === 'string') {
    if (/^(true|yes|on)$/i.test(value)) return true;
    if (/^(false|no|off)$/i.test(value)) return false;
  }
  return undefined;
}

/** No kind nests deeper; a schema may, to no end. */
const deepest = 200;

/** Go names no index and no key: every place that fits. */
function placesOf(
  value: JsonValue | undefined,
  parts: readonly string[],
  path = '',
  depth = 0,
): { path: string; value: JsonValue }[] {
  if (depth > deepest) return [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => placesOf(item, parts, `${path}[${index}]`, depth + 1));
  const [part, ...rest] = parts;
  if (part === undefined) {
    if (isObject(value))
      return Object.entries(value).flatMap(([key, item]) =>
        placesOf(item, [], `${path}[${key}]`, depth + 1),
      );
    return value === undefined ? [] : [{ path, value }];
  }
  return isObject(value) && value[part] !== undefined
    ? placesOf(value[part], rest, path ? `${path}.${part}` : part, depth + 1)
    : [];
}

/** `namespaces "demo" not found` */
function missingNamespace(message: string): Fix[] {
  const name = /^namespaces "([^"]+)" not found$/.exec(message)?.[1];
  if (name === undefined) return [];
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  return [
    {
      title: `Add Namespace ${name} before it`,
      edits: [{ type: 'addDocumentBefore', object }],
      field: 'metadata.namespace',
      isCertain: true,
    },
  ];
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function at(value: JsonValue | undefined, parts: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const part of parts)
    found = Array.isArray(found) ? found[Number(part)] : isObject(found) ? found[part] : undefined;
  return found;
}

/** The one that is meant: the same but for case, else the nearest by a few slips of the finger. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const same = names.find((name) => name.toLowerCase() === wrong.toLowerCase());
  if (same !== undefined) return same;
  const most = Math.max(1, Math.floor(wrong.length / 4));
  const ranked = names
    .filter((name) => Math.abs(name.length - wrong.length) <= most)
    .map((name) => ({ name, slips: slipsBetween(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips);
  const [best, next] = ranked;
  return best && best.slips !== next?.slips ? best.name : undefined;
}

/** Letters that are added, left out, changed, or swapped with their neighbour. */
function slipsBetween(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
