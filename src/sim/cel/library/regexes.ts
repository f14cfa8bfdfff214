import { method, type Overload } from '../environment.ts';
import { compileRegex } from '../regex.ts';
import * as t from '../types.ts';
import { ArrayList, CelError, sizeOf, type CelValue } from '../values.ts';

// What matches a pattern. Models apiserver/pkg/cel/library/regex.go.

const cost = ([text = null, pattern = null]: readonly CelValue[]): number =>
  Math.ceil((1 + sizeOf(text)) * 0.1) * Math.ceil(sizeOf(pattern) * 0.25);

function findAll(
  text: CelValue | undefined,
  pattern: CelValue | undefined,
  limit: number,
): CelValue {
  const regex = compileRegex(pattern as string);
  if (typeof regex === 'string') return new CelError(`Illegal regex: ${regex}`);
  const found = [...(text as string).matchAll(new RegExp(regex, `${regex.flags}g`))].map(
    ([match]) => match,
  );
  return new ArrayList(limit < 0 ? found : found.slice(0, limit));
}

export const regexes: Readonly<Record<string, readonly Overload[]>> = {
  find: [
    method('string_find_string', [t.string, t.string], t.string, (text, pattern) => {
      const regex = compileRegex(pattern as string);
      if (typeof regex === 'string') return new CelError(`Illegal regex: ${regex}`);
      return regex.exec(text as string)?.[0] ?? '';
    }, cost),
  ],
  findAll: [
    method('string_find_all_string', [t.string, t.string], t.list(t.string), (text, pattern) => findAll(text, pattern, -1), cost),
    method('string_find_all_string_int', [t.string, t.string, t.int], t.list(t.string), (text, pattern, limit) => findAll(text, pattern, Number(limit)), cost),
  ],
}; // prettier-ignore
