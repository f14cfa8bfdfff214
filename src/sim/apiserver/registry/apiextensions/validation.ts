import { fieldForbidden, invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type { CustomResourceValidation } from '../../../../api/types/apiextensionsV1.ts';
import { all, type Found } from '../shared/checks.ts';
import { validateDefaults } from './defaults.ts';
import { validateOpenApiSchema } from './openApiSchema.ts';
import { RuleContext } from './ruleContext.ts';
import { structuralProblem, validateStructural, type Schema } from './structural.ts';

/** Go's fields in order, with those that may stand at the root of a schema with a status. */
const rootFields = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];

/** Models validateCustomResourceDefinitionValidation. `isUnchanged`: rules may be as costly as they were. */
export function validateValidation(
  validation: CustomResourceValidation | undefined,
  hasStatus: boolean,
  path: FieldPath,
  isUnchanged = false,
): FieldError[] {
  const schema = validation?.openAPIV3Schema;
  if (!schema) return [];
  const at = path.child('openAPIV3Schema');
  const problem = structuralProblem(schema);
  const structure = problem === undefined ? structureErrors(schema, at) : [];
  const rules =
    problem === undefined && !structure.length ? RuleContext.root(schema, isUnchanged) : undefined;
  const errors = all(
    hasStatus && validateRoot(schema, path),
    schema.nullable &&
      fieldForbidden(path.child('openAPIV3Schema.nullable'), 'nullable cannot be true at the root'),
    structure,
    validateOpenApiSchema(schema, at, rules),
  );
  errors.push(...(rules?.costs.errors(at) ?? []));
  return errors.length || problem === undefined ? errors : [invalid(at, '', problem)];
}

function structureErrors(schema: Schema, at: FieldPath): FieldError[] {
  const errors = validateStructural(schema, at);
  return errors.length ? errors : validateDefaults(schema, at);
}

/** With a status of its own, an object has properties and not much else. */
function validateRoot(schema: Schema, path: FieldPath): Found {
  const form = internalForm('apiextensions.JSONSchemaProps', schema) as Record<string, unknown>;
  const given = Object.keys(form).filter((key) => !isZero(form[key]));
  const first = given.find((key) =>
    key === 'Type' ? schema.type !== 'object' : !rootFields.includes(key),
  );
  if (first === undefined) return [];
  return first === 'Type'
    ? invalid(
        path.child('openAPIV3Schema.type'),
        schema.type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      )
    : invalid(
        path.child('openAPIV3Schema'),
        form,
        `only [${rootFields.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`,
      );
}

const isZero = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === false;
