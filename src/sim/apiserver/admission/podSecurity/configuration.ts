import { duplicate, FieldPath, invalid, type FieldError } from '../../../../api/field.ts';
import type { JsonObject, JsonValue } from '../../../../api/meta.ts';
import { isDns1123Label, isDns1123Subdomain } from '../../registry/shared/names.ts';
import { AdmissionConfigurationError, aggregateOf, expectKind } from '../configuration.ts';
import { LABEL_PREFIX, policyOf } from './policy.ts';
import type { PodSecurityOptions } from './podSecurity.ts';

const API_VERSIONS = ['v1', 'v1beta1', 'v1alpha1'].map(
  (version) => `pod-security.admission.config.k8s.io/${version}`,
);
const MODES = ['enforce', 'warn', 'audit'] as const;

/**
 * Reads a PodSecurityConfiguration. Throws an AdmissionConfigurationError. Models
 * pod-security-admission/admission/api/validation.
 */
export function podSecurityOptionsOf(configuration: JsonObject | undefined): PodSecurityOptions {
  if (!configuration) return {};
  expectKind(configuration, API_VERSIONS, 'PodSecurityConfiguration');
  const defaults = objectOf(configuration['defaults']);
  const labels = Object.fromEntries(
    MODES.flatMap((mode) => {
      const level = textOf(defaults[mode]) || 'privileged';
      const version = textOf(defaults[`${mode}-version`]) || 'latest';
      return [
        [LABEL_PREFIX + mode, level],
        [`${LABEL_PREFIX}${mode}-version`, version],
      ];
    }),
  );
  const { policy, errors } = policyOf(labels);
  const given = objectOf(configuration['exemptions']);
  const exemptions = {
    namespaces: textsOf(given['namespaces']),
    runtimeClasses: textsOf(given['runtimeClasses']),
    usernames: textsOf(given['usernames']),
  };
  const all = [
    ...inOrder(errors),
    ...exemptionErrors('namespaces', exemptions.namespaces, isDns1123Label),
    ...exemptionErrors('runtimeClasses', exemptions.runtimeClasses, isDns1123Subdomain),
    ...exemptionErrors('usernames', exemptions.usernames, (name) =>
      name ? [] : ['username must not be empty'],
    ),
  ];
  if (all.length) throw new AdmissionConfigurationError(aggregateOf(all));
  return { defaults: policy, exemptions };
}

/** What is wrong about labels, as what is wrong about the defaults that stand for them. */
function inOrder(errors: readonly FieldError[]): readonly FieldError[] {
  return MODES.flatMap((mode) => [mode, `${mode}-version`]).flatMap((name) =>
    errors
      .filter(({ field }) => field === `metadata.labels[${LABEL_PREFIX}${name}]`)
      .map((error) => ({ ...error, field: `defaults.${name}` })),
  );
}

function exemptionErrors(
  name: string,
  list: readonly string[],
  problemsOf: (value: string) => readonly string[],
): readonly FieldError[] {
  const path = FieldPath.of('exemptions', name);
  return list.flatMap((value, index) => {
    const problems = problemsOf(value);
    if (problems.length) return [invalid(path.index(index), value, problems.join(', '))];
    return list.indexOf(value) < index ? [duplicate(path.index(index), value)] : [];
  });
}

const objectOf = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const textsOf = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.map((it) => textOf(it)) : [];
