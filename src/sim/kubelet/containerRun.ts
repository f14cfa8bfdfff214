import type { IDisposable } from '../../base/disposable.ts';
import { formatTime, second, type Micros } from '../../base/time.ts';
import type { Container, ContainerState, ContainerStatus, Probe } from '../../api/types/coreV1.ts';
import type { CauseId } from '../../trace/event.ts';
import { behaviourAnnotation, behaviourOf } from './images.ts';
import type { PodContext } from './podContext.ts';

/** Models the kubelet's backoff for restarts and pulls: 10 s, doubling, at most 5 min. */
const firstBackOff: Micros = 10 * second;
const longestBackOff: Micros = 300 * second;
/** A container that ran for so long starts with a fresh backoff. */
const backOffReset: Micros = 600 * second;

export type Kind = 'init' | 'sidecar' | 'app';

/**
 * One container of a pod: from the pull of its image to its end, and again as the restart policy says. It tells the pod
 * worker about every change of its state.
 */
export class ContainerRun {
  readonly container: Container;
  readonly kind: Kind;
  readonly #context: PodContext;
  readonly #changed: (cause: CauseId) => void;
  readonly logs: { readonly time: Micros; readonly text: string }[] = [];
  previousLogs: ContainerRun['logs'] = [];
  state: ContainerState = { waiting: { reason: 'ContainerCreating' } };
  lastState: ContainerState | undefined;
  ready = false;
  started = false;
  restarts = 0;
  id = '';
  #imageId = '';
  #backOff = 0;
  #startedAt: Micros = 0;
  #stopped = false;
  #generation = 0;
  #timers = new Set<IDisposable>();

  constructor(
    container: Container,
    kind: Kind,
    context: PodContext,
    changed: (cause: CauseId) => void,
  ) {
    this.container = container;
    this.kind = kind;
    this.#context = context;
    this.#changed = changed;
  }

  get isRunning(): boolean {
    return this.state.running !== undefined;
  }

  /** Ended for good: by its restart policy it will not start again. */
  get isDone(): boolean {
    const ended = this.state.terminated;
    return ended !== undefined && (this.#stopped || !this.#restartsAfter(ended.exitCode));
  }

  get exitCode(): number | undefined {
    return this.state.terminated?.exitCode;
  }

  /** Takes over a container that an earlier kubelet had running. */
  adopt(status: ContainerStatus): void {
    this.state = status.state ?? this.state;
    this.lastState = status.lastState;
    this.restarts = status.restartCount;
    this.id = (status.containerID ?? '').replace('containerd://', '');
    this.#imageId = status.imageID;
    this.ready = status.ready;
    this.started = status.started ?? false;
    this.#startedAt = this.#context.clock.now();
    if (this.isRunning) this.#probe(this.#context.started);
  }

  async start(cause: CauseId): Promise<void> {
    const generation = ++this.#generation;
    const { container } = this;
    const pulled = await this.#pull(cause, generation);
    if (pulled === undefined || this.#isOver(generation)) return;
    const missing = await this.#context.missingConfig(container, pulled);
    if (this.#isOver(generation)) return;
    if (missing !== undefined) {
      this.#wait('CreateContainerConfigError', missing, pulled);
      this.#context.event('Warning', 'Failed', `Error: ${missing}`, pulled, this);
      this.#later(
        15 * second,
        'tries to create the container again',
        pulled,
        (again) => void this.start(again),
      );
      return;
    }
    this.id = this.#context.hexId();
    const created = this.#note('containerCreated', 'Container created', pulled);
    this.#context.event('Normal', 'Created', 'Container created', created, this);
    await this.#context.clock.sleep(this.#context.between(20_000, 60_000));
    if (this.#isOver(generation)) return;
    this.#startedAt = this.#context.clock.now();
    this.state = { running: { startedAt: formatTime(this.#startedAt) } };
    const running = this.#note('containerStarted', 'Container started', created);
    this.#context.event('Normal', 'Started', 'Container started', running, this);
    this.#run(running);
  }

  /** Asks it to end, and ends it when the grace is over. */
  stop(graceUs: Micros, cause: CauseId): Promise<void> {
    this.#stopped = true;
    const wasRunning = this.isRunning;
    this.#generation++;
    this.#clearTimers();
    if (!wasRunning) return Promise.resolve();
    this.#context.event(
      'Normal',
      'Killing',
      `Stopping container ${this.container.name}`,
      cause,
      this,
    );
    const killing = this.#note('killing', `Stopping container ${this.container.name}`, cause);
    // Servers end quickly when they are asked to; what only sleeps has to be killed.
    const behaviour = this.#behaviour();
    const obeys = behaviour.log.length > 0 || behaviour.exit === undefined;
    const wait = obeys ? Math.min(graceUs, this.#context.between(200_000, 900_000)) : graceUs;
    return this.#context.clock.sleep(wait).then(() => {
      this.#terminate(obeys ? 0 : 137, obeys ? 'Completed' : 'Error', killing);
    });
  }

  status(): ContainerStatus {
    const { name, image = '' } = this.container;
    return {
      name,
      state: this.state,
      lastState: this.lastState ?? {},
      ready: this.ready,
      restartCount: this.restarts,
      image: this.#imageId ? this.#context.fullName(image) : image,
      imageID: this.#imageId,
      ...(this.id && { containerID: `containerd://${this.id}` }),
      started: this.started,
    };
  }

  dispose(): void {
    this.#stopped = true;
    this.#generation++;
    this.#clearTimers();
  }

  #isOver(generation: number): boolean {
    return this.#stopped || generation !== this.#generation;
  }

  #behaviour() {
    return behaviourOf(
      this.container,
      this.#context.pod.metadata.annotations?.[behaviourAnnotation(this.container.name)],
    );
  }

  /** The event that went before creation; undefined when the image is not to be had now (it is tried again later). */
  async #pull(cause: CauseId, generation: number): Promise<CauseId | undefined> {
    const { image = '', imagePullPolicy } = this.container;
    const cached = this.#context.images.get(image);
    if (cached !== undefined && imagePullPolicy !== 'Always') {
      this.#imageId = cached;
      const at = this.#note(
        'pulled',
        `Container image "${image}" already present on machine and can be accessed by the pod`,
        cause,
      );
      this.#context.event(
        'Normal',
        'Pulled',
        `Container image "${image}" already present on machine and can be accessed by the pod`,
        at,
        this,
      );
      return at;
    }
    if (imagePullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      this.#wait('ErrImageNeverPull', message, this.#note('pullFailed', message, cause));
      this.#context.event('Warning', 'ErrImageNeverPull', message, cause, this);
      return undefined;
    }
    const pulling = this.#note('pullStarted', `Pulling image "${image}"`, cause);
    this.#context.event('Normal', 'Pulling', `Pulling image "${image}"`, pulling, this);
    const begun = this.#context.clock.now();
    const result = await this.#context.pull(image);
    if (this.#isOver(generation)) return undefined;
    if ('error' in result) {
      this.#pullFailed(image, result.error, pulling);
      return undefined;
    }
    this.#imageId = result.id;
    this.#backOff = 0;
    const took = goDuration(this.#context.clock.now() - begun);
    const text = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${result.bytes} bytes.`;
    const at = this.#note('pulled', text, pulling);
    this.#context.event('Normal', 'Pulled', text, at, this);
    return at;
  }

  #pullFailed(image: string, error: string, cause: CauseId): void {
    const failed = this.#note('pullFailed', `Failed to pull image "${image}": ${error}`, cause);
    this.#context.event(
      'Warning',
      'Failed',
      `Failed to pull image "${image}": ${error}`,
      failed,
      this,
    );
    this.#context.event('Warning', 'Failed', 'Error: ErrImagePull', failed, this);
    this.#wait('ErrImagePull', error, failed);
    this.#later(second, 'looks at the failed pull', failed, (soon) => {
      const message = `Back-off pulling image "${image}"`;
      this.#context.event('Normal', 'BackOff', message, soon, this);
      this.#context.event('Warning', 'Failed', 'Error: ImagePullBackOff', soon, this);
      this.#wait(
        'ImagePullBackOff',
        `${message}: ErrImagePull: ${error}`,
        this.#note('backOff', message, soon),
      );
      this.#later(
        this.#nextBackOff(),
        `pulls ${image} again`,
        soon,
        (again) => void this.start(again),
      );
    });
  }

  #run(cause: CauseId): void {
    const behaviour = this.#behaviour();
    for (const text of behaviour.log) this.logs.push({ time: this.#context.clock.now(), text });
    const { startupProbe, readinessProbe } = this.container;
    this.started = startupProbe === undefined;
    this.ready = this.started && readinessProbe === undefined;
    this.#changed(cause);
    if (behaviour.exit) {
      const { after, code } = behaviour.exit;
      this.#later(after, `${this.container.name} ends by itself`, cause, (at) =>
        this.#ended(code, at),
      );
    }
    this.#probe(cause);
  }

  #ended(code: number, cause: CauseId): void {
    this.#clearTimers();
    const ended = this.#terminate(code, code === 0 ? 'Completed' : 'Error', cause);
    if (!this.#restartsAfter(code)) return;
    if (this.#context.clock.now() - this.#startedAt > backOffReset) this.#backOff = 0;
    // The first restart comes at once; then the pauses grow.
    if (this.#backOff === 0) {
      this.#backOff = firstBackOff;
      this.#later(second, `restarts ${this.container.name}`, ended, (at) => this.#restart(at));
      return;
    }
    const wait = this.#nextBackOff();
    const { pod } = this.#context;
    const message = `Back-off restarting failed container ${this.container.name} in pod ${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`;
    this.#later(second, 'looks at the ended container', ended, (soon) => {
      const at = this.#note('backOff', message, soon);
      this.#context.event('Warning', 'BackOff', message, at, this);
      this.lastState = this.state;
      this.#wait(
        'CrashLoopBackOff',
        `back-off ${goSeconds(wait)} restarting failed container=${this.container.name} pod=${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`,
        at,
      );
      this.#later(wait, `restarts ${this.container.name}`, at, (again) => this.#restart(again));
    });
  }

  #restart(cause: CauseId): void {
    if (this.state.terminated) this.lastState = this.state;
    this.restarts++;
    this.previousLogs = this.logs.splice(0);
    void this.start(cause);
  }

  #restartsAfter(code: number): boolean {
    const policy =
      this.kind === 'sidecar' ? 'Always' : (this.#context.pod.spec?.restartPolicy ?? 'Always');
    if (this.kind === 'init') return code !== 0 && policy !== 'Never';
    return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
  }

  #terminate(code: number, reason: string, cause: CauseId): CauseId {
    this.ready = false;
    this.started = false;
    this.state = {
      terminated: {
        exitCode: code,
        reason,
        startedAt: formatTime(this.#startedAt),
        finishedAt: formatTime(this.#context.clock.now()),
        containerID: `containerd://${this.id}`,
      },
    };
    return this.#note(
      'containerExited',
      `Container ${this.container.name} ended with exit code ${code}`,
      cause,
    );
  }

  #wait(reason: string, message: string, cause: CauseId): void {
    this.ready = false;
    this.state = { waiting: { reason, message } };
    this.#changed(cause);
  }

  #nextBackOff(): Micros {
    this.#backOff = Math.min(
      longestBackOff,
      this.#backOff === 0 ? firstBackOff : this.#backOff * 2,
    );
    return this.#backOff;
  }

  /** Probes succeed while the container runs: what it serves is as healthy as its declared behaviour. */
  #probe(cause: CauseId): void {
    const { startupProbe, readinessProbe } = this.container;
    const readiness = (at: CauseId): void => {
      if (!readinessProbe || this.ready) return;
      this.#later(
        delayOf(readinessProbe),
        `probes the readiness of ${this.container.name}`,
        at,
        (due) => this.#succeed('readiness', due),
      );
    };
    if (startupProbe && !this.started) {
      this.#later(
        delayOf(startupProbe),
        `probes the start of ${this.container.name}`,
        cause,
        (due) => {
          this.started = true;
          if (!readinessProbe) this.ready = true;
          this.#changed(
            this.#note('probe', `The startup probe of ${this.container.name} succeeds`, due),
          );
          readiness(due);
        },
      );
    } else readiness(cause);
  }

  #succeed(what: string, cause: CauseId): void {
    this.ready = true;
    this.#changed(
      this.#note('probe', `The ${what} probe of ${this.container.name} succeeds`, cause),
    );
  }

  #later(delay: Micros, what: string, cause: CauseId, run: (cause: CauseId) => void): void {
    const generation = this.#generation;
    const timer = this.#context.clock.setTimer(delay, () => {
      this.#timers.delete(timer);
      if (!this.#isOver(generation)) run(this.#context.timer(what, cause));
    });
    this.#timers.add(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) timer.dispose();
    this.#timers.clear();
  }

  #note(action: Parameters<PodContext['note']>[0], summary: string, cause: CauseId): CauseId {
    const at = this.#context.note(action, summary, cause, this.container.name);
    if (action === 'containerExited') this.#changed(at);
    return at;
  }
}

const delayOf = (probe: Probe): Micros =>
  Math.max(1, probe.initialDelaySeconds ?? 0) * second +
  ((probe.successThreshold ?? 1) - 1) * (probe.periodSeconds ?? 10) * second;

/** Microseconds as Go prints a duration: `1.8s`, `640ms`. */
function goDuration(micros: Micros): string {
  if (micros < second) return `${Math.round(micros / 1000)}ms`;
  return `${Number((micros / second).toFixed(3))}s`;
}

const goSeconds = (micros: Micros): string => {
  const seconds = micros / second;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
};
