import { internalForm } from '../../../../api/goInternal.ts';
import { equal, type JsonValue } from '../../../../api/meta.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  CustomResourceValidation,
  SelectableField,
} from '../../../../api/types/apiextensionsV1.ts';

/** What a version may say for itself, or the spec for all versions alike. */
export interface PerVersion {
  readonly schema?: CustomResourceValidation;
  readonly subresources?: CustomResourceSubresources;
  readonly additionalPrinterColumns?: readonly CustomResourceColumnDefinition[];
  readonly selectableFields?: readonly SelectableField[];
}

export interface InternalVersion extends PerVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated: boolean;
  readonly deprecationWarning?: string;
}

/**
 * The form in which a definition is judged: what all versions say alike is said once, at the top. Errors have its paths:
 * `spec.validation.openAPIV3Schema…`. Models apiextensions v1 Convert_v1_CustomResourceDefinitionSpec_To_apiextensions.
 */
export interface InternalSpec {
  readonly spec: CustomResourceDefinitionSpec;
  readonly all: PerVersion;
  readonly versions: readonly InternalVersion[];
}

const shared = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;

export function internalSpec(spec: CustomResourceDefinitionSpec): InternalSpec {
  const given = (spec.versions as CustomResourceDefinitionVersion[] | null | undefined) ?? [];
  const [first] = given;
  const all: Record<string, unknown> = {};
  const versions = given.map((version) => ({
    ...version,
    deprecated: version.deprecated ?? false,
  }));
  for (const key of shared) {
    if (!first || !given.every((version) => equal(version[key] ?? null, first[key] ?? null)))
      continue;
    if (first[key] !== undefined) all[key] = first[key];
    for (const version of versions) delete version[key];
  }
  return { spec, all, versions };
}

/** Versions as messages print them; null when there were none. */
export const printedVersions = ({ spec, versions }: InternalSpec): JsonValue =>
  (spec.versions as unknown) === null
    ? null
    : internalForm('[]apiextensions.CustomResourceDefinitionVersion', versions);
