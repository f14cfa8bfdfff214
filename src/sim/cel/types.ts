// The types of CEL as the checker knows them, and how messages print them. Models cel-go common/types and checker/format.go.

export type Kind =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'list'
  | 'map'
  | 'struct'
  | 'type'
  | 'param'
  | 'opaque';

export interface CelType {
  readonly kind: Kind;
  /** As `type(x)` gives it: `int`, `google.protobuf.Timestamp`, `kubernetes.Quantity`. */
  readonly name: string;
  readonly parameters: readonly CelType[];
}

const simple = (kind: Kind, name: string = kind): CelType => ({ kind, name, parameters: [] });

export const dyn = simple('dyn');
export const errorType = simple('error', '!error!');
export const nullType = simple('null', 'null_type');
export const bool = simple('bool');
export const int = simple('int');
export const uint = simple('uint');
export const double = simple('double');
export const string = simple('string');
export const bytes = simple('bytes');
export const timestamp = simple('timestamp', 'google.protobuf.Timestamp');
export const duration = simple('duration', 'google.protobuf.Duration');
export const typeType = simple('type');

export const list = (of: CelType): CelType => ({ kind: 'list', name: 'list', parameters: [of] });
export const map = (key: CelType, value: CelType): CelType => ({
  kind: 'map',
  name: 'map',
  parameters: [key, value],
});
export const struct = (name: string): CelType => simple('struct', name);
export const opaque = (name: string, ...parameters: CelType[]): CelType => ({
  kind: 'opaque',
  name,
  parameters,
});
export const optional = (of: CelType): CelType => opaque('optional_type', of);
export const param = (name: string): CelType => simple('param', name);
export const typeOf = (type: CelType): CelType => ({
  kind: 'type',
  name: 'type',
  parameters: [type],
});

export const isDyn = ({ kind }: CelType): boolean => kind === 'dyn';
export const isError = ({ kind }: CelType): boolean => kind === 'error';
export const isOptional = ({ kind, name }: CelType): boolean =>
  kind === 'opaque' && name === 'optional_type';

/** The type within an optional, and whether it was one. */
export function unwrapOptional(type: CelType): { readonly type: CelType; readonly isOpt: boolean } {
  return isOptional(type)
    ? { type: type.parameters[0] ?? dyn, isOpt: true }
    : { type, isOpt: false };
}

/** `list(int)`, `map(string, dyn)`, `null`: as messages print a type. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'null':
    case 'timestamp':
    case 'duration':
      return type.kind;
    default:
      return type.parameters.length
        ? `${type.name}(${type.parameters.map(formatType).join(', ')})`
        : type.name;
  }
}

/** As Go prints the type itself: `google.protobuf.Duration`, `list(null_type)`. */
export const typeText = (type: CelType): string =>
  type.parameters.length ? `${type.name}(${type.parameters.map(typeText).join(', ')})` : type.name;

export const isSameType = (a: CelType, b: CelType): boolean =>
  a === b ||
  (a.kind === b.kind &&
    a.name === b.name &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((it, at) => isSameType(it, b.parameters[at] ?? dyn)));
