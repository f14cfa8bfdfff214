import { compile } from '../../../cel/compile.ts';
import { estimateCost } from '../../../cel/costEstimate.ts';
import type { Environment } from '../../../cel/environment.ts';
import { kubernetesFunctions } from '../../../cel/kubernetes.ts';
import * as t from '../../../cel/types.ts';
import { typeText, type CelType } from '../../../cel/types.ts';

/** What is wrong with an expression over a device. */
export interface SelectorProblem {
  readonly error?: string;
  /** The expression is well, but it cannot be run. */
  readonly isInternal?: boolean;
  readonly isTooComplex?: boolean;
}

const DEVICE = 'kubernetes.DRADevice';
/** What a selector may cost at most. Models CELSelectorExpressionMaxCost. */
const MAX_COST = 1_000_000;
const MAX_ENTRIES = 32;
const MAX_DOMAIN = 63;
const MAX_ID = 32;
const MAX_VALUE = 64;

/** An attribute: nobody knows what it is until there is a device. */
const attribute: CelType = { ...t.dyn, name: 'any' };

/** Models k8s.io/dynamic-resource-allocation/cel newCompiler. */
const fields: Readonly<Record<string, CelType>> = {
  driver: t.string,
  allowMultipleAllocations: t.bool,
  attributes: t.map(t.string, t.map(t.string, attribute)),
  capacity: t.map(t.string, t.map(t.string, t.struct('kubernetes.Quantity'))),
};

export const deviceEnvironment: Environment = {
  variables: new Map([['device', t.struct(DEVICE)]]),
  structs: {
    has: (name) => name === DEVICE,
    field: (name, field) =>
      name === DEVICE && Object.hasOwn(fields, field) ? fields[field] : undefined,
  },
  functions: kubernetesFunctions,
};

/** Models k8s.io/dynamic-resource-allocation/cel GetCompiler().CompileCELExpression. */
export function compileSelector(expression: string): SelectorProblem {
  const compiled = compile(expression, deviceEnvironment);
  if (!compiled.ok && !compiled.isInternal)
    return { error: `compilation failed: ${compiled.error}` };
  const type = compiled.ok ? compiled.program.type : (compiled.type ?? t.bool);
  if (type.kind !== 'bool' && type.name !== attribute.name)
    return { error: `must evaluate to bool or the unknown type, not ${typeText(type)}` };
  return compiled.ok
    ? { isTooComplex: estimateCost(compiled.program, sizeAt) > MAX_COST }
    : { error: compiled.error, isInternal: true };
}

/** Models sizeEstimator. */
function sizeAt([root, field, ...steps]: readonly string[]): number | undefined {
  if (root !== 'device') return undefined;
  switch (field) {
    case undefined:
      return 0;
    case 'driver':
      return steps.length ? undefined : MAX_DOMAIN;
    case 'allowMultipleAllocations':
      return steps.length ? undefined : 1;
    case 'attributes':
    case 'capacity':
      return sizeWithin(field === 'attributes' ? MAX_VALUE : 0, steps);
    default:
      return undefined;
  }
}

/** A map of domains, in which there are maps of names. Attributes may be named like fields. */
function sizeWithin(
  valueSize: number,
  [domain, name, ...more]: readonly string[],
): number | undefined {
  if (domain === undefined) return MAX_ENTRIES;
  if (domain === '@keys') return name === undefined ? MAX_DOMAIN : undefined;
  if (more.length || !isElement(domain)) return undefined;
  if (name === undefined) return MAX_ENTRIES;
  if (name === '@keys') return MAX_ID;
  return isElement(name) || valueSize ? valueSize : undefined;
}

const isElement = (step: string): boolean => step === '@values' || step === '@items';
