import bootstrap from '../../../../api/facts/v1.36/bootstrap/prioritylevelconfigurations.json' with { type: 'json' };
import {
  fieldForbidden,
  FieldPath,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import { equal } from '../../../../api/meta.ts';
import type {
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../../../api/types/flowcontrolV1.ts';
import { all, within, type Found, type Loose } from '../shared/checks.ts';
import type { Strategy } from '../strategy.ts';
import { mandatorySpec, validateConditionTypes } from './flowSchema.ts';

const spec = FieldPath.of('spec');
const mandatory = ['exempt', 'catch-all'];
const zeroShares = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

/** Models kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration and pkg/apis/flowcontrol/validation. */
export const priorityLevelConfigurationStrategy: Strategy<PriorityLevelConfiguration> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  hasGeneration: true,
  metaOnUpdate: ['create'],
  default_({ spec: own }) {
    if (own?.exempt) {
      own.exempt.nominalConcurrencyShares ??= 0;
      own.exempt.lendablePercent ??= 0;
    }
    if (!own?.limited) return;
    own.limited.nominalConcurrencyShares ??= 30;
    own.limited.lendablePercent ??= 0;
    const queuing = own.limited.limitResponse?.queuing;
    if (!queuing) return;
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
  validate,
  validateUpdate: validate,
  subresources: {
    status: { validateUpdate: ({ status }) => validateConditionTypes(status?.conditions) },
  },
};

function validate({ metadata, spec: own, status }: PriorityLevelConfiguration): FieldError[] {
  const { name = '', annotations } = metadata;
  const given = own ?? ({} as PriorityLevelConfigurationSpec);
  return all(
    annotations?.[zeroShares] !== undefined &&
      fieldForbidden(
        FieldPath.of('metadata', 'annotations'),
        `annotation '${zeroShares}' is forbidden`,
      ),
    validateSpec(given, name),
    validateMandatory(given, name),
    validateConditionTypes(status?.conditions),
  );
}

function validateMandatory(own: PriorityLevelConfigurationSpec, name: string): FieldError[] {
  const fixed = mandatorySpec(bootstrap, mandatory, name) as
    PriorityLevelConfigurationSpec | undefined;
  if (!fixed) return [];
  const isExempt = name === 'exempt';
  const compared = isExempt ? { ...own, exempt: fixed.exempt } : own;
  const except = isExempt ? " except the 'spec.exempt' field" : '';
  return equal(compared, fixed)
    ? []
    : [
        invalid(
          spec,
          internalForm('flowcontrol.PriorityLevelConfigurationSpec', own),
          `spec of '${name}'${except} must equal the fixed value`,
        ),
      ];
}

function validateSpec(own: Loose<PriorityLevelConfigurationSpec>, name: string): FieldError[] {
  const { type = '', exempt, limited } = own;
  const typeAt = spec.child('type');
  const rules = (): Found[] => {
    switch (type) {
      case 'Exempt':
        return [
          limited &&
            fieldForbidden(spec.child('limited'), 'must be nil if the type is not Limited'),
          exempt && validateShares(exempt, spec.child('exempt')),
        ];
      case 'Limited':
        return [
          exempt && fieldForbidden(spec.child('exempt'), 'must be nil if the type is Limited'),
          limited
            ? validateLimited(limited, spec.child('limited'))
            : required(spec.child('limited'), 'must not be empty when type is Limited'),
        ];
      default:
        return [type ? notSupported(typeAt, type, ['Exempt', 'Limited']) : required(typeAt)];
    }
  };
  return all(
    (name === 'exempt') !== (type === 'Exempt') &&
      invalid(typeAt, type, "must be 'Exempt' if and only if `name` is 'exempt'"),
    ...rules(),
  );
}

type Limited = NonNullable<Loose<PriorityLevelConfigurationSpec>['limited']>;

function validateLimited(limited: Limited, at: FieldPath): FieldError[] {
  const borrowing = limited.borrowingLimitPercent ?? 0;
  return all(
    validateNominal(limited, at),
    validateResponse(limited.limitResponse ?? {}, at.child('limitResponse')),
    within(limited.lendablePercent, 0, 100, at.child('lendablePercent')),
    borrowing < 0 &&
      invalid(
        at.child('borrowingLimitPercent'),
        borrowing,
        'if specified, must be a non-negative integer',
      ),
  );
}

type Shares = Pick<Limited, 'nominalConcurrencyShares' | 'lendablePercent'>;

const validateNominal = ({ nominalConcurrencyShares: shares }: Shares, at: FieldPath) =>
  (shares ?? 0) < 0 &&
  invalid(at.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer');

const validateShares = (shares: Shares, at: FieldPath): FieldError[] =>
  all(
    validateNominal(shares, at),
    within(shares.lendablePercent, 0, 100, at.child('lendablePercent')),
  );

function validateResponse({ type, queuing }: Loose<LimitResponse>, at: FieldPath): FieldError[] {
  const queuingAt = at.child('queuing');
  switch (type) {
    case 'Reject':
      return all(
        queuing &&
          fieldForbidden(queuingAt, 'must be nil if limited.limitResponse.type is not Limited'),
      );
    case 'Queue':
      return queuing
        ? validateQueuing(queuing, queuingAt)
        : [required(queuingAt, 'must not be empty if limited.limitResponse.type is Limited')];
    default:
      return [
        type
          ? notSupported(at.child('type'), type, ['Queue', 'Reject'])
          : required(at.child('type')),
      ];
  }
}

const maxQueues = 10_000_000;
const maxHashBits = 60;

function validateQueuing(queuing: Loose<QueuingConfiguration>, at: FieldPath): FieldError[] {
  const { queueLengthLimit, queues, handSize } = queuing;
  const [length, count, hand] = [queueLengthLimit ?? 0, queues ?? 0, handSize ?? 0];
  const handAt = at.child('handSize');
  const entropy = Math.ceil(Math.log2(count) * hand);
  return all(
    length <= 0 && invalid(at.child('queueLengthLimit'), length, 'must be positive'),
    count <= 0 && invalid(at.child('queues'), count, 'must be positive'),
    count > maxQueues &&
      invalid(at.child('queues'), count, `must not be greater than ${maxQueues}`),
    hand <= 0
      ? invalid(handAt, hand, 'must be positive')
      : hand > count
        ? invalid(handAt, hand, `should not be greater than queues (${count})`)
        : entropy > maxHashBits &&
          invalid(
            handAt,
            hand,
            `required entropy bits of deckSize ${count} and handSize ${hand} should not be greater than ${maxHashBits}`,
          ),
  );
}
