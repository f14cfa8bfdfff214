import { Disposable } from '../../base/disposable.ts';
import { formatTime, millisecond, second } from '../../base/time.ts';
import { equal, type JsonValue } from '../../api/meta.ts';
import { pods } from '../../api/resources.ts';
import { isStatus, StatusError } from '../../api/status.ts';
import type { Container, Pod, PodStatus } from '../../api/types/coreV1.ts';
import type { CauseId } from '../../trace/event.ts';
import type { Client } from '../client/client.ts';
import { ContainerRun, type Kind } from './containerRun.ts';
import type { PodContext } from './podContext.ts';
import { podStatus } from './podStatus.ts';

/** Where a pod gets its address. */
export interface Addresses {
  readonly host: string;
  take(cause: CauseId): Promise<string>;
}

const syncPeriod = 10 * second;

/**
 * The life of one pod on its node: sandbox, volumes, init containers one by one, then the others side by side; its status
 * after every change; and its end. Models pod_workers.go and kuberuntime SyncPod.
 */
export class PodWorker extends Disposable {
  readonly #client: Client;
  readonly #context: PodContext;
  readonly #addresses: Addresses;
  readonly #runs: ContainerRun[];
  #podIp: string | undefined;
  #hasSandbox = false;
  #startTime: string;
  #status: PodStatus | undefined;
  /** The revision of the last report. */
  #reportedAt = Number.POSITIVE_INFINITY;
  #dirty: CauseId | undefined;
  #isWriting = false;
  #isStopping = false;
  #isOver = false;

  constructor(client: Client, context: PodContext, addresses: Addresses) {
    super();
    this.#client = client;
    this.#context = context;
    this.#addresses = addresses;
    const { pod } = context;
    this.#startTime = pod.status?.startTime ?? formatTime(context.clock.now());
    const run = (container: Container, kind: Kind) =>
      this._register(new ContainerRun(container, kind, context, (cause) => this.#changed(cause)));
    this.#runs = [
      ...(pod.spec?.initContainers ?? []).map((container) =>
        run(container, container.restartPolicy === 'Always' ? 'sidecar' : 'init'),
      ),
      ...(pod.spec?.containers ?? []).map((container) => run(container, 'app')),
    ];
    for (const it of this.#runs)
      if (
        it.kind !== 'init' &&
        pod.spec?.initContainers?.some(({ restartPolicy }) => restartPolicy !== 'Always')
      )
        it.state = { waiting: { reason: 'PodInitializing' } };
  }

  run(name: string): ContainerRun | undefined {
    return this.#runs.find(({ container }) => container.name === name);
  }

  /** Begins to work, or goes on with what an earlier kubelet had running. */
  async start(cause: CauseId): Promise<void> {
    const { pod } = this.#context;
    if (pod.status?.containerStatuses?.some(({ state }) => state?.running)) {
      this.#adopt(pod);
      return;
    }
    const admitted = this.#context.note('admitted', 'The node has room for the Pod', cause);
    this.#changed(admitted);
    if (!(await this.#mount(admitted))) return;
    await this.#context.clock.sleep(this.#context.between(120 * millisecond, 320 * millisecond));
    if (this.#isStopping) return;
    this.#podIp = pod.spec?.hostNetwork
      ? this.#addresses.host
      : await this.#addresses.take(admitted);
    this.#hasSandbox = true;
    const sandbox = this.#context.note(
      'sandboxCreated',
      `The sandbox is there, with the address ${this.#podIp}`,
      admitted,
    );
    this.#changed(sandbox);
    this.#startNext(sandbox);
  }

  /** The API server has a newer version of the pod. */
  update(pod: Pod, cause: CauseId): void {
    this.#context.pod = pod;
    if (pod.metadata.deletionTimestamp && !this.#isStopping) void this.#stop(cause);
    else if (pod.spec?.readinessGates) this.#changed(cause);
    else if (this.#isOverruled(pod)) {
      this.#status = pod.status;
      this.#changed(cause);
    }
  }

  /**
   * Somebody said that it is not ready when this node could not be heard. Models pkg/kubelet/status status_manager
   * needsReconcile.
   */
  #isOverruled({ metadata, status }: Pod): boolean {
    return (
      Number(metadata.resourceVersion) > this.#reportedAt &&
      isReady(this.#status) &&
      !isReady(status)
    );
  }

  #adopt(pod: Pod): void {
    this.#hasSandbox = true;
    this.#podIp = pod.status?.podIP;
    this.#status = pod.status;
    this.#reportedAt = Number(pod.metadata.resourceVersion);
    const known = [
      ...(pod.status?.initContainerStatuses ?? []),
      ...(pod.status?.containerStatuses ?? []),
    ];
    for (const run of this.#runs) {
      const status = known.find(({ name }) => name === run.container.name);
      if (status) run.adopt(status);
    }
  }

  /** Waits for the ConfigMaps and Secrets of the volumes. */
  async #mount(cause: CauseId): Promise<boolean> {
    let wait = second / 2;
    for (let at = cause; !this.#isStopping;) {
      const missing = await this.#context.missingVolume(at);
      if (missing === undefined) return true;
      this.#context.event('Warning', 'FailedMount', missing, at);
      await this.#context.clock.sleep(wait);
      wait = Math.min(122 * second, wait * 2);
      at = this.#context.timer('tries to mount the volumes again', at);
    }
    return false;
  }

  /** Starts what is due: init containers in order, a sidecar before what follows it, then all the others. */
  #startNext(cause: CauseId): void {
    if (this.#isStopping) return;
    for (const run of this.#runs) {
      if (run.kind === 'app') break;
      if (run.kind === 'init' && run.exitCode === 0) continue;
      if (run.kind === 'sidecar' && run.started) continue;
      if (!this.#begun.has(run)) this.#begin(run, cause);
      return;
    }
    for (const run of this.#runs) {
      if (run.kind !== 'app' || this.#begun.has(run)) continue;
      run.state = { waiting: { reason: 'ContainerCreating' } };
      this.#begin(run, cause);
    }
  }

  readonly #begun = new Set<ContainerRun>();

  #begin(run: ContainerRun, cause: CauseId): void {
    this.#begun.add(run);
    void run.start(cause);
  }

  #changed(cause: CauseId): void {
    if (this._store.isDisposed) return;
    if (this.#hasSandbox) this.#startNext(cause);
    this.#dirty = cause;
    if (!this.#isWriting) void this.#write();
  }

  /** Reports the status; changes that come meanwhile go into the next report. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#dirty !== undefined && !this._store.isDisposed) {
      const cause = this.#dirty;
      // Several changes of one moment are one report.
      await this.#context.clock.sleep(10 * millisecond);
      this.#dirty = this.#dirty === cause ? undefined : this.#dirty;
      await this.#report(cause);
    }
    this.#isWriting = false;
  }

  async #report(cause: CauseId): Promise<void> {
    const { pod, clock } = this.#context;
    const status = podStatus({
      pod,
      clock,
      runs: this.#runs,
      hasSandbox: this.#hasSandbox,
      startTime: this.#startTime,
      hostIp: this.#addresses.host,
      podIp: this.#podIp,
    });
    if (equal(status, this.#status)) return;
    const before = this.#status;
    this.#status = status;
    this.#reportedAt = Number.POSITIVE_INFINITY;
    const changed = this.#context.note('statusChanged', `The Pod is ${status.phase ?? ''}`, cause);
    const { namespace = '', name = '', uid } = pod.metadata;
    try {
      const updated = await this.#client.patch(
        pods,
        namespace,
        name,
        'strategic',
        { metadata: { uid: uid ?? '' }, status } as unknown as JsonValue,
        { cause: changed },
        { subresource: 'status' },
      );
      this.#reportedAt = Number(updated.metadata.resourceVersion);
      if (!this.#context.pod.metadata.deletionTimestamp) this.#context.pod = updated;
    } catch (error) {
      if (isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return;
      this.#status = before;
      this.#later(error, () => this.#changed(cause));
    }
  }

  /** Tries again what the server refused, or had no time for. Models pkg/kubelet/status status_manager syncBatch. */
  #later(error: unknown, again: () => void): void {
    if (!(error instanceof StatusError)) throw error;
    this._register(this.#context.clock.setTimer(syncPeriod, again));
  }

  async #stop(cause: CauseId): Promise<void> {
    this.#isStopping = true;
    const { pod } = this.#context;
    const grace = (pod.metadata.deletionGracePeriodSeconds ?? 30) * second;
    const stop = (kinds: readonly Kind[]) =>
      Promise.all(
        this.#runs.filter(({ kind }) => kinds.includes(kind)).map((run) => run.stop(grace, cause)),
      );
    await stop(['app', 'init']);
    await stop(['sidecar']);
    if (this._store.isDisposed) return;
    this.#hasSandbox = false;
    await this.#report(cause);
    await this.#remove(cause);
  }

  /** The containers are gone: the object may go. */
  async #remove(cause: CauseId): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const { namespace = '', name = '', uid } = this.#context.pod.metadata;
    const removed = this.#context.note(
      'removed',
      'The containers are gone; the Pod may be removed',
      cause,
    );
    try {
      await this.#client.delete(
        pods,
        namespace,
        name,
        { gracePeriodSeconds: 0, ...(uid !== undefined && { preconditions: { uid } }) },
        { cause: removed },
      );
    } catch (error) {
      if (isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return;
      this.#isOver = false;
      this.#later(error, () => void this.#remove(cause));
    }
  }
}

const isReady = (status: PodStatus | undefined): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
