import type { JsonValue } from '../../../api/meta.ts';
import type { Shape } from '../../../api/schema/shape.ts';
import { goQuote } from '../../../api/field.ts';
import { goMap } from '../rest/patchRefusal.ts';

type ListShape = Extract<Shape, { kind: 'list' }>;

/**
 * What is wrong with an applied configuration for its schema: `.spec.colour: field not declared in schema`.
 * Models structured-merge-diff typed/validate.go.
 */
export function typedErrors(value: JsonValue | undefined, shape: Shape, path = ''): string[] {
  if (value === null || value === undefined) return [];
  const say = (text: string): string[] => [`${path}: ${text}`];
  switch (shape.kind) {
    case 'map': {
      if (shape.isLoose) return [];
      if (typeof value !== 'object' || Array.isArray(value))
        return say(`expected map, got &{${goMap(value)}}`);
      const errors: string[] = [];
      for (const [key, item] of Object.entries(value)) {
        const field = shape.fields?.get(key)?.shape;
        const at = `${path}.${key}`;
        // The walk over a map ends at a field that there is not.
        if (!field && shape.isClosed) return [...errors, `${at}: field not declared in schema`];
        errors.push(...typedErrors(item, field ?? shape.of, at));
      }
      return errors;
    }
    case 'list':
      if (!Array.isArray(value)) return say(`expected list, got &{${goMap(value)}}`);
      return listErrors(value, shape, path);
    default: {
      const problem = scalarProblem(value, shape.type);
      return problem === undefined ? [] : say(problem);
    }
  }
}

/** Several mistakes stand in lines of their own. */
export const validationText = (errors: readonly string[]): string =>
  errors.length > 1 ? `errors:\n${errors.map((line) => `  ${line}`).join('\n')}` : errors.join('');

function listErrors(list: readonly JsonValue[], shape: ListShape, path: string): string[] {
  const errors: string[] = [];
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const element = shape.type === 'atomic' ? `[${index}]` : elementText(item, shape);
    if (element === undefined) {
      const keys = shape.keys.map(({ name }) => goQuote(name)).join(' ');
      errors.push(
        `${path}: element ${index}: associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`,
      );
      return errors;
    }
    if (shape.type !== 'atomic' && seen.has(element))
      errors.push(`${path}: duplicate entries for key ${element}`);
    seen.add(element);
    errors.push(...typedErrors(item, shape.of, path + element));
  }
  return errors;
}

/** `[name="a",side="left"]`, `[="x"]`; undefined for an element without keys. */
function elementText(item: JsonValue, shape: ListShape): string | undefined {
  const text = (value: JsonValue): string =>
    typeof value === 'string' ? goQuote(value) : JSON.stringify(value);
  if (shape.type === 'set') return `[=${text(item)}]`;
  const object = item !== null && typeof item === 'object' && !Array.isArray(item) ? item : {};
  const keys = shape.keys.flatMap(({ name, default: fallback }) => {
    const value = object[name] ?? fallback;
    return value === undefined ? [] : [[name, value] as const];
  });
  if (!keys.length) return undefined;
  const parts = keys
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${text(value)}`);
  return `[${parts.join(',')}]`;
}

function scalarProblem(
  value: JsonValue,
  type: 'numeric' | 'string' | 'boolean' | undefined,
): string | undefined {
  switch (type) {
    case 'numeric':
      return typeof value === 'number'
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goMap(value)}}`;
    default:
      return undefined;
  }
}

/** Go's %T. */
function goType(value: JsonValue): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

/** Go's %#v. */
function goSyntax(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value === 'string') return goQuote(value);
  if (typeof value !== 'object') return String(value);
  const parts = Object.keys(value)
    .sort()
    .map((key) => `${goQuote(key)}:${goSyntax(value[key])}`);
  return `map[string]interface {}{${parts.join(', ')}}`;
}
