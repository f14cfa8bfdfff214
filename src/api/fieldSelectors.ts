import { SelectorError } from './selectors.ts';

export interface FieldTerm {
  /** `metadata.name`, `spec.nodeName` … */
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** All terms must hold; none: everything. Models k8s.io/apimachinery/pkg/fields Selector. */
export class FieldSelector {
  static readonly everything = new FieldSelector([]);
  readonly terms: readonly FieldTerm[];

  constructor(terms: readonly FieldTerm[]) {
    this.terms = terms;
  }

  get isEmpty(): boolean {
    return this.terms.length === 0;
  }

  /** @param read the value of a field as text; '' when it has none */
  matches(read: (field: string) => string): boolean {
    return this.terms.every(({ field, equal, value }) => (read(field) === value) === equal);
  }

  /** The value that a field must have, if the selector says so. */
  exactly(field: string): string | undefined {
    return this.terms.find((term) => term.equal && term.field === field)?.value;
  }

  toString(): string {
    return this.terms
      .map(
        ({ field, equal, value }) =>
          `${field}${equal ? '=' : '!='}${value.replace(/[\\,=]/g, '\\$&')}`,
      )
      .join(',');
  }
}

/** Reads `metadata.name=web,status.phase!=Running`. Models fields.ParseSelector; throws SelectorError. */
export function parseFieldSelector(text: string): FieldSelector {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text).sort()) {
    if (part === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field = '', operator, value = ''] = match;
    terms.push({ field, equal: operator !== '!=', value: unescape(value) });
  }
  return new FieldSelector(terms);
}

/** Commas separate, unless a backslash stands before them. */
const splitTerms = (text: string): string[] =>
  text === '' ? [] : (text.match(/(?:^|,)((?:\\.|[^,\\]|\\$)*)/gs) ?? []).map(withoutComma);

const withoutComma = (term: string): string => (term.startsWith(',') ? term.slice(1) : term);

function unescape(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') {
      const next = text.charAt(++i);
      if (next !== '\\' && next !== ',' && next !== '=')
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${next}`);
      out += next;
    } else if (char === ',' || char === '=')
      throw new SelectorError(
        `invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`,
      );
    else out += char;
  }
  return out;
}
