import { EtcdError, grpcCode } from '../../../sim/etcd/errors.ts';
import type { RangeRequest } from '../../../sim/etcd/kv.ts';
import type { Etcd } from '../services.ts';
import { single, type Family } from './prometheus.ts';

// Models go.etcd.io/etcd/server/v3/etcdserver/api/etcdhttp health.go.

export interface HttpAnswer {
  readonly code: number;
  readonly type?: 'text/plain; charset=utf-8' | 'application/json';
  readonly body: string;
}

/** How Go's server answers with an error. */
export const errorAnswer = (code: number, message: string): HttpAnswer => ({
  code,
  type: 'text/plain; charset=utf-8',
  body: `${message}\n`,
});

type Check = (etcd: Etcd) => Promise<void> | void;

/** One key at most, whichever. */
const anyKey: RangeRequest = { key: '\0', rangeEnd: '\0', keysOnly: true, limit: 1 };

const readCheck =
  (isSerializable: boolean): Check =>
  async ({ server }) => {
    await server().read(anyKey, isSerializable);
  };

/** In an order that a person can follow; etcd's own differs from call to call. */
const checks: Readonly<Record<'livez' | 'readyz', Readonly<Record<string, Check>>>> = {
  livez: { serializable_read: readCheck(true) },
  readyz: {
    // Nothing here corrupts data: there is no such alarm.
    data_corruption: () => undefined,
    serializable_read: readCheck(true),
    linearizable_read: readCheck(false),
    non_learner: ({ server }) => {
      if (server().status.isLearner)
        throw new EtcdError(grpcCode.failedPrecondition, 'not supported for learner');
    },
  },
};

/** Whether a member is well, as load balancers and probes ask. Counts its answers. */
export class Health {
  readonly #etcd: Etcd;
  #successes = 0;
  #failures = 0;
  /** By type, name and status. */
  readonly #counts = new Map<string, number>();
  readonly #last = new Map<string, boolean>();

  constructor(etcd: Etcd) {
    this.#etcd = etcd;
  }

  /** Answers a path of its own; undefined: it is another's. */
  async answer({ pathname, searchParams }: URL): Promise<HttpAnswer | undefined> {
    if (pathname === '/health') return this.#health(searchParams);
    const [, type, name, ...more] = pathname.split('/');
    if ((type !== 'livez' && type !== 'readyz') || more.length) return undefined;
    const known = Object.keys(checks[type]);
    if (name !== undefined && !known.includes(name)) return undefined;
    const excluded = name === undefined ? searchParams.getAll('exclude') : [];
    const asked = name === undefined ? known.filter((it) => !excluded.includes(it)) : [name];
    const results = await Promise.all(asked.map((it) => this.#check(type, it)));
    const reason = results.map(({ line }) => `${line}\n`).join('');
    if (results.some(({ isGood }) => !isGood)) return errorAnswer(503, reason);
    const body = `${searchParams.has('verbose') ? reason : ''}ok\n`;
    return { code: 200, type: 'text/plain; charset=utf-8', body };
  }

  families(): Family[] {
    return [
      single(
        'counter',
        'etcd_server_health_success',
        'The total number of successful health checks',
        this.#successes,
      ),
      single(
        'counter',
        'etcd_server_health_failures',
        'The total number of failed health checks',
        this.#failures,
      ),
      {
        name: 'etcd_server_healthcheck',
        help: 'The result of each kind of healthcheck.',
        type: 'gauge',
        samples: [...this.#last].map(([id, isGood]) => {
          const [type = '', name = ''] = id.split('/');
          return { labels: { name, type }, value: Number(isGood) };
        }),
      },
      {
        name: 'etcd_server_healthchecks_total',
        help: 'The total number of each kind of healthcheck.',
        type: 'counter',
        samples: [...this.#counts].map(([id, value]) => {
          const [type = '', name = '', status = ''] = id.split('/');
          return { labels: { name, status, type }, value };
        }),
      },
    ].filter(({ samples }) => samples.length) as Family[];
  }

  async #health(query: URLSearchParams): Promise<HttpAnswer> {
    const reason = await this.#reasonNotToBe(query);
    if (reason === undefined) this.#successes++;
    else this.#failures++;
    const body = JSON.stringify({ health: String(reason === undefined), reason: reason ?? '' });
    return reason === undefined
      ? { code: 200, type: 'text/plain; charset=utf-8', body }
      : errorAnswer(503, body);
  }

  async #reasonNotToBe(query: URLSearchParams): Promise<string | undefined> {
    const { store, server } = this.#etcd;
    const isSerializable = query.get('serializable') === 'true';
    if (store.space.isFull && !query.getAll('exclude').includes('NOSPACE')) return 'ALARM NOSPACE';
    if (!isSerializable && !server().hasLeader) return 'RAFT NO LEADER';
    try {
      await server().read(anyKey, isSerializable);
      return undefined;
    } catch (error) {
      return `RANGE ERROR:${messageOf(error)}`;
    }
  }

  async #check(
    type: 'livez' | 'readyz',
    name: string,
  ): Promise<{ readonly isGood: boolean; readonly line: string }> {
    let problem: string | undefined;
    try {
      await checks[type][name]?.(this.#etcd);
    } catch (error) {
      problem = messageOf(error);
    }
    const isGood = problem === undefined;
    const status = `${type}/${name}/${isGood ? 'success' : 'error'}`;
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
    this.#last.set(`${type}/${name}`, isGood);
    return { isGood, line: isGood ? `[+]${name} ok` : `[-]${name} failed: ${problem}` };
  }
}

/** What is no error of etcd's is a bug, and goes on. */
function messageOf(error: unknown): string {
  if (error instanceof EtcdError) return error.message;
  throw error;
}
