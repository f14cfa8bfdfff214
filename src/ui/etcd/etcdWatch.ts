import { Disposable, toDisposable, type IDisposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import type { EtcdStatus } from '../../source/etcd.ts';
import type { ClusterSource } from '../../source/port.ts';

const periodMs = 1000;

/** Asks etcd how it is, once a second, as long as somebody looks. */
export class EtcdWatch extends Disposable {
  readonly #source: ClusterSource;
  readonly #onDidChange = this._register(new Emitter<EtcdStatus | undefined>());
  /** A new picture; undefined: the cluster does not run. */
  readonly onDidChange = this.#onDidChange.event;
  #status: EtcdStatus | undefined;
  #lookers = 0;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<EtcdStatus | undefined> | undefined;

  readonly #onProblem: (message: string) => void;

  constructor(source: ClusterSource, onProblem: (message: string) => void) {
    super();
    this.#onProblem = onProblem;
    this.#source = source;
    this._register(source.onDidChangeState(() => void this.ask()));
    this._register(source.etcd.onDidChange(() => void this.ask()));
    this._register({ dispose: () => clearInterval(this.#timer) });
  }

  get status(): EtcdStatus | undefined {
    return this.#status;
  }

  /** Keeps asking until what it returns is disposed. */
  look(): IDisposable {
    this.#lookers++;
    this.#timer ??= setInterval(() => void this.ask(), periodMs);
    void this.ask();
    let isOver = false;
    return toDisposable(() => {
      if (isOver) return;
      isOver = true;
      if (--this.#lookers) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  /** Who asks while a question is open gets its answer. */
  async ask(): Promise<EtcdStatus | undefined> {
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  async #answer(): Promise<EtcdStatus | undefined> {
    const isRunning = (): boolean => this.#source.state.phase === 'running';
    if (!isRunning()) return undefined;
    try {
      return await this.#source.etcd.status();
    } catch (error) {
      // A cluster that is stopped while it is asked has no answer.
      if (isRunning()) this.#onProblem(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  async #ask(): Promise<EtcdStatus | undefined> {
    try {
      const status = await this.#answer();
      if (this._store.isDisposed) return undefined;
      this.#status = status;
      this.#onDidChange.fire(status);
      return status;
    } finally {
      this.#asking = undefined;
    }
  }
}
