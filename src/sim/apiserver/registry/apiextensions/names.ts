import { invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import type { CustomResourceDefinitionNames } from '../../../../api/types/apiextensionsV1.ts';
import { all, allInvalid, each } from '../shared/checks.ts';
import { isDns1035Label } from '../shared/names.ts';

/** Models ValidateCustomResourceDefinitionNames. */
export function validateNames(names: CustomResourceDefinitionNames, at: FieldPath): FieldError[] {
  const joined = (key: 'plural' | 'singular') => {
    const name = names[key] ?? '';
    const problems = name ? isDns1035Label(name) : [];
    return problems.length > 0 && invalid(at.child(key), name, problems.join(','));
  };
  const mixed = (key: 'kind' | 'listKind') => {
    const name = names[key] ?? '';
    const problems = name ? isDns1035Label(name.toLowerCase()) : [];
    return (
      problems.length > 0 &&
      invalid(
        at.child(key),
        name,
        `may have mixed case, but should otherwise match: ${problems.join(',')}`,
      )
    );
  };
  const labels = (key: 'shortNames' | 'categories') =>
    each(names[key], at.child(key), (name, nameAt) => {
      const problems = isDns1035Label(name);
      return problems.length > 0 && allInvalid(nameAt, name, [problems.join(',')]);
    });
  return all(
    joined('plural'),
    joined('singular'),
    mixed('kind'),
    mixed('listKind'),
    labels('shortNames'),
    names.kind &&
      names.kind === names.listKind &&
      invalid(at.child('listKind'), names.listKind, 'kind and listKind may not be the same'),
    labels('categories'),
  );
}
