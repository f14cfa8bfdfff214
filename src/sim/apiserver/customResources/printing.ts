import type { JsonObject, JsonValue, KubeObject } from '../../../api/meta.ts';
import type { CustomResourceColumnDefinition } from '../../../api/types/apiextensionsV1.ts';
import { parseTime, type Micros } from '../../../base/time.ts';
import { since } from '../table/format.ts';
import { findJsonPath } from './jsonPath.ts';

/** The cells of a row behind the name. Models pkg/registry/customresource/tableconvertor. */
export const cellsOf = (
  object: KubeObject,
  columns: readonly CustomResourceColumnDefinition[],
  now: Micros,
): JsonValue[] =>
  columns.map(({ type, jsonPath }) => {
    const value = findJsonPath(object as unknown as JsonObject, jsonPath)[0];
    return value === undefined ? null : cellOf(type, value, now);
  });

function cellOf(type: string, value: JsonValue, now: Micros): JsonValue {
  switch (type) {
    case 'string':
      return textOf(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return parseTime(value) === undefined ? '<invalid>' : since(value, now);
    default:
      return null;
  }
}

/** Models jsonpath.PrintResults: objects and lists as JSON. */
function textOf(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export const descriptionOf = ({ description, jsonPath }: CustomResourceColumnDefinition): string =>
  description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`;
