import type { JsonObject, JsonValue } from '../../src/api/meta.ts';
import type { Random } from '../../src/base/random.ts';

export const pick = <T>(random: Random, list: readonly T[]): T =>
  list[random.below(list.length)] as T;

/** Deep documents are too deep for structuredClone. */
const copyOf = <T extends JsonValue>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** A place in a document: where a value can be put, taken away, or renamed. */
interface Place {
  readonly parent: JsonObject | JsonValue[];
  readonly key: string | number;
}

function placesOf(value: JsonValue, found: Place[] = [], depth = 0): Place[] {
  if (depth > 1000) return found;
  if (Array.isArray(value))
    value.forEach((item, key) => {
      found.push({ parent: value, key });
      placesOf(item, found, depth + 1);
    });
  else if (value !== null && typeof value === 'object')
    for (const key of Object.keys(value)) {
      found.push({ parent: value, key });
      placesOf(value[key] ?? null, found, depth + 1);
    }
  return found;
}

const get = ({ parent, key }: Place): JsonValue =>
  (parent as Record<string | number, JsonValue>)[key] ?? null;

/** Defined, not assigned: `__proto__` is a key like others. */
const set = ({ parent, key }: Place, value: JsonValue): void =>
  void Object.defineProperty(parent, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

const remove = ({ parent, key }: Place): void => {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
};

function nested(depth: number, isList: boolean): JsonValue {
  let value: JsonValue = 'x';
  for (let i = 0; i < depth; i++) value = isList ? [value] : { a: value };
  return value;
}

const oddTexts = [
  '',
  ' ',
  '-',
  '.',
  '/',
  ':',
  '*',
  '%',
  '{{ x }}',
  'null',
  '~',
  'TRUE',
  '0x10',
  '1e3',
  '-0',
  'NaN',
  '\u0000',
  '\ud800',
  '💥'.repeat(80),
  'ä',
  '\n',
  '\t',
  'a\r\nb',
  '__proto__',
  'constructor',
  '../..',
  '10.0.0.256',
  '::1',
  '1.2.3.4/33',
  'fe80::1%eth0',
  'http://[',
  '2026-02-30T25:61:61Z',
  '1Ki',
  '1e',
  '9999999999999999999Ei',
  '0.0000000001n',
  '+1',
  'self.x.y',
  'true ||',
  '1/0 > 1',
  '"".matches("(a+)+$")',
  'TZ=UTC * * * * *',
  '* * * * * *',
  '@every 1ns',
  '61 25 32 13 8',
  '*/0 * * * *',
  'a=b,c!=d',
  'in (',
  'x in ()',
  '$(A)$(B)',
  '$$$(',
  '30000-',
  '0-65536',
  'a'.repeat(64),
  'a'.repeat(254),
  'a.'.repeat(127),
  'sha256:',
  'nginx@',
  'IfNotPresent',
  'ClusterIP',
  'Always',
  'http',
  'kubernetes.io/hostname',
  'data:;base64,',
  'aGk',
  'aGk=!',
];
const oddNumbers = [
  0,
  -1,
  1,
  1.5,
  65536,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  1e21,
  1e300,
  5e-324,
  255,
  3600,
];

function oddValue(random: Random): JsonValue {
  switch (random.below(9)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return pick(random, oddNumbers);
    case 3:
    case 4:
      return pick(random, oddTexts);
    case 5:
      return random.below(2) === 0 ? [] : {};
    case 6:
      return pick<JsonValue>(random, [[null], [[]], [{}], { '': '' }, { a: null }, ['', '']]);
    case 7:
      return pick(random, ['a', 'é', '%', '(', '1', '.', '/a'] as const).repeat(
        pick(random, [300, 5000, 70_000, 300_000] as const),
      );
    default:
      return nested(pick(random, [5, 60, 300, 2000] as const), random.below(2) === 0);
  }
}

function otherKey(random: Random, key: string): string {
  switch (random.below(6)) {
    case 0:
      return key.slice(0, -1);
    case 1:
      return key.toUpperCase();
    case 2:
      return key + key;
    case 3:
      return pick(random, [
        '',
        '__proto__',
        'constructor',
        'toString',
        'hasOwnProperty',
        'length',
        '0',
        '-',
        'a/b/c',
        'ä',
        ' ',
      ]);
    case 4:
      return key.charAt(0).toUpperCase() + key.slice(1);
    default:
      return `${key.slice(0, 2)}${key.charAt(3)}${key.charAt(2)}${key.slice(4)}`;
  }
}

function otherText(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return (
        text.slice(0, at) +
        pick(random, [
          '\u0000',
          '/',
          '.',
          '-',
          '_',
          ' ',
          '=',
          '(',
          ')',
          '"',
          '\\',
          '\n',
          '☃',
          '%',
          ',',
        ]) +
        text.slice(at)
      );
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.toUpperCase();
    case 3:
      return text.slice(at) + text.slice(0, at);
    case 4:
      return text.repeat(1 + random.below(200));
    default:
      return `${text}${pick(random, ['.', '-', 'Ki', ' ', '/', '*', 'e99', '%'])}`;
  }
}

/** Changes a document in place, in one way; `other` is a document of another kind to take from. */
export function mutateJson(document: JsonObject, other: JsonObject, random: Random): void {
  const places = placesOf(document);
  if (!places.length) return;
  const place = pick(random, places);
  const value = get(place);
  switch (random.below(12)) {
    case 0:
    case 1:
      return remove(place);
    case 2:
    case 3:
      return set(place, oddValue(random));
    case 4: {
      if (Array.isArray(place.parent)) return set(place, oddValue(random));
      remove(place);
      return set({ parent: place.parent, key: otherKey(random, String(place.key)) }, value);
    }
    case 5: {
      const second = pick(random, places);
      const kept = copyOf(get(second));
      set(second, copyOf(value));
      return set(place, kept);
    }
    case 6: {
      const theirs = placesOf(other);
      const same = theirs.filter(({ key }) => key === place.key);
      const from = same.length ? pick(random, same) : theirs.length ? pick(random, theirs) : place;
      return set(place, copyOf(get(from)));
    }
    case 7: {
      if (!Array.isArray(value) || !value.length) return set(place, [copyOf(value)]);
      const times = pick(random, [1, 2, 20, 150]);
      const item = pick(random, value);
      for (let i = 0; i < times; i++) value.push(copyOf(item));
      return undefined;
    }
    case 8:
      return set(
        place,
        typeof value === 'string' ? otherText(random, value) : JSON.stringify(value),
      );
    case 9:
      return set(
        place,
        typeof value === 'number' ? pick(random, oddNumbers) : Number(JSON.stringify(value)),
      );
    case 10: {
      const map =
        !Array.isArray(value) && value !== null && typeof value === 'object' ? value : document;
      const theirs = placesOf(other).filter(({ parent }) => !Array.isArray(parent));
      const from = theirs.length ? pick(random, theirs) : place;
      return set({ parent: map, key: String(from.key) }, copyOf(get(from)));
    }
    default: {
      const key = pick(random, ['apiVersion', 'kind'] as const);
      document[key] = other[key] ?? null;
    }
  }
}
