import type { Micros } from '../base/time.ts';
import type { Cause, ComponentId, EventBody, EventId } from './event.ts';

/** Where components write what they do. */
export interface TraceSink {
  /**
   * @param cause undefined for roots only
   * @param time the moment it happened when that is not the clock's now (a stage within a request)
   * @returns the event's number, which is the cause of what follows
   */
  emit(
    component: ComponentId,
    cause: Cause | EventId | undefined,
    body: EventBody,
    time?: Micros,
  ): EventId;
}
