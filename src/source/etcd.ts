import type { Event } from '../base/emitter.ts';

/** etcd as those see it who keep it running: its members, their disks, its leases, and what goes wrong on purpose. */
export interface EtcdSource {
  /** A picture of this moment; cheap enough to be asked for once a second. */
  status(): Promise<EtcdStatus>;
  /** In order of their ids, at most `limit`. */
  leases(limit: number): Promise<EtcdLeases>;
  /** Rejects with etcd's words when it cannot be done. */
  act(action: EtcdAction): Promise<void>;
  /** Members, alarms or faults changed; not the counts that change with every write. Coalesced. */
  readonly onDidChange: Event<void>;
}

export interface EtcdStatus {
  readonly revision: number;
  /** 0: never compacted. */
  readonly compactRevision: number;
  readonly quotaBytes: number;
  readonly alarms: readonly { readonly member: string; readonly alarm: 'NOSPACE' | 'CORRUPT' }[];
  readonly members: readonly EtcdMember[];
  /** One a second of virtual time, the oldest first; at most some minutes of it. */
  readonly samples: readonly EtcdSample[];
}

export interface EtcdMember {
  /** Hexadecimal, as etcdctl writes it. */
  readonly id: string;
  /** Empty: added, and never started. */
  readonly name: string;
  /** Where clients reach it; empty before it has started. */
  readonly endpoint: string;
  readonly peerUrl: string;
  /** stopped: its process does not run. */
  readonly role: 'leader' | 'follower' | 'candidate' | 'learner' | 'stopped';
  readonly term: number;
  /** Hexadecimal; undefined: none that it knows of. */
  readonly leader: string | undefined;
  /** What `etcdctl endpoint health` would find, with its reason when it would not be healthy. */
  readonly health: { readonly isHealthy: boolean; readonly reason?: string };
  readonly committed: number;
  readonly applied: number;
  /** Entries that the leader has committed and this member has not applied. */
  readonly lag: number;
  readonly dbSize: number;
  readonly dbSizeInUse: number;
  readonly fsync: Histogram;
  readonly backendCommit: Histogram;
  /** What goes wrong with it on purpose. */
  readonly faults: readonly EtcdFault[];
}

/** In seconds; as Prometheus counts: each bucket has all that is not above its bound. The last bound is Infinity. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface EtcdSample {
  /** Virtual, microseconds. */
  readonly time: number;
  readonly revision: number;
  /** Of the leader. */
  readonly dbSize: number;
  readonly dbSizeInUse: number;
  /** Of the slowest member in this second, in seconds; 0 when there was no sync. */
  readonly fsyncP99: number;
}

export interface EtcdLeases {
  readonly total: number;
  readonly leases: readonly {
    /** Hexadecimal. */
    readonly id: string;
    /** Seconds. */
    readonly grantedTtl: number;
    readonly ttl: number;
    readonly keys: readonly string[];
  }[];
}

export type EtcdFault =
  | { readonly fault: 'slowDisk'; readonly latency: Latency }
  | { readonly fault: 'clockSkew'; readonly rate: number }
  | { readonly fault: 'cutOff' }
  /** All that it sends and gets arrives so much later. */
  | { readonly fault: 'slowLinks'; readonly delayUs: number };

/** How long every sync of a disk takes more than it would: most about the median, one of a hundred about p99. */
export interface Latency {
  readonly medianUs: number;
  readonly p99Us: number;
}

export type EtcdAction =
  | { readonly do: 'stop' | 'start'; readonly member: string }
  | { readonly do: 'moveLeader'; readonly to: string }
  | { readonly do: 'fail'; readonly member: string; readonly fault: EtcdFault }
  /** Takes all faults away; stopped members stay stopped. */
  | { readonly do: 'heal' }
  | { readonly do: 'compact'; readonly revision: number }
  | { readonly do: 'defragment'; readonly member: string }
  | { readonly do: 'disarm' };
