import type { Micros } from '../../../base/time.ts';
import type { DescService } from '@bufbuild/protobuf';
import type { CallCounts } from '../../grpc/callCounts.ts';
import { etcdVersion } from '../member.ts';
import type { Etcd } from '../services.ts';
import { histogram, single, type Family } from './prometheus.ts';

// The names and the help of etcd 3.6.8. What is not true here is left out: Go's runtime, and what is not counted.

/** What etcd itself knows. `now` is virtual. */
export function etcdFamilies({ store, server, member }: Etcd, now: Micros): Family[] {
  const { status, hasLeader, counts, disk, warnings } = server();
  const { role, isLearner, committed, applied } = status;
  const { space, compactRevision, revision, counts: wrote } = store;
  const { count: keys } = store.rangeNow({ key: '\0', rangeEnd: '\0', countOnly: true });
  const [major = '', minor = ''] = etcdVersion.split('.');
  return [
    labelled('etcd_cluster_version', clusterHelp('cluster_version', 'cluster version'), {
      cluster_version: `${major}.${minor}`,
    }),
    labelled('etcd_server_version', clusterHelp('server_version', 'version.'), {
      server_version: etcdVersion,
    }),
    labelled(
      'etcd_server_id',
      "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.",
      { server_id: member.id.toString(16) },
    ),
    gauge(
      'etcd_server_has_leader',
      'Whether or not a leader exists. 1 is existence, 0 is not.',
      hasLeader,
    ),
    gauge(
      'etcd_server_is_leader',
      'Whether or not this member is a leader. 1 if is, 0 otherwise.',
      role === 'leader',
    ),
    gauge(
      'etcd_server_is_learner',
      'Whether or not this member is a learner. 1 if is, 0 otherwise.',
      isLearner,
    ),
    counter(
      'etcd_server_leader_changes_seen_total',
      'The number of leader changes seen.',
      counts.leaderChanges,
    ),
    gauge(
      'etcd_server_proposals_committed_total',
      'The total number of consensus proposals committed.',
      committed,
    ),
    gauge(
      'etcd_server_proposals_applied_total',
      'The total number of consensus proposals applied.',
      applied,
    ),
    gauge(
      'etcd_server_proposals_pending',
      'The current number of pending proposals to commit.',
      counts.pending,
    ),
    counter(
      'etcd_server_proposals_failed_total',
      'The total number of failed proposals seen.',
      counts.failed,
    ),
    gauge(
      'etcd_server_quota_backend_bytes',
      'Current backend storage quota size in bytes.',
      space.quota,
    ),
    gauge(
      'etcd_mvcc_db_total_size_in_bytes',
      'Total size of the underlying database physically allocated in bytes.',
      space.size,
    ),
    gauge(
      'etcd_mvcc_db_total_size_in_use_in_bytes',
      'Total size of the underlying database logically in use in bytes.',
      space.inUse,
    ),
    counter('etcd_mvcc_put_total', 'Total number of puts seen by this member.', wrote.puts),
    counter(
      'etcd_mvcc_delete_total',
      'Total number of deletes seen by this member.',
      wrote.deletes,
    ),
    gauge('etcd_debugging_mvcc_keys_total', 'Total number of keys.', keys),
    gauge('etcd_debugging_mvcc_watcher_total', 'Total number of watchers.', store.watcherCount),
    gauge('etcd_debugging_mvcc_current_revision', 'The current revision of store.', revision),
    gauge(
      'etcd_debugging_mvcc_compact_revision',
      'The revision of the last compaction in store.',
      compactRevision || -1,
    ),
    gauge(
      'etcd_disk_defrag_inflight',
      'Whether or not defrag is active on the member. 1 means active, 0 means not.',
      false,
    ),
    ...(disk
      ? [
          histogram(
            'etcd_disk_wal_fsync_duration_seconds',
            'The latency distributions of fsync called by WAL.',
            disk.fsync,
          ),
          histogram(
            'etcd_disk_backend_commit_duration_seconds',
            'The latency distributions of commit called by backend.',
            disk.backendCommit(now),
          ),
        ]
      : []),
    ...(warnings
      ? [
          counter(
            'etcd_server_slow_apply_total',
            'The total number of slow apply requests (likely overloaded from slow disk).',
            warnings.slowApplies,
          ),
          counter(
            'etcd_server_heartbeat_send_failures_total',
            'The total number of leader heartbeat send failures (likely overloaded from slow disk).',
            warnings.lateHeartbeats,
          ),
        ]
      : []),
  ];
}

const codes = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const;

const kinds = {
  unary: 'unary',
  server_streaming: 'server_stream',
  client_streaming: 'client_stream',
  bidi_streaming: 'bidi_stream',
} as const;

/** Calls of all methods, those that nobody called too. */
export function grpcFamilies(services: readonly DescService[], counts: CallCounts): Family[] {
  const methods = services.flatMap((service) =>
    service.methods.map((method) => ({
      path: `/${service.typeName}/${method.name}`,
      labels: {
        grpc_method: method.name,
        grpc_service: service.typeName,
        grpc_type: kinds[method.methodKind],
      },
    })),
  );
  return [
    {
      name: 'grpc_server_started_total',
      help: 'Total number of RPCs started on the server.',
      type: 'counter',
      samples: methods.map(({ path, labels }) => ({ labels, value: counts.of(path).started })),
    },
    {
      name: 'grpc_server_handled_total',
      help: 'Total number of RPCs completed on the server, regardless of success or failure.',
      type: 'counter',
      samples: codes
        .flatMap((code, index) =>
          methods.map(({ path, labels }) => ({
            labels: { grpc_code: code, ...labels },
            value: counts.of(path).handled[index] ?? 0,
          })),
        )
        .sort((a, b) => (a.labels.grpc_code < b.labels.grpc_code ? -1 : 1)),
    },
  ];
}

/** Of the process that runs all of the cluster. */
export function processFamilies(): Family[] {
  const { user, system } = process.cpuUsage();
  return [
    counter(
      'process_cpu_seconds_total',
      'Total user and system CPU time spent in seconds.',
      (user + system) / 1_000_000,
    ),
    gauge(
      'process_resident_memory_bytes',
      'Resident memory size in bytes.',
      process.memoryUsage.rss(),
    ),
    gauge(
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      Math.floor(Date.now() / 1000 - process.uptime()),
    ),
  ];
}

const gauge = (name: string, help: string, value: number | boolean): Family =>
  single('gauge', name, help, value);

const counter = (name: string, help: string, value: number): Family =>
  single('counter', name, help, value);

const labelled = (
  name: string,
  help: string,
  labels: Readonly<Record<string, string>>,
): Family => ({
  name,
  help,
  type: 'gauge',
  samples: [{ labels, value: 1 }],
});

const clusterHelp = (label: string, what: string): string =>
  `Which version is running. 1 for '${label}' label with current ${what}`;
