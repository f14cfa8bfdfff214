import { FieldPath, invalid, type FieldError } from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
} from '../../../../api/types/apiextensionsV1.ts';
import { all } from '../shared/checks.ts';
import { nameRules } from '../shared/names.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';
import { validateApproval } from './approval.ts';
import { unrecognizedFormats } from './formats.ts';
import { internalSpec } from './internalSpec.ts';
import { validateNames } from './names.ts';
import { validateSpec } from './spec.ts';

const spec = FieldPath.of('spec');
const status = FieldPath.of('status');

/** Models apiextensions-apiserver/pkg/registry/customresourcedefinition and pkg/apis/apiextensions/validation. */
export const customResourceDefinitionStrategy: Strategy<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  hasGeneration: true,
  meta: 'plain',
  validateName(name, prefix, { spec: own }) {
    const isWanted = name === `${own.names.plural}.${own.group}`;
    return [
      ...nameRules.subdomain(name, prefix),
      ...(isWanted ? [] : ['must be spec.names.plural+"."+spec.group']),
    ];
  },
  default_(definition) {
    const { spec: own } = definition;
    own.names.singular ||= own.names.kind.toLowerCase();
    if (own.names.kind) own.names.listKind ||= `${own.names.kind}List`;
    own.conversion ??= { strategy: 'None' };
    const { service } = own.conversion.webhook?.clientConfig ?? {};
    if (service) service.port ??= 443;
  },
  prepareForCreate(definition) {
    definition.metadata.generation = 1;
    definition.status = {
      conditions: null as never,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: null as never,
    };
    addStoredVersion(definition);
  },
  prepareForUpdate(definition, old) {
    if (old.status) definition.status = { ...old.status };
    const { generation = 0 } = old.metadata;
    definition.metadata.generation = generation + (equal(definition.spec, old.spec) ? 0 : 1);
    addStoredVersion(definition);
  },
  validate(definition) {
    return all(
      validateSpec(internalSpec(definition.spec)),
      validateStatus(definition),
      validateApproval(definition),
      validatePreserving(definition),
    );
  },
  warningsOnCreate: ({ spec: own }) => formatWarnings(unrecognizedFormats(own)),
  validateUpdate(definition, old) {
    const { spec: own } = definition;
    const isEstablished = (old.status?.conditions ?? []).some(
      ({ type, status: is }) => type === 'Established' && is === 'True',
    );
    return all(
      validateSpec(internalSpec(own), internalSpec(old.spec)),
      isEstablished && [
        validateImmutable(own.scope, old.spec.scope, spec.child('scope')),
        validateImmutable(own.names.kind, old.spec.names.kind, spec.child('names', 'kind')),
      ],
      validateImmutable(own.group, old.spec.group, spec.child('group')),
      validateImmutable(own.names.plural, old.spec.names.plural, spec.child('names', 'plural')),
      validateStatus(definition),
      validateApproval(definition, old),
      !old.spec.preserveUnknownFields && validatePreserving(definition),
    );
  },
  warningsOnUpdate({ spec: own }, { spec: old }) {
    const known = unrecognizedFormats(old);
    return formatWarnings(unrecognizedFormats(own).filter((format) => !known.includes(format)));
  },
  subresources: {
    status: {
      validateUpdate: ({ status: own }) =>
        own?.acceptedNames ? validateNames(own.acceptedNames, status.child('acceptedNames')) : [],
    },
  },
};

/** The version that is stored counts as one that was. */
function addStoredVersion(definition: CustomResourceDefinition): void {
  const versions =
    (definition.spec.versions as CustomResourceDefinitionSpec['versions'] | null) ?? [];
  const stored = versions.find(({ storage }) => storage)?.name;
  const { storedVersions } = definition.status ?? {};
  if (stored === undefined || storedVersions?.includes(stored)) return;
  definition.status = {
    ...definition.status,
    storedVersions: [...(storedVersions ?? []), stored],
  };
}

const formatWarnings = (formats: readonly string[]): string[] =>
  formats.map((format) => `unrecognized format "${format}"`);

function validateStatus({ spec: own, status: seen }: CustomResourceDefinition): FieldError[] {
  const at = status.child('storedVersions');
  const stored = seen?.storedVersions ?? [];
  const versions = (own.versions as CustomResourceDefinitionSpec['versions'] | null) ?? [];
  const gone = stored.filter((name) => !versions.some((version) => version.name === name));
  return all(
    seen?.acceptedNames && validateNames(seen.acceptedNames, status.child('acceptedNames')),
    !stored.length
      ? invalid(at, seen?.storedVersions ?? null, 'must have at least one stored version')
      : [
          versions
            .filter(({ name, storage }, index) => {
              // Upstream strikes off what it has seen.
              const isSeen = versions.findIndex((version) => version.name === name) < index;
              return storage && (isSeen || !stored.includes(name));
            })
            .map(({ name }) => invalid(at, stored, `must have the storage version ${name}`)),
          gone.map((name) =>
            invalid(
              at.index(stored.lastIndexOf(name)),
              name,
              `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
            ),
          ),
        ],
  );
}

const validatePreserving = ({ spec: own }: CustomResourceDefinition) =>
  own.preserveUnknownFields &&
  invalid(
    spec.child('preserveUnknownFields'),
    true,
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  );
