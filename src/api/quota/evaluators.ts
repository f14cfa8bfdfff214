import { parseTime, second, type Micros } from '../../base/time.ts';
import type { KubeObject } from '../meta.ts';
import type { GroupResource } from '../status.ts';
import { formatQuantity, parseQuantity, quantityOf, quantityValue } from '../quantity.ts';
import type { Container, PersistentVolumeClaim, Pod, Service } from '../types/coreV1.ts';
import { podLimits, podRequests, type ResourceList } from '../podResources.ts';

/** The part of a request that decides whether it is charged. */
export interface QuotaRequest {
  readonly operation: string;
  readonly subresource: string;
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
}

/** What an object costs. Models kubernetes/pkg/quota/v1/evaluator/core. */
export interface Evaluator {
  handles(request: QuotaRequest): boolean;
  /** Those of a quota's resources that this kind of object consumes. */
  matching(names: readonly string[]): readonly string[];
  usage(object: KubeObject, now: Micros): ResourceList;
  /** What the object must state and does not. */
  constraint?(names: readonly string[], object: KubeObject): string | undefined;
}

export function evaluatorFor({ group, resource }: GroupResource): Evaluator {
  const name = group ? `${resource}.${group}` : resource;
  return evaluators[name] ?? countOnly(name);
}

/** Objects are counted by `count/<resource>.<group>`, some by their plain name as well. */
function countOnly(name: string): Evaluator {
  const counters = PLAIN_COUNTERS.has(name) ? [`count/${name}`, name] : [`count/${name}`];
  return {
    handles: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    matching: (names) => names.filter((one) => counters.includes(one)),
    usage: () => Object.fromEntries(counters.map((counter) => [counter, '1'])),
  };
}

const PLAIN_COUNTERS = new Set([
  'configmaps',
  'secrets',
  'replicationcontrollers',
  'resourcequotas',
]);

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const POD_RESOURCES = new Set([
  'count/pods',
  'pods',
  ...COMPUTE,
  ...COMPUTE.map((name) => `requests.${name}`),
  ...COMPUTE.map((name) => `limits.${name}`),
]);
/** What every container must state when a quota bounds it. */
const STATED = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

const podEvaluator: Evaluator = {
  handles({ operation, subresource, object, oldObject }) {
    if (subresource === 'resize') return operation === 'UPDATE';
    if (subresource) return false;
    if (operation === 'CREATE') return true;
    return operation === 'UPDATE' && isTerminating(object) !== isTerminating(oldObject);
  },
  matching: (names) => names.filter((name) => POD_RESOURCES.has(name) || isExtended(name)),
  usage(object, now) {
    const pod = object as Pod;
    if (!counts(pod, now)) return { 'count/pods': '1' };
    return { 'count/pods': '1', ...computeUsage(podRequests(pod), podLimits(pod)) };
  },
  constraint(names, object) {
    const pod = object as Pod;
    const own = pod.spec?.resources;
    if (Object.keys({ ...own?.requests, ...own?.limits }).length) return undefined;
    const wanted = names.filter((name) => STATED.has(name));
    const missing = new Map<string, Set<string>>();
    const containers: readonly Container[] = [
      ...(pod.spec?.containers ?? []),
      ...(pod.spec?.initContainers ?? []),
    ];
    for (const { name, resources } of containers) {
      const has = computeUsage(resources?.requests ?? {}, resources?.limits ?? {});
      for (const one of wanted)
        if (has[one] === undefined) missing.set(one, (missing.get(one) ?? new Set()).add(name));
    }
    if (!missing.size) return undefined;
    const texts = [...missing.keys()]
      .sort()
      .map((one) => `${one} for: ${[...(missing.get(one) ?? [])].sort().join(',')}`);
    return `must specify ${texts.join('; ')}`;
  },
};

const isTerminating = (object: KubeObject | undefined): boolean =>
  ((object as Pod | undefined)?.spec?.activeDeadlineSeconds ?? -1) >= 0;

const isExtended = (name: string): boolean =>
  name.startsWith('hugepages-') ||
  name.startsWith('requests.hugepages-') ||
  (name.startsWith('requests.') && name.slice('requests.'.length).includes('/'));

/** A finished Pod, and one whose grace is over, uses nothing. Models QuotaV1Pod. */
function counts({ status, metadata }: Pod, now: Micros): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  const due = metadata.deletionTimestamp && parseTime(metadata.deletionTimestamp);
  const grace = metadata.deletionGracePeriodSeconds;
  return !due || grace === undefined || now <= due + grace * second;
}

/** Models podComputeUsageHelper. */
function computeUsage(
  requests: Readonly<Record<string, string>>,
  limits: Readonly<Record<string, string>>,
): ResourceList {
  const usage: ResourceList = { pods: '1' };
  for (const [name, value] of Object.entries(requests)) {
    const isCompute = COMPUTE.includes(name);
    if (isCompute || name.startsWith('hugepages-')) usage[name] = value;
    if (isCompute || name.startsWith('hugepages-') || name.includes('/'))
      usage[`requests.${name}`] = value;
  }
  for (const [name, value] of Object.entries(limits))
    if (COMPUTE.includes(name)) usage[`limits.${name}`] = value;
  return usage;
}

const SERVICE_RESOURCES = new Set([
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
]);

const serviceEvaluator: Evaluator = {
  handles: ({ subresource }) => subresource === '',
  matching: (names) => names.filter((name) => SERVICE_RESOURCES.has(name)),
  usage(object) {
    const { spec } = object as Service;
    const ports = spec?.ports ?? [];
    const isBalancer = spec?.type === 'LoadBalancer';
    const chosen = ports.filter(({ nodePort }) => nodePort).length;
    const nodePorts =
      spec?.type === 'NodePort'
        ? ports.length
        : isBalancer
          ? spec.allocateLoadBalancerNodePorts === false
            ? chosen
            : ports.length
          : 0;
    return {
      'count/services': '1',
      services: '1',
      'services.nodeports': String(nodePorts),
      'services.loadbalancers': isBalancer ? '1' : '0',
    };
  },
};

const CLASS = '.storageclass.storage.k8s.io/';

const claimEvaluator: Evaluator = {
  handles: ({ subresource }) => subresource === '',
  matching: (names) =>
    names.filter((name) =>
      ['persistentvolumeclaims', 'requests.storage'].some(
        (one) => name === one || name.endsWith(CLASS + one) || name === `count/${one}`,
      ),
    ),
  usage(object) {
    const claim = object as PersistentVolumeClaim;
    const storageClass =
      claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ??
      claim.spec?.storageClassName;
    const size = claim.spec?.resources?.requests?.['storage'];
    const usage: ResourceList = {
      persistentvolumeclaims: '1',
      'count/persistentvolumeclaims': '1',
    };
    if (storageClass) usage[`${storageClass}${CLASS}persistentvolumeclaims`] = '1';
    if (size !== undefined) {
      const whole = roundedUp(size);
      usage['requests.storage'] = whole;
      if (storageClass) usage[`${storageClass}${CLASS}requests.storage`] = whole;
    }
    return usage;
  },
};

/** Storage is counted in whole bytes. */
function roundedUp(size: string): string {
  const quantity = parseQuantity(size);
  return formatQuantity(
    quantity.nanos % 1_000_000_000n === 0n
      ? quantity
      : quantityOf(quantityValue(quantity), quantity.format),
  );
}

const evaluators: Readonly<Record<string, Evaluator>> = {
  pods: podEvaluator,
  services: serviceEvaluator,
  persistentvolumeclaims: claimEvaluator,
};
