import { createHash } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Store } from '../../sim/etcd/store.ts';
import type { ResponseHeaderSchema } from './gen/etcd_pb.js';

export interface MemberOptions {
  /** etcd's --name. */
  readonly name?: string;
  readonly peerUrl?: string;
  readonly clientUrl: string;
  /** etcd's --initial-cluster-token. */
  readonly clusterToken?: string;
}

/** The version of etcd that is simulated. */
export const etcdVersion = '3.6.8';
export const storageVersion = '3.6.0';

const idOf = (...parts: (string | Buffer)[]): bigint => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest().readBigUInt64BE();
};

function bytesOfId(id: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(id);
  return bytes;
}

/**
 * Who answers: the only member of its cluster, which leads it. Ids follow from names and addresses.
 * Models go.etcd.io/etcd/server/v3/etcdserver/api/membership computeMemberID and genID.
 */
export class Member {
  readonly name: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly id: bigint;
  readonly clusterId: bigint;
  /** The first election makes it 2. */
  readonly term = 2n;
  readonly #store: Store;
  /** The entries in the log of a cluster that has just begun: its membership, its leader, its version. */
  #entries = 4;

  constructor(store: Store, options: MemberOptions) {
    this.#store = store;
    this.name = options.name ?? 'default';
    this.peerUrl = options.peerUrl ?? 'http://localhost:2380';
    this.clientUrl = options.clientUrl;
    this.id = idOf(this.peerUrl, options.clusterToken ?? 'etcd-cluster');
    this.clusterId = idOf(bytesOfId(this.id));
  }

  /** A proposal that makes no revision (a lease, a user, a compaction) is an entry of the log as well. */
  propose(): void {
    this.#entries++;
  }

  get raftIndex(): bigint {
    return BigInt(this.#entries + this.#store.revision - 1);
  }

  header(revision = this.#store.revision): MessageInitShape<typeof ResponseHeaderSchema> {
    return {
      clusterId: this.clusterId,
      memberId: this.id,
      revision: BigInt(revision),
      raftTerm: this.term,
    };
  }
}
