import { fieldParts, type FieldEdit } from '../api/fieldEdit.ts';
import type { JsonValue } from '../api/meta.ts';
import type { FieldMap, Range } from './fieldMap.ts';
import { toYaml } from './render.ts';

export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}

/** The change of the text that makes an edit; undefined where the text has no place for it (an anchor, a merged key). */
export function textEditOf(
  text: string,
  { fields, head }: { readonly fields: FieldMap; readonly head: Range },
  edit: FieldEdit,
): TextEdit | undefined {
  switch (edit.type) {
    case 'renameKey': {
      const range = fields.keyRangeOf(edit.path);
      return range && { range, text: edit.name };
    }
    case 'setValue': {
      const range = fields.scalarRangeOf(edit.path);
      if (range) return { range, text: scalar(edit.value) };
      return insertion(text, fields, edit.path, edit.value);
    }
    case 'quote': {
      const range = fields.scalarRangeOf(edit.path);
      return range && { range, text: JSON.stringify(text.slice(range.start, range.end)) };
    }
    case 'addDocumentBefore': {
      const line = text.lastIndexOf('\n', head.start - 1) + 1;
      return { range: { start: line, end: line }, text: `${toYaml(edit.object)}---\n` };
    }
  }
}

/** A new line at the head of a map that is there. */
function insertion(
  text: string,
  fields: FieldMap,
  path: string,
  value: JsonValue,
): TextEdit | undefined {
  const parts = fieldParts(path);
  const name = parts.pop();
  const first = fields.firstKeyOf(parts);
  if (name === undefined || first === undefined) return undefined;
  const line = text.lastIndexOf('\n', first.start - 1) + 1;
  const indent = text.slice(line, first.start);
  if (!/^ *$/.test(indent)) return undefined;
  const entry = `${scalar(name)}: ${scalar(value as string | number | boolean)}`;
  return { range: { start: line, end: line }, text: `${indent}${entry}\n` };
}

const scalar = (value: string | number | boolean): string => toYaml(value).trimEnd();
