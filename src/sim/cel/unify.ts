import { dyn, isDyn, isError, isSameType, type CelType } from './types.ts';

// Which type fits which, with type parameters that are found out on the way. Models cel-go checker/types.go.

/** What type parameters stand for, by name. */
export type Mapping = ReadonlyMap<string, CelType>;

/** The mapping with what was found out; undefined when some type does not fit. */
export function assign(
  mapping: Mapping,
  wanted: readonly CelType[],
  given: readonly CelType[],
): Mapping | undefined {
  const next = new Map(mapping);
  return fitsAll(next, wanted, given) ? next : undefined;
}

function fitsAll(
  mapping: Map<string, CelType>,
  a: readonly CelType[],
  b: readonly CelType[],
): boolean {
  return a.length === b.length && a.every((type, at) => fits(mapping, type, b[at] ?? dyn));
}

function fits(mapping: Map<string, CelType>, a: CelType, b: CelType): boolean {
  if (b.kind === 'param') {
    const { valid, known } = substitutes(mapping, a, b);
    if (valid) return true;
    if (known) return false;
  }
  if (a.kind === 'param') return substitutes(mapping, b, a).valid;
  if (isDyn(a) || isError(a) || isDyn(b) || isError(b)) return true;
  if (a.kind === 'null') return isNullable(b);
  if (b.kind === 'null') return isNullable(a);
  switch (a.kind) {
    case 'type':
      return b.kind === 'type';
    case 'opaque':
    case 'list':
    case 'map':
      return a.kind === b.kind && a.name === b.name && fitsAll(mapping, a.parameters, b.parameters);
    default:
      return a.kind === b.kind && a.name === b.name;
  }
}

const isNullable = ({ kind }: CelType): boolean =>
  kind === 'null' ||
  kind === 'opaque' ||
  kind === 'struct' ||
  kind === 'duration' ||
  kind === 'timestamp';

function substitutes(
  mapping: Map<string, CelType>,
  type: CelType,
  parameter: CelType,
): { readonly valid: boolean; readonly known: boolean } {
  if (isSameType(type, parameter)) return { valid: true, known: true };
  const current = mapping.get(parameter.name);
  if (current) {
    if (isSameType(type, current)) return { valid: true, known: true };
    if (!fits(mapping, type, current)) return { valid: false, known: true };
    const general = mostGeneral(type, current);
    if (isFreeOf(mapping, parameter, general)) mapping.set(parameter.name, general);
    return { valid: true, known: true };
  }
  if (!isFreeOf(mapping, parameter, type)) return { valid: false, known: false };
  mapping.set(parameter.name, type);
  return { valid: true, known: false };
}

export const mostGeneral = (a: CelType, b: CelType): CelType => (isAtMostAsSpecific(a, b) ? a : b);

function isAtMostAsSpecific(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === 'param') return true;
  if (isDyn(b) || b.kind === 'param') return false;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'opaque':
    case 'list':
    case 'map':
      return (
        a.name === b.name &&
        a.parameters.length === b.parameters.length &&
        a.parameters.every((it, at) => isAtMostAsSpecific(it, b.parameters[at] ?? dyn))
      );
    case 'type':
      return true;
    default:
      return isSameType(a, b);
  }
}

/** Whether a parameter does not occur in what is to stand for it. */
function isFreeOf(mapping: Mapping, parameter: CelType, within: CelType): boolean {
  if (isSameType(parameter, within)) return false;
  if (within.kind === 'param') {
    const stands = mapping.get(within.name);
    return !stands || isFreeOf(mapping, parameter, stands);
  }
  return within.parameters.every((it) => isFreeOf(mapping, parameter, it));
}

/** The type with what its parameters stand for; those that stand for nothing stay, or become dyn. */
export function substitute(mapping: Mapping, type: CelType, freeIsDyn: boolean): CelType {
  if (type.kind === 'param') {
    const stands = mapping.get(type.name);
    if (stands) return substitute(mapping, stands, freeIsDyn);
    return freeIsDyn ? dyn : type;
  }
  if (!type.parameters.length) return type;
  return { ...type, parameters: type.parameters.map((it) => substitute(mapping, it, freeIsDyn)) };
}
