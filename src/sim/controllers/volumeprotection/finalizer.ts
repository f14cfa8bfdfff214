import type { KubeObject } from '../../../api/meta.ts';

/** Being deleted, and held by this finalizer. Models protectionutil.IsDeletionCandidate. */
export const isCandidate = ({ metadata }: KubeObject, finalizer: string): boolean =>
  metadata.deletionTimestamp !== undefined && Boolean(metadata.finalizers?.includes(finalizer));

/** Models protectionutil.NeedToAddFinalizer. */
export const needsFinalizer = ({ metadata }: KubeObject, finalizer: string): boolean =>
  metadata.deletionTimestamp === undefined && !metadata.finalizers?.includes(finalizer);
