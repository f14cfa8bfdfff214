import {
  duplicate,
  fieldForbidden,
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../../api/types/certificatesV1.ts';
import { formatTime } from '../../../../base/time.ts';
import { all, each, must, seenBefore, type Found } from '../shared/checks.ts';
import { diffOf } from '../shared/immutable.ts';
import { validateSignerName } from '../shared/signers.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';
import { certificateProblem, requestProblem } from './pem.ts';

type Request = CertificateSigningRequest;

const spec = FieldPath.of('spec');
const conditionsAt = FieldPath.of('status', 'conditions');
const certificateAt = FieldPath.of('status', 'certificate');
const legacySigner = 'kubernetes.io/legacy-unknown';

/** Models kubernetes/pkg/registry/certificates/certificates and pkg/apis/certificates/validation. */
export const certificateSigningRequestStrategy: Strategy<Request> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  metaOnUpdate: ['create', 'update'],
  validateName: () => [],
  prepareForCreate(request, { attributes }) {
    const { name, uid, groups, extra } = attributes.user;
    const { spec: own } = request;
    for (const key of ['username', 'uid', 'groups', 'extra'] as const) delete own[key];
    if (name) own.username = name;
    if (uid) own.uid = uid;
    if (groups.length) own.groups = [...groups];
    if (Object.keys(extra).length)
      own.extra = Object.fromEntries(Object.entries(extra).map(([key, of]) => [key, [...of]]));
    request.status = {};
  },
  prepareForUpdate(request, old) {
    request.spec = old.spec;
    request.status = old.status ?? {};
  },
  validate: (request) => validate(request),
  validateUpdate: (request, old) => validateUpdate(request, old, {}),
  subresources: {
    status: {
      prepareForUpdate(request, old, context) {
        request.spec = old.spec;
        keepConditions(request, old, ['Approved', 'Denied']);
        fillTimes(request, old, context);
      },
      validateUpdate: (request, old) => validateUpdate(request, old, { setsCertificate: true }),
    },
    approval: {
      prepareForUpdate(request, old, context) {
        fillTimes(request, old, context);
        const { conditions } = request.status ?? {};
        request.spec = old.spec;
        request.status = { ...old.status, ...(conditions && { conditions }) };
      },
      validateUpdate: (request, old) => validateUpdate(request, old, { setsApproval: true }),
    },
  },
  selectableFields: ({ spec: { signerName } }) => ({ 'spec.signerName': signerName }),
};

const conditionsOf = (request: Request, type?: string): CertificateSigningRequestCondition[] =>
  (request.status?.conditions ?? []).filter((one) => type === undefined || one.type === type);

/** Approval is not the status's to change: what is there as often as before stays as it was. */
function keepConditions(request: Request, old: Request, types: readonly string[]): void {
  for (const type of types) {
    const before = conditionsOf(old, type);
    if (before.length !== conditionsOf(request, type).length) continue;
    const conditions = conditionsOf(request).map((one) =>
      one.type === type ? (before.shift() ?? one) : one,
    );
    if (conditions.length) request.status = { ...request.status, conditions };
  }
}

function fillTimes(request: Request, old: Request, { now }: StrategyContext): void {
  const time = formatTime(now);
  const conditions = conditionsOf(request).map((one) => ({
    ...one,
    lastUpdateTime: one.lastUpdateTime ?? time,
    lastTransitionTime:
      one.lastTransitionTime ??
      conditionsOf(old, one.type).find(
        ({ status, lastTransitionTime }) => status === one.status && lastTransitionTime,
      )?.lastTransitionTime ??
      time,
  }));
  if (conditions.length) request.status = { ...request.status, conditions };
}

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

const isRepeated = (list: readonly string[]): boolean => new Set(list).size < list.length;

function validate(request: Request, old?: Request): FieldError[] {
  const { spec: own } = request;
  const { signerName, expirationSeconds: seconds } = own;
  const given = own.usages ?? [];
  const usagesAt = spec.child('usages');
  const before = old?.spec.usages ?? [];
  const seen = seenBefore();
  const problem = requestProblem(own.request);
  return all(
    problem !== undefined && invalid(spec.child('request'), own.request, problem),
    must(given, usagesAt),
    before.every((usage) => usages.includes(usage)) &&
      each(
        given,
        usagesAt,
        (usage, at) => !usages.includes(usage) && notSupported(at, usage, usages),
      ),
    !isRepeated(before) &&
      each(given, usagesAt, (usage, at) => seen(usage) && duplicate(at, usage)),
    signerName === legacySigner && old?.spec.signerName !== legacySigner
      ? invalid(
          spec.child('signerName'),
          signerName,
          'the legacy signerName is not allowed via this API version',
        )
      : validateSignerName(signerName, spec.child('signerName')),
    seconds !== undefined &&
      seconds < 600 &&
      invalid(
        spec.child('expirationSeconds'),
        seconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    validateConditions(request, old),
    validateCertificate(request, old),
  );
}

const alwaysTrue = ['Approved', 'Denied', 'Failed'];

function validateConditions(request: Request, old: Request | undefined): Found {
  const before = conditionsOf(old ?? request).map(({ type }) => type);
  const wasBoth = !!old && ['Approved', 'Denied'].every((type) => before.includes(type));
  const types = conditionsOf(request).map(({ type }) => type);
  const seen = seenBefore();
  return each(conditionsOf(request), conditionsAt, ({ type, status }, at, index) => {
    const valid = alwaysTrue.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    const other = { Approved: 'Denied', Denied: 'Approved' }[type];
    return [
      !(old && before.includes('')) && must(type, at.child('type')),
      !status
        ? required(at.child('status'))
        : !valid.includes(status) && notSupported(at.child('status'), status, valid),
      !wasBoth &&
        other !== undefined &&
        types.slice(0, index).includes(other) &&
        invalid(conditionsAt, type, 'Approved and Denied conditions are mutually exclusive'),
      seen(type) && !(old && isRepeated(before)) && duplicate(at.child('type'), type),
    ];
  });
}

function validateCertificate({ status }: Request, old: Request | undefined): Found {
  const { certificate } = status ?? {};
  const before = old?.status?.certificate;
  const isKept = old && ((before ?? '') === (certificate ?? '') || !!certificateProblem(before));
  const problem = certificateProblem(certificate);
  return !isKept && problem !== undefined && invalid(certificateAt, '<certificate data>', problem);
}

function validateUpdate(
  request: Request,
  old: Request,
  allowed: { readonly setsApproval?: boolean; readonly setsCertificate?: boolean },
): FieldError[] {
  const count = (of: Request, type: string): number => conditionsOf(of, type).length;
  const isOther = (request.status?.certificate ?? '') !== (old.status?.certificate ?? '');
  return all(
    validate(request, old),
    alwaysTrue.map(
      (type) =>
        count(request, type) < count(old, type) &&
        fieldForbidden(conditionsAt, `updates may not remove a condition of type "${type}"`),
    ),
    !allowed.setsApproval &&
      ['Approved', 'Denied'].map((type) => {
        const [now, before] = [conditionsOf(request, type), conditionsOf(old, type)];
        if (now.length > before.length)
          return fieldForbidden(conditionsAt, `updates may not add a condition of type "${type}"`);
        return (
          now.length === before.length &&
          !equal(now, before) &&
          fieldForbidden(
            conditionsAt,
            `updates may not modify a condition of type "${type}"\n${diffOf(before, now)}`,
          )
        );
      }),
    isOther &&
      (!allowed.setsCertificate
        ? fieldForbidden(certificateAt, 'updates may not set certificate content')
        : old.status?.certificate &&
          fieldForbidden(certificateAt, 'updates may not modify existing certificate content')),
  );
}
