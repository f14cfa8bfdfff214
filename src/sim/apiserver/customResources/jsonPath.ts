import type { JsonObject, JsonValue } from '../../../api/meta.ts';

type Step =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'all' }
  | {
      readonly kind: 'filter';
      readonly path: string;
      readonly op: string;
      readonly value: JsonValue;
    };

const known = new Map<string, readonly Step[]>();

/** What a path of a printer column finds: `.status.conditions[?(@.type=="Ready")].status`. Models client-go/util/jsonpath. */
export function findJsonPath(object: JsonObject, path: string): JsonValue[] {
  let steps = known.get(path);
  if (!steps) known.set(path, (steps = stepsOf(path)));
  let values: JsonValue[] = [object];
  for (const step of steps) values = values.flatMap((value) => follow(value, step));
  return values;
}

const isObject = (value: JsonValue): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function follow(value: JsonValue, step: Step): JsonValue[] {
  switch (step.kind) {
    case 'key': {
      const found = isObject(value) ? value[step.name] : undefined;
      return found === undefined ? [] : [found];
    }
    case 'index': {
      const found = Array.isArray(value) ? value.at(step.at) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'all':
      return Array.isArray(value)
        ? value
        : isObject(value)
          ? Object.values(value).filter((item) => item !== undefined)
          : [];
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => passes(item, step)) : [];
  }
}

function passes(item: JsonValue, { path, op, value }: Step & { kind: 'filter' }): boolean {
  const found = isObject(item) ? findJsonPath(item, path)[0] : item;
  if (!op) return found !== undefined;
  if (found === undefined || found === null || typeof found === 'object') return false;
  const wanted = value as string | number | boolean;
  switch (op) {
    case '==':
      return found === wanted;
    case '!=':
      return found !== wanted;
    case '<':
      return found < wanted;
    case '<=':
      return found <= wanted;
    case '>':
      return found > wanted;
    default:
      return found >= wanted;
  }
}

/** A name after a dot, an index, `*`, a quoted name or a filter in brackets. */
const STEP =
  /\.?(?:\[(?:(-?\d+)|(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\?\(\s*@((?:[^=<>!)]|\\.)*?)\s*(?:(==|!=|<=|>=|<|>)\s*([^)]*?))?\s*\))\]|(\*)|((?:[^.[\]\\]|\\.)+))/gy;

function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  for (;;) {
    const match = STEP.exec(path);
    if (!match) return steps;
    const [, index, all, single, double, filter, op = '', value = '', star, name] = match;
    const quoted = single ?? double ?? name;
    if (index !== undefined) steps.push({ kind: 'index', at: Number(index) });
    else if (all !== undefined || star !== undefined) steps.push({ kind: 'all' });
    else if (quoted !== undefined)
      steps.push({ kind: 'key', name: quoted.replace(/\\(.)/g, '$1') });
    else steps.push({ kind: 'filter', path: filter ?? '', op, value: literal(value) });
  }
}

function literal(text: string): JsonValue {
  const quoted = /^(['"])(.*)\1$/s.exec(text.trim());
  if (quoted) return quoted[2] ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text !== '' && !Number.isNaN(number) ? number : text;
}
