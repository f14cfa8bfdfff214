import { failure, type StatusError } from '../../../api/status.ts';

/** Models apiserver/pkg/storage/etcd3 and storage.NewTooLargeResourceVersionError. */
export function tooLargeResourceVersion(wanted: number, current: number): StatusError {
  return failure(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}
