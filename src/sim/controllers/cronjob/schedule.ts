import { millisecond, minute, second, type Micros } from '../../../base/time.ts';

/** A text that is no schedule. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** When something is to happen again and again. */
export interface Schedule {
  /** The first time after `time`; undefined when there is none within five years. */
  next(time: Micros): Micros | undefined;
}

interface Fields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** A day counts when it is one of both, if either is `*`; otherwise when it is one of either. */
  readonly anyDay: boolean;
}

/** Reads `0 30 * * 1-5`, `@hourly`, `@every 5m`, with `TZ=zone ` before it if need be. Models robfig/cron ParseStandard. */
export function parseSchedule(text: string): Schedule {
  const [, zone, rest] = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(text) ?? [];
  const spec = (rest ?? text).trim();
  if (spec.startsWith('@every ')) return every(durationOf(spec.slice('@every '.length)));
  const parts = (descriptors[spec] ?? spec).split(/\s+/).filter(Boolean);
  if (parts.length !== 5)
    throw new ScheduleError(
      `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`,
    );
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = parts;
  const fields: Fields = {
    minutes: valuesOf(minutes, 0, 59),
    hours: valuesOf(hours, 0, 23),
    days: valuesOf(days, 1, 31),
    months: valuesOf(months, 1, 12, monthNames),
    weekdays: valuesOf(weekdays, 0, 6, dayNames),
    anyDay: isStar(days) || isStar(weekdays),
  };
  return { next: (time) => nextTime(fields, wallClockOf(zone), time) };
}

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const dayNames = 'sun mon tue wed thu fri sat'.split(' ');

/** `*` and `?`, also with a step of one. */
const isStar = (field: string): boolean =>
  field.split(',').some((part) => /^[*?](?:\/1)?$/.test(part));

function valuesOf(
  field: string,
  min: number,
  max: number,
  names: readonly string[] = [],
): Set<number> {
  const numberOf = (text: string): number => {
    const named = names.indexOf(text.toLowerCase());
    if (named >= 0) return named + (names === monthNames ? 1 : 0);
    if (/^\d+$/.test(text)) return Number(text);
    throw new ScheduleError(`failed to parse int from ${text}`);
  };
  const values = new Set<number>();
  for (const part of field.split(',').filter(Boolean)) {
    const [range = '', step] = part.split('/');
    const [low = '', high] = range.split('-');
    const isAll = low === '*' || low === '?';
    const first = isAll ? min : numberOf(low);
    const last =
      isAll || (high === undefined && step !== undefined)
        ? max
        : high === undefined
          ? first
          : numberOf(high);
    const width = step === undefined ? 1 : numberOf(step);
    if (first < min || last > max || first > last || width === 0)
      throw new ScheduleError(`not a range of ${min} to ${max}: ${part}`);
    for (let value = first; value <= last; value += width) values.add(value);
  }
  return values;
}

const every = (delay: Micros): Schedule => {
  const whole = Math.max(second, delay - (delay % second));
  return { next: (time) => time + whole - (time % second) };
};

const units: Readonly<Record<string, Micros>> = {
  h: 60 * minute,
  m: minute,
  s: second,
  ms: millisecond,
  us: 1,
  µs: 1,
};

function durationOf(text: string): Micros {
  let total = 0;
  const rest = text.replace(/(\d*\.?\d+)(h|ms|m|s|us|µs)/g, (_, number: string, unit: string) => {
    total += Number(number) * (units[unit] ?? 0);
    return '';
  });
  if (rest !== '' || total <= 0) throw new ScheduleError(`failed to parse duration @every ${text}`);
  return total;
}

/** A zone's clock: what it shows at a time, and the time at which it shows something. */
interface WallClock {
  /** As if it were UTC, in milliseconds. */
  shown(timeMs: number): number;
}

const utc: WallClock = { shown: (timeMs) => timeMs };

function wallClockOf(zone: string | undefined): WallClock {
  if (zone === undefined || zone === '' || zone === 'UTC' || zone === 'Local') return utc;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return {
    shown(timeMs) {
      const found: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(timeMs)) found[type] = Number(value);
      const { year = 0, month = 1, day = 1, hour: hours = 0, minute: minutes = 0 } = found;
      return Date.UTC(year, month - 1, day, hours, minutes, found['second'] ?? 0);
    },
  };
}

const DAY_MS = 86_400_000;
const FIVE_YEARS = 5 * 366;

/** Day by day as the clock on the wall shows them; a time that a clock never shows is left out. */
function nextTime(fields: Fields, clock: WallClock, time: Micros): Micros | undefined {
  const timeMs = Math.floor(time / millisecond);
  const today = Math.floor(clock.shown(timeMs) / DAY_MS) * DAY_MS;
  for (let day = 0; day <= FIVE_YEARS; day++) {
    const midnight = today + day * DAY_MS;
    if (!isDay(fields, new Date(midnight))) continue;
    for (const hours of [...fields.hours].sort(ascending))
      for (const minutes of [...fields.minutes].sort(ascending)) {
        const wall = midnight + hours * 3_600_000 + minutes * 60_000;
        const found = timeShowing(clock, wall);
        if (found !== undefined && found > timeMs) return found * millisecond;
      }
  }
  return undefined;
}

const ascending = (a: number, b: number): number => a - b;

function isDay({ months, days, weekdays, anyDay }: Fields, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const [byDate, byWeekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
  return anyDay ? byDate && byWeekday : byDate || byWeekday;
}

function timeShowing(clock: WallClock, wall: number): number | undefined {
  const guess = wall - (clock.shown(wall) - wall);
  const better = guess - (clock.shown(guess) - wall);
  return clock.shown(better) === wall ? better : undefined;
}
