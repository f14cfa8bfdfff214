import type {
  Container,
  PodSpec,
  Probe,
  LifecycleHandler,
  Volume,
  ResourceRequirements,
} from '../../../../api/types/coreV1.ts';

import type { ObjectMeta } from '../../../../api/meta.ts';
import { formatQuantity } from '../../../../api/quantity.ts';
import { defaultClaimSpec } from '../shared/claimSpec.ts';
import { isHugePages, isOvercommitAllowed, isPodLevel } from '../shared/resources.ts';
import { roundAmounts } from '../shared/resourceLists.ts';
import { aggregate } from './resources.ts';

// What the API server fills into pod specs. Models kubernetes/pkg/apis/core/v1 SetDefaults_*.

/** For pods and pod templates alike. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.restartPolicy ??= 'Always';
  if (spec.terminationGracePeriodSeconds === undefined) spec.terminationGracePeriodSeconds = 30;
  spec.securityContext ??= {};
  spec.schedulerName ||= 'default-scheduler';
  // The old name of the field follows the new one.
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of [
    ...(spec.initContainers ?? []),
    ...((spec.containers as Container[] | null) ?? []),
    ...((spec.ephemeralContainers ?? []) as unknown as Container[]),
  ])
    defaultContainer(container);
  roundAmounts(spec.overhead, spec.resources?.limits, spec.resources?.requests);
}

const oldAnnotations = ['beta', 'alpha'].flatMap((stage) =>
  ['init-containers', 'init-container-statuses'].map(
    (what) => `pod.${stage}.kubernetes.io/${what}`,
  ),
);

/** Where init containers stood before they were a field. Models dropInitContainerAnnotations. */
export function dropOldAnnotations({ annotations }: ObjectMeta): void {
  for (const name of oldAnnotations) delete annotations?.[name];
}

/** For pods only: requests from limits, service links, ports of the host's network. */
export function defaultPod(spec: PodSpec): void {
  for (const container of [
    ...(spec.initContainers ?? []),
    ...((spec.containers as Container[] | null) ?? []),
  ])
    defaultRequests(container.resources);
  defaultPodResources(spec);
  if (spec.enableServiceLinks === undefined) spec.enableServiceLinks = true;
  if (!spec.hostNetwork) return;
  for (const container of [
    ...((spec.containers as Container[] | null) ?? []),
    ...(spec.initContainers ?? []),
  ]) {
    for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
}

function defaultRequests(resources: ResourceRequirements | undefined): void {
  if (!resources?.limits) return;
  resources.requests = { ...resources.requests };
  for (const [name, limit] of Object.entries(resources.limits)) resources.requests[name] ??= limit;
}

/** What the pod as a whole has follows from its containers, where it says anything of it. */
function defaultPodResources(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources) return;
  const { limits = {}, requests = {} } = resources;
  if (Object.keys(limits).length || Object.keys(requests).length) {
    for (const [name, sum] of aggregate(spec, 'limits'))
      if (isHugePages(name) && requests[name] === undefined) limits[name] ??= formatQuantity(sum);
    if (Object.keys(limits).length) resources.limits = limits;
  }
  if (!Object.keys(limits).length) return;
  for (const [name, sum] of aggregate(spec, 'requests'))
    if (isPodLevel(name) && isOvercommitAllowed(name)) requests[name] ??= formatQuantity(sum);
  for (const [name, limit] of Object.entries(limits))
    if (isPodLevel(name)) requests[name] ??= limit;
  if (Object.keys(requests).length) resources.requests = requests;
}

function defaultContainer(container: Container): void {
  roundAmounts(container.resources?.limits, container.resources?.requests);
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent';
  for (const variable of container.env ?? []) {
    const from = variable.valueFrom;
    if (from?.fieldRef) from.fieldRef.apiVersion ||= 'v1';
    if (from?.fileKeyRef) from.fileKeyRef.optional ??= false;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
    defaultProbe(probe);
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop])
    defaultHandler(handler);
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return;
  defaultHandler(probe);
  if (probe.grpc) probe.grpc.service ??= '';
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
}

function defaultHandler(handler: LifecycleHandler | Probe | undefined): void {
  if (!handler?.httpGet) return;
  handler.httpGet.path ||= '/';
  handler.httpGet.scheme ??= 'HTTP';
}

const defaultMode = 420;

export function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  if (volume.secret) volume.secret.defaultMode ??= defaultMode;
  if (volume.configMap) volume.configMap.defaultMode ??= defaultMode;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= defaultMode;
    for (const item of volume.downwardAPI.items ?? [])
      if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= defaultMode;
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
      for (const item of source.downwardAPI?.items ?? [])
        if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
    }
  }
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= 'default';
  if (volume.rbd) {
    volume.rbd.pool ||= 'rbd';
    volume.rbd.user ||= 'admin';
    volume.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.kind ??= 'Shared';
    volume.azureDisk.fsType ??= 'ext4';
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned';
    volume.scaleIO.fsType ||= 'xfs';
  }
  if (volume.image && !volume.image.pullPolicy)
    volume.image.pullPolicy = isLatest(volume.image.reference ?? '') ? 'Always' : 'IfNotPresent';
  const claim = volume.ephemeral?.volumeClaimTemplate;
  if (claim) defaultClaimSpec(claim.spec);
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^((?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?${component}(?:/${component})*)(:[\\w][\\w.-]{0,127})?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

/** With the registry that is meant when none is named. Models distribution/reference splitDockerDomain. */
function qualified(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (!rest.length) return `docker.io/library/${name}`;
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  return isDomain ? name : `docker.io/${name}`;
}

/** Whether an image reference means the tag `latest`: it names it, or no tag and no digest. What is no reference does not. */
function isLatest(image: string): boolean {
  const match = reference.exec(image);
  if (!match || /^[a-f0-9]{64}$/.test(image)) return false;
  const [, name = '', tag, digest] = match;
  if (qualified(name).length > 255) return false;
  return tag === ':latest' || (tag === undefined && digest === undefined);
}
