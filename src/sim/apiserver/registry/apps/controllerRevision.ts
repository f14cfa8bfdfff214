import { FieldPath, required } from '../../../../api/field.ts';
import type { ControllerRevision } from '../../../../api/types/appsV1.ts';
import { all, atLeastZero } from '../shared/checks.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

const data = FieldPath.of('data');
const revisionPath = FieldPath.of('revision');

/** Models kubernetes/pkg/registry/apps/controllerrevision. */
export const controllerRevisionStrategy: Strategy<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['update', 'create'],
  validate: (revision) => {
    const value: unknown = revision.data;
    return all(
      atLeastZero(revision.revision, revisionPath),
      value === undefined || value === null
        ? required(data, 'data is mandatory')
        : (typeof value !== 'object' || Array.isArray(value)) &&
            required(data, 'data must be a valid JSON object'),
    );
  },
  validateUpdate: (revision, old) =>
    all(
      atLeastZero(revision.revision, revisionPath),
      validateImmutable(revision.data, old.data, data),
    ),
};
