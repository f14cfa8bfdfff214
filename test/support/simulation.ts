import fs from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { JsonObject, KubeObject } from '../../src/api/meta.ts';
import { encodeUtf8 } from '../../src/base/bytes.ts';
import { millisecond, second } from '../../src/base/time.ts';
import type { Pod } from '../../src/api/types/coreV1.ts';
import { Cluster } from '../../src/sim/cluster.ts';
import { EventLoop } from '../../src/sim/time/eventLoop.ts';
import { TraceLog } from '../../src/trace/log.ts';
import { drain } from './drain.ts';
import { plainTokens } from './plainTokens.ts';
import { admin } from './testApi.ts';

export interface SimulationOptions {
  readonly seed?: number;
  readonly nodes?: number;
  /** 1 unless given. */
  readonly etcdMembers?: number;
  /** How many trace events are kept. */
  readonly traceCapacity?: number;
  readonly drain?: () => Promise<void>;
}

/** A whole cluster in this process, in virtual time: etcd to kubelets, without doors. */
export class Simulation {
  readonly loop: EventLoop;
  readonly trace: TraceLog;
  readonly cluster: Cluster;

  private constructor(options: SimulationOptions) {
    const start = Date.parse('2026-11-21T04:00:00Z') * millisecond;
    this.loop = new EventLoop(start, options.drain ?? drain);
    this.trace = new TraceLog(this.loop, options.traceCapacity);
    this.cluster = new Cluster({
      seed: options.seed ?? 1,
      nodes: options.nodes ?? 3,
      loop: this.loop,
      trace: this.trace,
      tokens: plainTokens,
      caPem: 'a certificate',
      etcdMembers: Array.from({ length: options.etcdMembers ?? 1 }, (_, index) => ({
        id: BigInt(index + 1),
        name: `etcd-${index + 1}`,
        peerUrls: [`http://127.0.0.1:${2380 + 100 * index}`],
      })),
    });
  }

  /** A cluster whose nodes are all Ready. */
  static async start(options: SimulationOptions = {}): Promise<Simulation> {
    const simulation = new Simulation(options);
    await simulation.settle(simulation.cluster.start());
    await simulation.run(10);
    return simulation;
  }

  /** Runs virtual time until a promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => void (isDone = true);
    promise.then(done, done);
    await this.loop.runWhile(() => !isDone, Number.POSITIVE_INFINITY);
    return promise;
  }

  async run(seconds: number): Promise<void> {
    await this.loop.runUntil(this.loop.now() + seconds * second);
  }

  /** Lets time pass until something holds, which is looked at every second. Returns whether it did within `seconds`. */
  async until(holds: () => Promise<boolean>, seconds: number): Promise<boolean> {
    for (let passed = 0; passed < seconds; passed++) {
      if (await holds()) return true;
      await this.run(1);
    }
    return holds();
  }

  /** As the admin would with kubectl: a command is one root, and all it leads to follows from it. */
  async request(
    method: string,
    url: string,
    body?: object,
    contentType = 'application/json',
  ): Promise<JsonObject> {
    const cause = this.trace.emit('client/kubectl', undefined, {
      type: 'lifecycle',
      action: 'started',
      summary: 'kubectl connects to the API server',
    });
    const response = await this.settle(
      this.cluster.apiServer.handle({
        method,
        url,
        headers: { 'user-agent': 'kubectl/v1.36.3', 'content-type': contentType },
        ...(body && { body: encodeUtf8(JSON.stringify(body)) }),
        peer: admin,
        cause,
      }),
    );
    const object = response.body.kind === 'object' ? response.body.object : {};
    if (response.code >= 300)
      throw new Error(`${method} ${url}: ${response.code} ${JSON.stringify(object)}`);
    return object;
  }

  /** Creates every document of a sample. */
  async create(sample: string): Promise<void> {
    const file = path.join(import.meta.dirname, '../../samples', sample);
    for (const document of parseAllDocuments(fs.readFileSync(file, 'utf8'))) {
      const object = document.toJS() as KubeObject;
      await this.request('POST', collectionOf(object), object);
    }
  }

  async pods(namespace: string): Promise<Pod[]> {
    const list = await this.request('GET', `/api/v1/namespaces/${namespace}/pods`);
    return list['items'] as unknown as Pod[];
  }

  dispose(): void {
    this.cluster.dispose();
  }
}

/** Of the few kinds that the samples are made of. */
function collectionOf({ apiVersion, kind, metadata: { namespace } }: KubeObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${root}${within}/${kind.toLowerCase()}s`;
}

export const isReady = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  status?.phase === 'Running' &&
  (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
