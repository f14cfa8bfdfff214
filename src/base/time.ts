import type { IDisposable } from './disposable.ts';

/** Microseconds. A point in time is counted from the Unix epoch (safe as a number until the year 2255). */
export type Micros = number;

export const millisecond: Micros = 1000;
export const second: Micros = 1_000_000;
export const minute: Micros = 60 * second;
export const hour: Micros = 60 * minute;

/** Time as an argument. Inside the simulation it is virtual; nothing there asks the machine for the time. */
export interface Clock {
  now(): Micros;
  /** Calls back once, `delayUs` from now. Callbacks due at the same time run in the order in which they were set. */
  setTimer(delayUs: Micros, callback: () => void): IDisposable;
  /** Resolves `delayUs` from now. With 0 it gives way to what is already due. */
  sleep(delayUs: Micros): Promise<void>;
}

/** A clock that may go wrong: with rate 2 it goes twice as fast as it should. */
export interface RatedClock extends Clock {
  rate: number;
}

/** What was written last: much happens in the same second. */
let written = { second: Number.NaN, text: '' };

/** `2026-11-21T04:17:00` */
function wholeSeconds(time: Micros): string {
  const seconds = Math.floor(time / second);
  if (written.second !== seconds)
    written = { second: seconds, text: new Date(seconds * 1000).toISOString().slice(0, 19) };
  return written.text;
}

/** RFC 3339 in whole seconds, as metav1.Time is written: 2026-11-21T04:17:00Z. */
export const formatTime = (time: Micros): string => `${wholeSeconds(time)}Z`;

/** RFC 3339 with six decimals, as metav1.MicroTime is written. */
export function formatMicroTime(time: Micros): string {
  const fraction = String(Math.floor(time) % second).padStart(6, '0');
  return `${wholeSeconds(time)}.${fraction}Z`;
}

/** The time that an RFC 3339 text means; undefined when it is none. */
export function parseTime(text: string): Micros | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/.exec(
    text,
  );
  if (!match) return undefined;
  const [, date, clock, fraction = '', zone = 'Z'] = match;
  const millis = Date.parse(`${date}T${clock}${zone.toUpperCase()}`);
  return Number.isNaN(millis)
    ? undefined
    : millis * millisecond + Number(fraction.padEnd(6, '0').slice(0, 6));
}
