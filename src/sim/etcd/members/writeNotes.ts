import type { Cause, ComponentId, EventBody, EventId } from '../../../trace/event.ts';
import type { TraceSink } from '../../../trace/sink.ts';

/** How many writes are remembered: a member that is further behind gets a snapshot. */
const capacity = 20_000;

/**
 * Every member writes the same into its store; the trace has it once, when the first of them does. Its cause is who asked
 * for it, beside the commit.
 */
export class WriteNotes implements TraceSink {
  readonly #trace: TraceSink;
  readonly #known = new Map<string, EventId>();
  /** The commit that is being applied. */
  commit: EventId = 0;
  /** What a member had on its disk was written in another run: all of it stands for this event, that of its start. */
  loading: EventId | undefined;

  constructor(trace: TraceSink) {
    this.#trace = trace;
  }

  emit(component: ComponentId, cause: Cause | EventId | undefined, body: EventBody): EventId {
    if (this.loading !== undefined) return this.loading;
    const name =
      'revision' in body ? `${body.type} ${body.revision} ${'key' in body ? body.key : ''}` : '';
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const leading = typeof cause === 'object' ? cause.cause : cause;
    const also = this.commit && this.commit !== leading ? [this.commit] : undefined;
    const id = this.#trace.emit(
      component,
      leading === undefined ? this.commit || undefined : { cause: leading, ...(also && { also }) },
      body,
    );
    if (name) this.#known.set(name, id);
    if (this.#known.size > capacity) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return id;
  }
}
