import { formatTime } from '../../base/time.ts';
import type { Clock } from '../../base/time.ts';
import type { Pod, PodCondition, PodStatus } from '../../api/types/coreV1.ts';
import type { ContainerRun } from './containerRun.ts';

interface Parts {
  readonly pod: Pod;
  readonly clock: Clock;
  readonly runs: readonly ContainerRun[];
  readonly hasSandbox: boolean;
  readonly startTime: string;
  readonly hostIp: string;
  readonly podIp: string | undefined;
}

/** The status that a kubelet reports. Models kubelet_pods.go generateAPIPodStatus and status/generate.go. */
export function podStatus(parts: Parts): PodStatus {
  const { pod, runs, hasSandbox, hostIp, podIp } = parts;
  const init = runs.filter(({ kind }) => kind !== 'app');
  const apps = runs.filter(({ kind }) => kind === 'app');
  const phase = phaseOf(pod, init, apps);
  const isInitialized =
    init.every((run) => (run.kind === 'sidecar' ? run.started : run.exitCode === 0)) ||
    phase === 'Succeeded';
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const unready = apps
    .concat(init.filter(({ kind }) => kind === 'sidecar'))
    .filter(({ ready }) => !ready);
  const notReady = isOver
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : {
        reason: 'ContainersNotReady',
        message: `containers with unready status: [${unready.map(({ container }) => container.name).join(' ')}]`,
      };
  const areReady = !isOver && unready.length === 0;
  const gates = (pod.spec?.readinessGates ?? []).filter(
    ({ conditionType }) =>
      !pod.status?.conditions?.some(
        ({ type, status }) => type === conditionType && status === 'True',
      ),
  );
  const uninitialized = {
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${init
      .filter(({ exitCode }) => exitCode !== 0)
      .map(({ container }) => container.name)
      .join(' ')}]`,
  };
  const condition = conditionMaker(parts);
  const own = [
    condition('PodReadyToStartContainers', hasSandbox && !isOver),
    condition(
      'Initialized',
      isInitialized,
      phase === 'Succeeded'
        ? { reason: 'PodCompleted' }
        : isInitialized
          ? undefined
          : uninitialized,
    ),
    condition(
      'Ready',
      areReady && gates.length === 0,
      areReady
        ? gates.length
          ? {
              reason: 'ReadinessGatesNotReady',
              message: 'the status of pod readiness gate is not "True", but False',
            }
          : undefined
        : notReady,
    ),
    condition('ContainersReady', areReady, areReady ? undefined : notReady),
    condition('PodScheduled', true),
  ];
  const others = (pod.status?.conditions ?? []).filter(
    ({ type }) => !own.some((it) => it.type === type),
  );
  return {
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: [...own, ...others],
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp !== undefined && { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: parts.startTime,
    ...(init.length && { initContainerStatuses: init.map((run) => run.status()) }),
    containerStatuses: apps.map((run) => run.status()),
    ...(pod.status?.qosClass && { qosClass: pod.status.qosClass }),
  };
}

/** Models getPhase. */
function phaseOf(
  pod: Pod,
  init: readonly ContainerRun[],
  apps: readonly ContainerRun[],
): NonNullable<PodStatus['phase']> {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const plain = init.filter(({ kind }) => kind === 'init');
  if (plain.some((run) => run.exitCode !== undefined && run.exitCode !== 0 && policy === 'Never'))
    return 'Failed';
  if (plain.some((run) => run.exitCode !== 0)) return 'Pending';
  if (apps.some((run) => run.state.waiting && !run.lastState?.terminated && run.restarts === 0))
    return 'Pending';
  if (apps.some(({ isRunning }) => isRunning)) return 'Running';
  if (apps.some(({ state }) => state.waiting)) return 'Running';
  if (policy === 'Always' && !pod.metadata.deletionTimestamp) return 'Running';
  if (apps.every(({ exitCode }) => exitCode === 0)) return 'Succeeded';
  return policy === 'OnFailure' && !pod.metadata.deletionTimestamp ? 'Running' : 'Failed';
}

function conditionMaker({ pod, clock }: Parts) {
  return (
    type: string,
    isTrue: boolean,
    why?: { reason: string; message?: string },
  ): PodCondition => {
    const status = isTrue ? 'True' : 'False';
    const known = pod.status?.conditions?.find((it) => it.type === type);
    const lastTransitionTime =
      known?.status === status && known.lastTransitionTime
        ? known.lastTransitionTime
        : formatTime(clock.now());
    return {
      ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
      type,
      status,
      lastProbeTime: null as unknown as string,
      lastTransitionTime,
      ...(why && { reason: why.reason }),
      ...(why?.message !== undefined && { message: why.message }),
    };
  };
}
