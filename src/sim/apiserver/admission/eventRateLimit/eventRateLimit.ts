import type { JsonObject } from '../../../../api/meta.ts';
import { failure } from '../../../../api/status.ts';
import type { Event } from '../../../../api/types/coreV1.ts';
import type { Micros } from '../../../../base/time.ts';
import type { RequestAttributes } from '../../attributes.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { limitsOf, type Limit, type LimitType } from './configuration.ts';
import { TokenBucket } from './tokenBucket.ts';

const DEFAULT_CACHE_SIZE = 4096;

/** Who shares a bucket. */
const KEYS: Readonly<Record<LimitType, (attributes: RequestAttributes) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject: ({ object }) => {
    const { source, involvedObject: it } = object as Partial<Event>;
    return [
      source?.component,
      source?.host,
      it?.kind,
      it?.namespace,
      it?.name,
      it?.uid,
      it?.apiVersion,
    ].join('');
  },
};

/**
 * Lets only so many Events in. Events of events.k8s.io are not counted, as on a real server. Throws an
 * AdmissionConfigurationError. Models plugin/pkg/admission/eventratelimit.
 */
export function eventRateLimitPlugin(configuration: JsonObject | undefined): AdmissionPlugin {
  const limits = limitsOf(configuration).map((limit) => new Enforcer(limit));
  return {
    name: 'EventRateLimit',

    validate(attributes, { clock }) {
      const { group, kind, operation, dryRun } = attributes;
      if (group !== '' || kind !== 'Event') return undefined;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return undefined;
      if (dryRun) return 'A dry run is not counted.';
      const now = clock.now();
      // Every limit counts the Event, even when another one has refused it.
      const reached = limits.flatMap((limit) => limit.refusal(attributes, now) ?? []);
      if (!reached.length) return 'Within the limits of Events.';
      const [only = ''] = reached;
      const why = reached.length === 1 ? only : `[${reached.join(', ')}]`;
      throw failure(429, 'TooManyRequests', `Too many requests: ${why}`);
    },
  };
}

/** One limit: a bucket for each key, of which those used last are kept. */
class Enforcer {
  readonly #limit: Limit;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Why not; undefined when the Event is let in. */
  refusal(attributes: RequestAttributes, now: Micros): string | undefined {
    const { type } = this.#limit;
    const key = KEYS[type](attributes);
    return this.#bucket(key).take(now) ? undefined : `limit reached on type ${type} for key ${key}`;
  }

  #bucket(key: string): TokenBucket {
    const { qps, burst, cacheSize } = this.#limit;
    const bucket = this.#buckets.get(key) ?? new TokenBucket(qps, burst);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > (cacheSize || DEFAULT_CACHE_SIZE)) {
      const [oldest = ''] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    return bucket;
  }
}
