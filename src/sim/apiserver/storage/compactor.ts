import { Disposable } from '../../../base/disposable.ts';
import { encodeUtf8 } from '../../../base/bytes.ts';
import { assert } from '../../../base/assert.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import type { CauseId } from '../../../trace/event.ts';
import type { TraceSink } from '../../../trace/sink.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyOfText } from '../../etcd/key.ts';
import type { EtcdKv } from '../../etcd/kv.ts';

const key = keyOfText('compact_rev_key');

/**
 * Compacts etcd at the revision of one interval ago. API servers agree by a key: who writes it for the n-th time is the one
 * that compacts then. Models apiserver/pkg/storage/etcd3/compact.go.
 */
export class Compactor extends Disposable {
  readonly #kv: EtcdKv;
  readonly #clock: Clock;
  readonly #trace: TraceSink;
  /** How often the key was written, and the revision then, as far as this server knows. */
  #time = 0;
  #revision = 0;

  constructor(kv: EtcdKv, clock: Clock, trace: TraceSink, interval: Micros) {
    super();
    this.#kv = kv;
    this.#clock = clock;
    this.#trace = trace;
    this.#again(interval);
  }

  #again(interval: Micros): void {
    const timer = this.#clock.setTimer(interval, () => {
      this._store.delete(timer);
      const cause = this.#trace.emit('apiserver', undefined, {
        type: 'lifecycle',
        action: 'started',
        summary: 'The API server looks whether etcd is to be compacted',
      });
      void this.#compact(cause).then(() => {
        if (!this._store.isDisposed) this.#again(interval);
      });
    });
    this._register(timer);
  }

  /** What fails is tried again when the interval is over. */
  async #compact(cause: CauseId): Promise<void> {
    try {
      const { succeeded, responses, revision } = await this.#kv.txn(
        {
          compare: [{ key, target: 'version', result: 'equal', operand: BigInt(this.#time) }],
          success: [{ op: 'put', key, value: encodeUtf8(String(this.#revision)) }],
          failure: [{ op: 'range', key }],
        },
        cause,
      );
      const before = this.#revision;
      this.#revision = revision;
      if (!succeeded) {
        const [read] = responses;
        assert(read?.op === 'range', 'a range is answered by a range');
        this.#time = read.kvs[0]?.version ?? 0;
        return;
      }
      this.#time++;
      // Not when it has only begun.
      if (before > 0) await this.#kv.compactAt(before, cause);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
    }
  }
}
