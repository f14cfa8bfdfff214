import { hour, millisecond, minute, second, type Micros } from '../../base/time.ts';
import type { Latency } from '../../sim/etcd/members/latency.ts';
import type { EtcdFlags } from '../clusterHost.ts';
import { UsageError } from './usageError.ts';

interface Values {
  readonly 'etcd-members'?: string | undefined;
  readonly 'etcd-spares'?: string | undefined;
  readonly 'quota-backend-bytes'?: string | undefined;
  readonly 'auto-compaction-mode'?: string | undefined;
  readonly 'auto-compaction-retention'?: string | undefined;
  readonly 'etcd-fsync-latency'?: string | undefined;
}

/** The flags that etcd has, with their names and meanings there, and those of what goes wrong with it on purpose. */
export function etcdFlagsOf(values: Values): EtcdFlags {
  const quota = values['quota-backend-bytes'];
  const autoCompaction = autoCompactionOf(
    values['auto-compaction-mode'] ?? 'periodic',
    values['auto-compaction-retention'] ?? '0',
  );
  if (quota !== undefined && !isWhole(quota))
    throw new UsageError(
      `--quota-backend-bytes takes a number of bytes (0: etcd's own 2 GiB), not "${quota}".`,
    );
  const members = values['etcd-members'] ?? '1';
  if (!['1', '3', '5'].includes(members))
    throw new UsageError(`--etcd-members takes 1, 3 or 5, not "${members}".`);
  const latency = values['etcd-fsync-latency'];
  const spares = values['etcd-spares'] ?? '0';
  if (!/^[0-4]$/.test(spares))
    throw new UsageError(`--etcd-spares takes a whole number from 0 to 4, not "${spares}".`);
  if (spares !== '0' && members === '1')
    throw new UsageError('--etcd-spares is for an etcd of several: add --etcd-members 3.');
  return {
    members: Number(members),
    ...(spares !== '0' && { spares: Number(spares) }),
    ...(quota !== undefined && Number(quota) > 0 && { quotaBytes: Number(quota) }),
    ...(autoCompaction && { autoCompaction }),
    ...(latency !== undefined && { fsyncLatency: latencyOf(latency) }),
  };
}

/** `20ms` or `20ms,300ms`; one of a hundred takes four times the median unless told. */
function latencyOf(text: string): Latency {
  const [median, p99, ...more] = text.split(',');
  const medianUs = durationOf(median ?? '');
  const p99Us = p99 === undefined ? (medianUs ?? 0) * 4 : durationOf(p99);
  if (!medianUs || !p99Us || p99Us < medianUs || more.length)
    throw new UsageError(
      `--etcd-fsync-latency takes a median and a p99 that is not below it (20ms,300ms), not "${text}".`,
    );
  return { medianUs, p99Us };
}

function autoCompactionOf(mode: string, retention: string): EtcdFlags['autoCompaction'] {
  if (mode !== 'periodic' && mode !== 'revision')
    throw new UsageError(`--auto-compaction-mode takes periodic or revision, not "${mode}".`);
  if (isWhole(retention) && Number(retention) === 0) return undefined;
  if (mode === 'revision') {
    if (!isWhole(retention))
      throw new UsageError(
        `--auto-compaction-retention takes a number of revisions with --auto-compaction-mode revision, not "${retention}".`,
      );
    return { mode, retention: Number(retention) };
  }
  const retentionUs = isWhole(retention) ? Number(retention) * hour : durationOf(retention);
  if (!retentionUs || retentionUs < second)
    throw new UsageError(
      `--auto-compaction-retention takes hours or a duration of a second or more (10m, 1h30m), not "${retention}".`,
    );
  return { mode, retentionUs };
}

const isWhole = (text: string): boolean => /^\d{1,15}$/.test(text);

const units: Readonly<Record<string, Micros>> = {
  h: hour,
  m: minute,
  s: second,
  ms: millisecond,
};

/** kube-apiserver's --etcd-compaction-interval. */
export function intervalOf(text: string): Micros {
  const interval = text === '0' ? 0 : durationOf(text);
  if (interval === undefined)
    throw new UsageError(
      `--etcd-compaction-interval takes a duration (5m; 0: never), not "${text}".`,
    );
  return interval;
}

/** As Go writes durations: `1h30m`; undefined when it is none. */
function durationOf(text: string): Micros | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[hms]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[hms])/g))
    sum += Number(number) * (units[unit ?? ''] ?? 0);
  return sum;
}
