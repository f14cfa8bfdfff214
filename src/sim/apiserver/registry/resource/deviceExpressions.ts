import { compile } from '../../../cel/compile.ts';
import type { Environment } from '../../../cel/environment.ts';
import { kubernetesFunctions } from '../../../cel/kubernetes.ts';
import * as t from '../../../cel/types.ts';
import { typeText, type CelType } from '../../../cel/types.ts';

/** What is wrong with an expression over a device. */
export interface SelectorProblem {
  readonly error?: string;
  readonly isTooComplex?: boolean;
}

const DEVICE = 'kubernetes.DRADevice';

/** Models k8s.io/dynamic-resource-allocation/cel newCompiler. */
const fields: Readonly<Record<string, CelType>> = {
  driver: t.string,
  allowMultipleAllocations: t.bool,
  attributes: t.map(t.string, t.map(t.string, t.dyn)),
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
  if (!compiled.ok)
    return {
      error: compiled.isInternal ? compiled.error : `compilation failed: ${compiled.error}`,
    };
  const { type } = compiled.program;
  return type.kind === 'bool' || type.kind === 'dyn'
    ? {}
    : { error: `must evaluate to bool or the unknown type, not ${typeText(type)}` };
}
