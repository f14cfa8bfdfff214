import { safeSuffix } from '../../../../base/random.ts';
import { serviceaccounts } from '../../../../api/resources.ts';
import type {
  Container,
  Pod,
  PodSpec,
  ServiceAccount,
  Volume,
} from '../../../../api/types/coreV1.ts';
import type { RequestAttributes } from '../../attributes.ts';
import { isPathSegment } from '../../registry/shared/names.ts';
import type { AdmissionContext, AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';
import { refuse } from '../refuse.ts';
import { secretReferenceProblem } from './secretReferences.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
const ENFORCE = 'kubernetes.io/enforce-mountable-secrets';

/** Gives Pods a ServiceAccount and its token. Models kubernetes/plugin/pkg/admission/serviceaccount. */
export const serviceAccount = {
  name: 'ServiceAccount',

  async admit(attributes, object, context) {
    if (!isPod(attributes, object) || attributes.operation !== 'CREATE') return undefined;
    const spec = (object.spec ??= { containers: [] });
    if (object.metadata.annotations?.[MIRROR] !== undefined)
      return 'A mirror Pod has no ServiceAccount.';
    if (!spec.serviceAccountName) {
      spec.serviceAccountName = 'default';
      spec.serviceAccount = 'default';
    }
    const account = await accountOf(attributes, spec.serviceAccountName, context);
    const mounts =
      spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    if (mounts) mountToken(spec, context);
    if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
      spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => ({
        ...(name && { name }),
      }));
    check(attributes, object, account);
    return mounts
      ? `Uses ServiceAccount ${spec.serviceAccountName}; its token is mounted.`
      : `Uses ServiceAccount ${spec.serviceAccountName}, without a token.`;
  },

  async validate(attributes, context) {
    const { object } = attributes;
    if (!isPod(attributes, object) || attributes.operation !== 'CREATE') return undefined;
    if (object.metadata.annotations?.[MIRROR] !== undefined) return mirror(attributes, object);
    const name = object.spec?.serviceAccountName;
    if (!name)
      throw refuse(
        attributes,
        `no service account specified for pod ${attributes.namespace}/${object.metadata.name ?? ''}`,
      );
    check(attributes, object, await accountOf(attributes, name, context));
    return `ServiceAccount ${name} exists.`;
  },
} satisfies AdmissionPlugin;

async function accountOf(
  attributes: RequestAttributes,
  name: string,
  context: AdmissionContext,
): Promise<ServiceAccount> {
  const problems = isPathSegment(name);
  const account = problems.length
    ? undefined
    : await context.get(serviceaccounts, attributes.namespace, name);
  if (account) return account;
  const why = problems.length
    ? `invalid resource name "${name}": [${problems.join(' ')}]`
    : `serviceaccount "${name}" not found`;
  throw refuse(
    attributes,
    `error looking up service account ${attributes.namespace}/${name}: ${why}`,
  );
}

function check(attributes: RequestAttributes, pod: Pod, account: ServiceAccount): void {
  const enforced = account.metadata.annotations?.[ENFORCE];
  if (!['1', 't', 'T', 'true', 'TRUE', 'True'].includes(enforced ?? '')) return;
  const problem = secretReferenceProblem(pod, account);
  if (problem) throw refuse(attributes, problem);
}

function mirror(attributes: RequestAttributes, pod: Pod): string {
  if (pod.spec?.serviceAccountName)
    throw refuse(attributes, 'a mirror pod may not reference service accounts');
  for (const volume of pod.spec?.volumes ?? []) {
    if (volume.secret) throw refuse(attributes, 'a mirror pod may not reference secrets');
    if (volume.projected?.sources?.some((source) => source.serviceAccountToken))
      throw refuse(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
  return 'A mirror Pod refers to no ServiceAccount.';
}

function mountToken(spec: PodSpec, { random }: AdmissionContext): void {
  const existing = spec.volumes?.find(({ name }) => name.startsWith(VOLUME_PREFIX));
  const name = existing?.name ?? VOLUME_PREFIX + safeSuffix(random);
  // Validation, which wants containers, comes later.
  const own = spec.containers as readonly Container[] | null;
  const containers: readonly Container[] = [...(spec.initContainers ?? []), ...(own ?? [])];
  let needed = false;
  for (const container of containers) {
    if (container.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH)) continue;
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      { name, readOnly: true, mountPath: MOUNT_PATH },
    ];
    needed = true;
  }
  if (needed && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [
            {
              path: 'namespace',
              fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
            },
          ],
        },
      },
    ],
    defaultMode: 420,
  },
});
