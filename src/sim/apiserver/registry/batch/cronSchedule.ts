import { goQuote } from '../../../../api/field.ts';
import { timeZoneProblem } from './timeZones.ts';

// Schedules of CronJobs. Models github.com/robfig/cron/v3 ParseStandard.

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];
const descriptors = [
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
];

/** Why a text is no schedule, in the parser's words. */
export function scheduleProblem(text: string): string | undefined {
  if (text === '') return 'empty spec string';
  let spec = text;
  const [, zone] = /^(?:CRON_)?TZ=(.*)$/s.exec(text) ?? [];
  if (zone !== undefined) {
    const space = text.indexOf(' ');
    // Upstream's parser falls over a zone without a schedule; the caller tells of it.
    if (space < 0) return panicText;
    const name = text.slice(text.indexOf('=') + 1, space);
    const problem = timeZoneProblem(name);
    if (problem) return `provided bad location ${name}: ${problem}`;
    spec = text.slice(space).trim();
  }
  if (spec.startsWith('@')) return descriptorProblem(spec);
  const parts = spec.split(/\s+/).filter(Boolean);
  if (parts.length !== 5)
    return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  for (const [index, bounds] of fields.entries()) {
    const problem = fieldProblem(parts[index] ?? '', bounds);
    if (problem) return problem;
  }
  return undefined;
}

const panicText = 'invalid schedule format: runtime error: slice bounds out of range [:-1]';

function descriptorProblem(text: string): string | undefined {
  if (descriptors.includes(text)) return undefined;
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`;
  const problem = durationProblem(text.slice('@every '.length));
  return problem && `failed to parse duration ${text}: ${problem}`;
}

/** Models time.ParseDuration. */
export function durationProblem(text: string): string | undefined {
  const bad = `time: invalid duration ${goQuote(text)}`;
  const value = text.replace(/^[-+]/, '');
  if (value === '0') return undefined;
  if (value === '') return bad;
  let rest = value;
  while (rest) {
    const [number = '', digits = ''] = /^(\d*\.?\d*)/.exec(rest) ?? [];
    if (!digits || digits === '.') return bad;
    rest = rest.slice(number.length);
    const [unit = ''] = /^[^.\d]*/.exec(rest) ?? [];
    if (!unit) return `time: missing unit in duration ${goQuote(text)}`;
    if (!['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'].includes(unit))
      return `time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`;
    rest = rest.slice(unit.length);
  }
  return undefined;
}

function fieldProblem(field: string, bounds: Bounds): string | undefined {
  for (const part of field.split(',').filter(Boolean)) {
    const problem = rangeProblem(part, bounds);
    if (problem) return problem;
  }
  return undefined;
}

/** `*`, `5`, `mon-fri`, `1-30/5` */
function rangeProblem(text: string, bounds: Bounds): string | undefined {
  const [range = '', step, ...more] = text.split('/');
  const [low = '', high, ...others] = range.split('-');
  let start = bounds.min;
  let end = bounds.max;
  if (low !== '*' && low !== '?') {
    const first = numberOf(low, bounds.names);
    if (typeof first === 'string') return first;
    start = end = first;
    if (others.length) return `too many hyphens: ${text}`;
    if (high !== undefined) {
      const last = numberOf(high, bounds.names);
      if (typeof last === 'string') return last;
      end = last;
    }
  }
  let width = 1;
  if (more.length) return `too many slashes: ${text}`;
  if (step !== undefined) {
    const every = numberOf(step);
    if (typeof every === 'string') return every;
    width = every;
    if (high === undefined) end = bounds.max;
  }
  if (start < bounds.min)
    return `beginning of range (${start}) below minimum (${bounds.min}): ${text}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${text}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`;
  return width === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

function numberOf(text: string, names?: readonly string[]): number | string {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + (names === months ? 1 : 0);
  const failed = (why: string): string =>
    `failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: ${why}`;
  if (!/^[-+]?\d+$/.test(text)) return failed('invalid syntax');
  const value = BigInt(text.replace('+', ''));
  if (value > 9223372036854775807n || value < -9223372036854775808n)
    return failed('value out of range');
  return value < 0n ? `negative number (${value}) not allowed: ${text}` : Number(value);
}
