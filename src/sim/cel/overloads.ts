import type { CelType } from './types.ts';
import {
  CelList,
  CelMap,
  Duration,
  OpaqueValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  type CelValue,
} from './values.ts';

/** Whether a value may be an argument of the type, as far as its outside tells. Models decls MatchesRuntimeSignature. */
export function hasKind(value: CelValue, type: CelType): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'param':
    case 'error':
      return true;
    case 'null':
      return value === null;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'uint':
      return value instanceof Uint;
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    case 'list':
      return value instanceof CelList && (!value.size || holds(value.at(0), type.parameters[0]));
    case 'map':
      return value instanceof CelMap && holdsEntry(value, type);
    case 'type':
      return value instanceof TypeValue;
    case 'struct':
      return (
        (value instanceof OpaqueValue && value.type.name === type.name) ||
        (value instanceof CelMap && value.typeName === type.name)
      );
    case 'opaque':
      return type.name === 'optional_type'
        ? value instanceof Optional
        : value instanceof OpaqueValue && value.type.name === type.name;
  }
}

const holds = (value: CelValue, type: CelType | undefined): boolean =>
  !type || hasKind(value, type);

/** The first element tells what is in a list or map. */
function holdsEntry(map: CelMap, { parameters: [key, value] }: CelType): boolean {
  const [first] = map.keys();
  return first === undefined || (holds(first, key) && holds(map.find(first) ?? null, value));
}
