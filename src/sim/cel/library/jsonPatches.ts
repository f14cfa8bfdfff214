import { overload, type Overload } from '../environment.ts';
import * as t from '../types.ts';
import { perCharacter } from './standard.ts';

// Models apiserver/pkg/cel/library/jsonpatch.go.

export const jsonPatches: Readonly<Record<string, readonly Overload[]>> = {
  'jsonpatch.escapeKey': [
    overload(
      'string_jsonpatch_escapeKey_string',
      [t.string],
      t.string,
      (key) => (key as string).replaceAll('~', '~0').replaceAll('/', '~1'),
      ([key = null]) => perCharacter(key),
    ),
  ],
};
