import { errorBody, type FieldError } from '../../../api/field.ts';
import type { JsonObject } from '../../../api/meta.ts';

/** What the owner of the cluster got wrong in choosing or configuring plugins, in kube-apiserver's words. */
export class AdmissionConfigurationError extends Error {}

/** Throws an AdmissionConfigurationError unless the object is of the kind in one of the versions. */
export function expectKind(
  object: JsonObject,
  apiVersions: readonly string[],
  kind: string,
  scheme = 'pkg/runtime/scheme.go:110',
): void {
  const { apiVersion, kind: given } = object;
  if (typeof given !== 'string' || !given)
    throw new AdmissionConfigurationError(
      `Object 'Kind' is missing in '${JSON.stringify(object)}'`,
    );
  if (typeof apiVersion !== 'string' || !apiVersion)
    throw new AdmissionConfigurationError(
      `Object 'apiVersion' is missing in '${JSON.stringify(object)}'`,
    );
  if (given === kind && apiVersions.includes(apiVersion)) return;
  throw new AdmissionConfigurationError(
    `no kind "${given}" is registered for version "${apiVersion}" in scheme "${scheme}"`,
  );
}

/** How Go prints several errors as one. Models utilerrors.Aggregate. */
export function aggregateOf(errors: readonly FieldError[]): string {
  return joined(errors.map((error) => `${error.field}: ${errorBody(error)}`));
}

export function joined(texts: readonly string[]): string {
  const different = [...new Set(texts)];
  return different.length === 1 ? (different[0] ?? '') : `[${different.join(', ')}]`;
}
