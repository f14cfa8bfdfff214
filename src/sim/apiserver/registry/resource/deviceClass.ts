import { FieldPath, invalid, type FieldError } from '../../../../api/field.ts';
import type { DeviceClass } from '../../../../api/types/resourceV1.ts';
import { all } from '../shared/checks.ts';
import { isDns1123Subdomain, maxBytes, maxLength, nameRules } from '../shared/names.ts';
import { isExtended } from '../shared/resources.ts';
import type { Strategy } from '../strategy.ts';
import { validateConfiguration, validateSelectors } from './claimSpec.ts';
import { limited } from './lists.ts';

const spec = FieldPath.of('spec');
const maxConfigurations = 32;

/** Models kubernetes/pkg/registry/resource/deviceclass. */
export const deviceClassStrategy: Strategy<DeviceClass> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  hasGeneration: true,
  metaOnUpdate: ['create', 'update'],
  // This name is judged by rules that count bytes.
  validateName: (name, prefix) =>
    nameRules
      .subdomain(name, prefix)
      .map((problem) => (problem === maxLength(253) ? maxBytes(253) : problem)),
  validate,
  validateUpdate: validate,
};

function validate({ spec: own }: DeviceClass): FieldError[] {
  const { extendedResourceName: name } = own;
  return all(
    validateSelectors(own.selectors, spec.child('selectors')),
    limited(own.config, maxConfigurations, spec.child('config'), validateConfiguration),
    name !== undefined &&
      !(isExtended(name) && !isDns1123Subdomain(name.split('/', 1)[0] ?? '').length) &&
      invalid(spec.child('extendedResourceName'), name, 'must be a valid extended resource name'),
  );
}
