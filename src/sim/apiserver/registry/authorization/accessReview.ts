import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import type { JsonObject } from '../../../../api/meta.ts';
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  LocalSubjectAccessReview,
  NonResourceAttributes,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from '../../../../api/types/authorizationV1.ts';
import { all, each, must, type Found, type Loose } from '../shared/checks.ts';
import { validateLabelRequirement, validateOperator } from '../shared/labels.ts';

export type AccessReview = SubjectAccessReview | SelfSubjectAccessReview | LocalSubjectAccessReview;

const spec = FieldPath.of('spec');
const [pathAt, resourceAt] = [
  spec.child('nonResourceAttributes'),
  spec.child('resourceAttributes'),
];

/** Models kubernetes/pkg/apis/authorization/validation. */
export function validateAccessReview({ kind, metadata, spec: given }: AccessReview): FieldError[] {
  const own = given as Loose<SubjectAccessReviewSpec>;
  const { resourceAttributes: resource, nonResourceAttributes: path, user, groups } = own;
  const isSelf = kind === 'SelfSubjectAccessReview';
  const isLocal = kind === 'LocalSubjectAccessReview';
  return all(
    path &&
      resource &&
      invalid(pathAt, printed(path), 'cannot be specified in combination with resourceAttributes'),
    !path &&
      !resource &&
      invalid(
        resourceAt,
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    !isSelf &&
      !user &&
      !groups?.length &&
      invalid(spec.child('user'), '', 'at least one of user or group must be specified'),
    resource && [
      validateSelector(resource.fieldSelector, resourceAt.child('fieldSelector'), validateField),
      validateSelector(resource.labelSelector, resourceAt.child('labelSelector'), (one, at) =>
        validateLabelRequirement(one, at, { anyOperator: true }),
      ),
    ],
    !isEmpty({ ...metadata, managedFields: null, ...(isLocal && { namespace: null }) }) &&
      invalid(
        FieldPath.of('metadata'),
        metadata,
        isLocal ? 'must be empty except for namespace' : 'must be empty',
      ),
    isLocal && [
      resource &&
        (resource.namespace ?? '') !== (metadata.namespace ?? '') &&
        invalid(
          resourceAt.child('namespace'),
          resource.namespace ?? '',
          'must match metadata.namespace',
        ),
      path && invalid(pathAt, printed(path), 'disallowed on this kind of request'),
    ],
  );
}

const printed = ({ path, verb }: Loose<NonResourceAttributes>): JsonObject => ({
  Path: path ?? '',
  Verb: verb ?? '',
});

const isEmpty = (metadata: object): boolean =>
  Object.values(metadata as JsonObject).every(
    (value) =>
      value === undefined ||
      value === null ||
      value === '' ||
      (typeof value === 'object' && !Object.keys(value).length),
  );

type Selector = FieldSelectorAttributes | LabelSelectorAttributes;
type Requirement<T extends Selector> = Loose<NonNullable<T['requirements']>[number]>;

function validateSelector<T extends Selector>(
  selector: Loose<T> | null | undefined,
  at: FieldPath,
  validate: (requirement: Requirement<T>, at: FieldPath) => Found,
): Found {
  if (!selector) return [];
  const { rawSelector: raw, requirements } = selector as {
    readonly rawSelector?: string;
    readonly requirements?: readonly Requirement<T>[] | null;
  };
  return [
    raw &&
      !!requirements?.length &&
      invalid(at.child('rawSelector'), raw, 'may not specified at the same time as requirements'),
    !raw &&
      !requirements?.length &&
      required(
        at.child('requirements'),
        `when ${at.toString()} is specified, requirements or rawSelector is required`,
      ),
    each(requirements, at.child('requirements'), validate),
  ];
}

const validateField = (requirement: Requirement<FieldSelectorAttributes>, at: FieldPath): Found => [
  must(requirement.key, at.child('key'), 'must be specified'),
  validateOperator(requirement, at, true),
];
