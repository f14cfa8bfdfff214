import type { ServiceAccount } from '../../../../api/types/coreV1.ts';
import type { Strategy } from '../strategy.ts';

const mountable = 'kubernetes.io/enforce-mountable-secrets';

/** Models kubernetes/pkg/registry/core/serviceaccount. */
export const serviceAccountStrategy: Strategy<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  allowUnconditionalUpdate: true,
  metaOnUpdate: ['update', 'create'],
  prepareForCreate: cleanReferences,
  warningsOnCreate: (account) => accountWarnings(account),
  prepareForUpdate: cleanReferences,
  warningsOnUpdate: (account, old) => accountWarnings(account, old),
};

/** Of secrets only the name counts. */
function cleanReferences(account: ServiceAccount): void {
  if (account.secrets)
    account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}

const accountWarnings = (account: ServiceAccount, old?: ServiceAccount): string[] =>
  account.metadata.annotations?.[mountable] === undefined ||
  old?.metadata.annotations?.[mountable] !== undefined
    ? []
    : [
        `metadata.annotations[${mountable}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
      ];
