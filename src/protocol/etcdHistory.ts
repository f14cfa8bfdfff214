// Messages between the host and the view of etcd over time.

export const historyVersion = 1;

/** Where the key tree stands among the revisions. */
export interface Position {
  /** The oldest revision that can be read. */
  readonly oldest: number;
  readonly newest: number;
  /** Absent: it stands at the newest and goes on with it. */
  readonly at?: number;
  /** Of `at`; absent until it is known. */
  readonly write?: RevisionWrite;
}

/** A revision, as it is told. */
export interface RevisionWrite {
  readonly revision: number;
  /** `deployment: reconcile default/web`; empty when it is no longer recorded. */
  readonly writer: string;
  /** `5 min ago`; empty when it is no longer recorded. */
  readonly age: string;
  /** The event to open in the timeline; 0: none. */
  readonly event: number;
  /** The first keys that it changed. */
  readonly keys: readonly { readonly type: 'put' | 'delete'; readonly key: string }[];
  readonly moreKeys: number;
}

/** One a second, the oldest first. */
export interface Sample {
  /** Virtual, microseconds. */
  readonly time: number;
  /** Bytes. */
  readonly dbSize: number;
  readonly dbSizeInUse: number;
  /** Seconds; 0: nothing was synced. */
  readonly fsyncP99: number;
}

export interface Disk {
  readonly quotaBytes: number;
  /** An alarm stops all writes. */
  readonly isFull: boolean;
  readonly samples: readonly Sample[];
}

export interface HistoryStrings {
  readonly [key: string]: string;
}

export type ToHistory =
  | { readonly type: 'strings'; readonly version: number; readonly strings: HistoryStrings }
  | { readonly type: 'position'; readonly position: Position }
  | { readonly type: 'disk'; readonly disk: Disk }
  /** The cluster does not run. */
  | { readonly type: 'stopped' }
  | { readonly type: 'focus' };

export type FromHistory =
  | { readonly type: 'ready'; readonly version: number }
  /** Absent: back to now. */
  | { readonly type: 'travel'; readonly revision?: number }
  | { readonly type: 'openTrace'; readonly event: number }
  | { readonly type: 'openDiff'; readonly key: string; readonly revision: number };
