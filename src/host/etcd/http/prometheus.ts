import type { Histogram } from '../../../sim/etcd/members/histogram.ts';

/** A metric with its samples, in Prometheus' text format. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

interface Sample {
  /** `_bucket`, `_sum` …; empty for the metric itself. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export const single = (
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  value: number | boolean,
): Family => ({ name, help, type, samples: [{ value: Number(value) }] });

export function histogram(name: string, help: string, counted: Histogram): Family {
  const counts = counted.cumulative();
  const bounds = [...counted.bounds.map(numberText), '+Inf'];
  const buckets = bounds.map((le, index) => ({
    suffix: '_bucket',
    labels: { le },
    value: counts[index] ?? 0,
  }));
  const sum = { suffix: '_sum', value: counted.sum };
  const count = { suffix: '_count', value: counted.count };
  return { name, help, type: 'histogram', samples: [...buckets, sum, count] };
}

/** Families by name, as Prometheus' own library writes them. */
export function textOf(families: readonly Family[]): string {
  const sorted = [...families].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`,
        ...samples.map(
          ({ suffix = '', labels, value }) =>
            `${name}${suffix}${labelsText(labels)} ${numberText(value)}\n`,
        ),
      ].join(''),
    )
    .join('');
}

function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  if (!labels) return '';
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(',')}}`;
}

/** As Go's strconv formats with 'g': with an exponent from a million on and below 0.0001. */
export function numberText(value: number): string {
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
