import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import type { APIService, APIServiceSpec } from '../../../../api/types/apiregistrationV1.ts';
import { formatTime } from '../../../../base/time.ts';
import { decodeBase64 } from '../../../../base/base64.ts';
import { all, allInvalid, each, must, oneOf } from '../shared/checks.ts';
import { isDns1035Label, isDns1123Subdomain, isPathSegment, isValidPort } from '../shared/names.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');

/** Models k8s.io/kube-aggregator/pkg/registry/apiservice and pkg/apis/apiregistration/validation. */
export const apiServiceStrategy: Strategy<APIService> = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  meta: 'plain',
  metaOnUpdate: ['update', 'create'],
  default_({ spec: own }) {
    if (own?.service) own.service.port ??= 443;
  },
  validateName(name, _prefix, { spec: own }) {
    const problems = isPathSegment(name);
    const wanted = `${own?.version ?? ''}.${own?.group ?? ''}`;
    if (problems.length || name === wanted) return problems;
    return [`must be \`spec.version+"."+spec.group\`: "${wanted}"`];
  },
  prepareForCreate(service, { now }) {
    service.status = service.spec?.service
      ? {}
      : {
          conditions: [
            {
              type: 'Available',
              status: 'True',
              lastTransitionTime: formatTime(now),
              reason: 'Local',
              message: 'Local APIServices are always available',
            },
          ],
        };
  },
  prepareForUpdate(service, old) {
    service.status = old.status ?? {};
  },
  validate: ({ spec: own }) => validate(own ?? { groupPriorityMinimum: 0, versionPriority: 0 }),
  validateUpdate: ({ spec: own }) =>
    validate(own ?? { groupPriorityMinimum: 0, versionPriority: 0 }),
  subresources: {
    status: {
      metaOnUpdate: ['update'],
      validateUpdate: ({ status }) =>
        each(status?.conditions, FieldPath.of('status', 'conditions'), (condition, at) =>
          oneOf(condition.status, ['True', 'False', 'Unknown'], at.child('status')),
        ),
    },
  },
};

function validate(own: APIServiceSpec): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum, versionPriority, service } = own;
  const caBundle = decodeBase64(own.caBundle ?? '')?.length ?? 0;
  const insecure = own.insecureSkipTLSVerify ?? false;
  const insecureAt = spec.child('insecureSkipTLSVerify');
  const serviceAt = spec.child('service');
  const ports = service ? isValidPort(service.port ?? 0) : [];
  return all(
    !group &&
      version !== 'v1' &&
      required(spec.child('group'), 'only v1 may have an empty group and it better be legacy kube'),
    group && allInvalid(spec.child('group'), group, isDns1123Subdomain(group)),
    allInvalid(spec.child('version'), version, isDns1035Label(version)),
    (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20000) &&
      invalid(
        spec.child('groupPriorityMinimum'),
        groupPriorityMinimum,
        'must be positive and less than 20000',
      ),
    (versionPriority <= 0 || versionPriority > 1000) &&
      invalid(
        spec.child('versionPriority'),
        versionPriority,
        'must be positive and less than 1000',
      ),
    service
      ? [
          must(service.namespace, serviceAt.child('namespace')),
          must(service.name, serviceAt.child('name')),
          ports.length > 0 &&
            invalid(
              serviceAt.child('port'),
              service.port ?? 0,
              `port is not valid: ${ports.join(', ')}`,
            ),
          insecure &&
            caBundle > 0 &&
            invalid(insecureAt, true, 'may not be true if caBundle is present'),
        ]
      : [
          caBundle > 0 &&
            invalid(
              spec.child('caBundle'),
              `${caBundle} bytes`,
              'local APIServices may not have a caBundle',
            ),
          insecure &&
            invalid(insecureAt, true, 'local APIServices may not have insecureSkipTLSVerify'),
        ],
  );
}
