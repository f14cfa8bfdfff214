import type { Container, Pod, ServiceAccount } from '../../../../api/types/coreV1.ts';

/** Which secret a Pod may not use, where its account names all that it may. Models limitSecretReferences. */
export function secretReferenceProblem(pod: Pod, account: ServiceAccount): string | undefined {
  const allowed = new Set((account.secrets ?? []).map(({ name }) => name));
  const tail = `is not allowed because service account ${account.metadata.name ?? ''} does not reference that`;
  for (const { secret } of pod.spec?.volumes ?? [])
    if (secret && !allowed.has(secret.secretName))
      return `volume with secret.secretName="${secret.secretName ?? ''}" ${tail} secret`;
  const groups: readonly (readonly [string, readonly Container[]])[] = [
    ['init container', pod.spec?.initContainers ?? []],
    ['container', pod.spec?.containers ?? []],
  ];
  for (const [title, containers] of groups)
    for (const container of containers) {
      const problem = containerProblem(title, container, allowed);
      if (problem) return `${problem} ${tail} secret`;
    }
  const pulls = new Set((account.imagePullSecrets ?? []).map(({ name }) => name));
  for (const [index, { name = '' }] of (pod.spec?.imagePullSecrets ?? []).entries())
    if (!pulls.has(name))
      return `imagePullSecrets[${index}].name="${name}" ${tail} imagePullSecret`;
  return undefined;
}

function containerProblem(
  title: string,
  container: Container,
  allowed: ReadonlySet<string | undefined>,
): string | undefined {
  for (const { name, valueFrom } of container.env ?? []) {
    const secret = valueFrom?.secretKeyRef?.name;
    if (valueFrom?.secretKeyRef && !allowed.has(secret))
      return `${title} ${container.name} with envVar ${name} referencing secret.secretName="${secret ?? ''}"`;
  }
  for (const { secretRef } of container.envFrom ?? [])
    if (secretRef && !allowed.has(secretRef.name))
      return `${title} ${container.name} with envFrom referencing secret.secretName="${secretRef.name ?? ''}"`;
  return undefined;
}
