import type { ContainerStatus, Pod } from '../../../api/types/coreV1.ts';
import type { Micros } from '../../../base/time.ts';
import { parseTime } from '../../../base/time.ts';
import { none, since } from './format.ts';
import type { Cell } from './printer.ts';

/** Ready, Status, Restarts, Age, IP, Node, Nominated Node, Readiness Gates. Models printPod. */
export function podCells(pod: Pod, age: string, now: Micros): Cell[] {
  const { spec, status } = pod;
  const view = new PodView(pod);
  const total = (spec?.containers.length ?? 0) + view.sidecars.size;
  const gates = spec?.readinessGates ?? [];
  const ready = gates.filter(({ conditionType }) =>
    status?.conditions?.some(
      ({ type, status: value }) => type === conditionType && value === 'True',
    ),
  ).length;
  return [
    `${view.ready}/${total}`,
    view.reason,
    restartsText(view, now),
    age,
    none(status?.podIPs?.[0]?.ip ?? status?.podIP),
    none(spec?.nodeName),
    none(status?.nominatedNodeName),
    gates.length ? `${ready}/${gates.length}` : '<none>',
  ];
}

function restartsText({ restarts, lastRestart }: PodView, now: Micros): string {
  return restarts && lastRestart !== undefined
    ? `${restarts} (${since(new Date(lastRestart / 1000).toISOString(), now)} ago)`
    : String(restarts);
}

class PodView {
  ready = 0;
  restarts = 0;
  lastRestart: Micros | undefined;
  reason: string;
  readonly sidecars = new Set<string>();

  constructor({ metadata, spec, status }: Pod) {
    this.reason = status?.reason ?? status?.phase ?? '';
    const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (scheduled?.reason === 'SchedulingGated') this.reason = 'SchedulingGated';
    for (const { name, restartPolicy } of spec?.initContainers ?? [])
      if (restartPolicy === 'Always') this.sidecars.add(name);
    const isInitializing = this.#initContainers(
      status?.initContainerStatuses ?? [],
      spec?.initContainers?.length ?? 0,
    );
    const isInitialized = status?.conditions?.some(
      ({ type, status: value }) => type === 'Initialized' && value === 'True',
    );
    if (!isInitializing || isInitialized)
      this.#containers(status?.containerStatuses ?? [], isReadyCondition(status?.conditions));
    if (!metadata.deletionTimestamp) return;
    if (status?.reason === 'NodeLost') this.reason = 'Unknown';
    else if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
      this.reason = 'Terminating';
  }

  /** Whether an init container holds the pod up; the reason says which. */
  #initContainers(statuses: readonly ContainerStatus[], count: number): boolean {
    let sidecarRestarts = 0;
    for (const [index, container] of statuses.entries()) {
      this.restarts += container.restartCount;
      this.#noteRestart(container);
      const isSidecar = this.sidecars.has(container.name);
      if (isSidecar) sidecarRestarts += container.restartCount;
      const { terminated, waiting } = container.state ?? {};
      if (terminated?.exitCode === 0) continue;
      if (isSidecar && container.started) {
        if (container.ready) this.ready++;
        continue;
      }
      if (terminated)
        this.reason = `Init:${terminated.reason ?? (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)}`;
      else if (waiting?.reason && waiting.reason !== 'PodInitializing')
        this.reason = `Init:${waiting.reason}`;
      else this.reason = `Init:${index}/${count}`;
      return true;
    }
    this.restarts = sidecarRestarts;
    return false;
  }

  #containers(statuses: readonly ContainerStatus[], isPodReady: boolean): void {
    let hasRunning = false;
    for (const container of [...statuses].reverse()) {
      this.restarts += container.restartCount;
      this.#noteRestart(container);
      const { waiting, terminated, running } = container.state ?? {};
      if (waiting?.reason) this.reason = waiting.reason;
      else if (terminated?.reason) this.reason = terminated.reason;
      else if (terminated)
        this.reason = terminated.signal
          ? `Signal:${terminated.signal}`
          : `ExitCode:${terminated.exitCode}`;
      else if (container.ready && running) {
        hasRunning = true;
        this.ready++;
      }
    }
    if (this.reason === 'Completed' && hasRunning)
      this.reason = isPodReady ? 'Running' : 'NotReady';
  }

  #noteRestart({ lastState }: ContainerStatus): void {
    const at = lastState?.terminated?.finishedAt
      ? parseTime(lastState.terminated.finishedAt)
      : undefined;
    if (at !== undefined && at > (this.lastRestart ?? 0)) this.lastRestart = at;
  }
}

const isReadyCondition = (
  conditions: readonly { type: string; status: string }[] | undefined,
): boolean =>
  conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
