import { Disposable } from '../../base/disposable.ts';
import { millisecond, second } from '../../base/time.ts';
import type { JsonObject } from '../../api/meta.ts';
import type { AdmissionOptions } from '../../sim/apiserver/admission/choice.ts';
import { Cluster } from '../../sim/cluster.ts';
import { dryRun } from '../../sim/dryRun.ts';
import { EventLoop } from '../../sim/time/eventLoop.ts';
import type { DryRunRequest, DryRunResult } from '../../source/port.ts';
import { TraceLog } from '../../trace/log.ts';
import type { TokenIssuer } from '../../sim/apiserver/authn/tokens.ts';
import { drain } from '../driver.ts';
import { createTokenIssuer, newTokenKey } from '../tokens.ts';
import { UsageError } from './usageError.ts';

const seed = 1;
const nodes = 3;

/** So long controllers have to make what a new namespace gets, and nodes to become ready. */
const settleSeconds = 10;

/** The nodes of another cluster have no kubelet here. */
const notRestored: readonly unknown[] = ['Node', 'Lease', 'CSINode'];

export interface JudgeOptions {
  /** Objects that the cluster has beforehand; a new cluster's own unless given. */
  readonly state: readonly JsonObject[];
  readonly namespace: string | undefined;
  readonly admission?: AdmissionOptions;
}

/** A cluster in this process, in virtual time and without doors, that judges documents. */
export class Judge extends Disposable {
  readonly #loop: EventLoop;
  readonly #cluster: Cluster;
  readonly #tokens: TokenIssuer;
  /** What of the state is left out, a sentence each. */
  notes: readonly string[] = [];

  private constructor(tokens: TokenIssuer, admission: AdmissionOptions) {
    super();
    this.#tokens = tokens;
    this.#loop = new EventLoop(Date.now() * millisecond, drain);
    const trace = new TraceLog(this.#loop);
    const options = {
      seed,
      nodes,
      loop: this.#loop,
      trace,
      tokens,
      caPem: '',
      // Privileged containers as in clusters of kubeadm and kind.
      apiServerFlags: { ...admission, allowPrivileged: true },
    };
    this.#cluster = this._register(new Cluster(options));
  }

  /** Throws a UsageError when an object of the state cannot be read. */
  static async start({ state, namespace, admission = {} }: JudgeOptions): Promise<Judge> {
    const judge = new Judge(await createTokenIssuer(await newTokenKey()), admission);
    const { apiServer } = judge.#cluster;
    await judge.#settle(apiServer.boot());
    const kept = state.filter(({ kind }) => !notRestored.includes(kind));
    const restored = await judge.#settle(apiServer.restore(kept, namespace));
    const [problem] = restored.problems;
    if (problem !== undefined) throw new UsageError(`--cluster: ${problem}`);
    judge.notes = [
      ...restored.unknownKinds.map(
        (kind) => `--cluster: ${kind} is not served; its objects are left out.`,
      ),
      ...(kept.length < state.length
        ? [`--cluster: nodes and leases are left out; the ${nodes} simulated nodes stand for them.`]
        : []),
    ];
    judge.#cluster.startComponents();
    await judge.#loop.runUntil(judge.#loop.now() + settleSeconds * second);
    return judge;
  }

  judge(request: DryRunRequest): Promise<DryRunResult> {
    const { store, apiServer } = this.#cluster;
    const cluster = { seed, nodes, caPem: '', tokens: this.#tokens };
    return dryRun({ store, apiServer, now: this.#loop.now(), drain, cluster }, request);
  }

  /** Runs virtual time until a promise settles. */
  async #settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => void (isDone = true);
    promise.then(done, done);
    await this.#loop.runWhile(() => !isDone, Number.POSITIVE_INFINITY);
    return promise;
  }
}
