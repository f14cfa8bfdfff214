import { FieldPath, invalid } from '../../../../api/field.ts';
import type { Lease } from '../../../../api/types/coordinationV1.ts';
import { all, atLeastZero } from '../shared/checks.ts';
import type { Strategy } from '../strategy.ts';

const spec = FieldPath.of('spec');

/** Models kubernetes/pkg/registry/coordination/lease, with coordinated leader election off as it is by default. */
export const leaseStrategy: Strategy<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  meta: 'plain',
  prepareForCreate: dropCoordination,
  prepareForUpdate: dropCoordination,
  validate,
  validateUpdate: validate,
};

function dropCoordination(lease: Lease): void {
  delete lease.spec?.strategy;
  delete lease.spec?.preferredHolder;
}

function validate({ spec: own }: Lease) {
  const seconds = own?.leaseDurationSeconds;
  return all(
    seconds !== undefined &&
      seconds <= 0 &&
      invalid(spec.child('leaseDurationSeconds'), seconds, 'must be greater than 0'),
    atLeastZero(own?.leaseTransitions, spec.child('leaseTransitions')),
  );
}
