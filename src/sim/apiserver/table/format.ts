import { parseTime, second, type Micros } from '../../../base/time.ts';

/** Seconds as a table prints an age. Models k8s.io/apimachinery/pkg/util/duration HumanDuration. */
export function humanDuration(seconds: number): string {
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${Math.floor(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  const rest = (value: number, unit: string) => (value ? `${value}${unit}` : '');
  if (minutes < 10) return `${minutes}m${rest(Math.floor(seconds) % 60, 's')}`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return `${hours}h${rest(minutes % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return `${Math.floor(hours / 24)}d${rest(hours % 24, 'h')}`;
  const days = Math.floor(hours / 24);
  if (days < 730) return `${days}d`;
  if (days < 2920) return `${Math.floor(days / 365)}y${rest(days % 365, 'd')}`;
  return `${Math.floor(days / 365)}y`;
}

/** How long ago an RFC 3339 time was; `<unknown>` without one. */
export function since(time: string | null | undefined, now: Micros): string {
  const then = time ? parseTime(time) : undefined;
  return then === undefined ? '<unknown>' : humanDuration((now - then) / second);
}

export const none = (text: string | undefined | null): string => (text ? text : '<none>');
export const unset = (text: string | undefined | null): string => (text ? text : '<unset>');

/** `app=web,tier=front`, sorted; `<none>` without any. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined | null): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length ? pairs.sort().join(',') : '<none>';
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A LabelSelector as kubectl writes one: `app=web,tier notin (a,b),!y`. */
export function selectorText(selector: Selector | undefined | null): string {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(
    ([key, value]): [string, string] => [key, `${key}=${value}`],
  );
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const list = `(${[...values].sort().join(',')})`;
    const text = {
      In: `${key} in ${list}`,
      NotIn: `${key} notin ${list}`,
      Exists: key,
      DoesNotExist: `!${key}`,
    }[operator];
    parts.push([key, text ?? key]);
  }
  return parts.length
    ? parts
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, text]) => text)
        .join(',')
    : '<none>';
}

/** The first few of a list, and how many more there are. */
export const few = (items: readonly string[], count: number): string =>
  items.length > count
    ? `${items.slice(0, count).join(',')} + ${items.length - count} more...`
    : items.join(',');

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
export const accessModes = (list: readonly string[] | undefined): string =>
  Object.entries(modes)
    .filter(([mode]) => list?.includes(mode))
    .map(([, short]) => short)
    .join(',');

export const goBool = (value: boolean | undefined): string => (value ? 'True' : 'False');
