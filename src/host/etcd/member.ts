import { createHash } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { MemberSpec } from '../../sim/etcd/members/command.ts';
import type { EtcdServer } from '../../sim/etcd/members/server.ts';
import type { MemberId } from '../../sim/etcd/raft/message.ts';
import type { ResponseHeaderSchema } from './gen/etcd_pb.js';
import { headerIds, type Header } from './wire/responses.ts';

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

// Models go.etcd.io/etcd/server/v3/etcdserver/api/membership computeMemberID and genID.

/** @param token etcd's --initial-cluster-token */
export const memberIdOf = (peerUrls: readonly string[], token = 'etcd-cluster'): MemberId =>
  idOf([...peerUrls].sort().join(''), token);

export const clusterIdOf = (members: readonly MemberId[]): bigint =>
  idOf(...[...members].sort((a, b) => (a < b ? -1 : 1)).map(bytesOfId));

export const alonePeerUrl = 'http://localhost:2380';

/** The only member of its cluster: etcd's own defaults. */
export const aloneSpec = (): MemberSpec => ({
  id: memberIdOf([alonePeerUrl]),
  name: 'default',
  peerUrls: [alonePeerUrl],
});

/** What a door says of the member behind it. */
export class Member {
  readonly clusterId: bigint;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly #server: () => EtcdServer;
  #ids: { readonly id: MemberId; readonly bytes: Uint8Array } | undefined;

  constructor(
    server: () => EtcdServer,
    options: { readonly peerUrl: string; readonly clientUrl: string; readonly clusterId: bigint },
  ) {
    this.#server = server;
    this.peerUrl = options.peerUrl;
    this.clientUrl = options.clientUrl;
    this.clusterId = options.clusterId;
  }

  get id(): MemberId {
    return this.#server().id;
  }

  get name(): string {
    return this.#server().name;
  }

  get term(): bigint {
    return BigInt(this.#server().status.term);
  }

  get raftIndex(): bigint {
    return BigInt(this.#server().status.committed);
  }

  /** For answers that are written by hand. */
  wireHeader(revision: number): Header {
    const { id, status } = this.#server();
    if (this.#ids?.id !== id) this.#ids = { id, bytes: headerIds(this.clusterId, id) };
    return { ids: this.#ids.bytes, revision, term: status.term };
  }

  header(revision = this.#server().store.revision): MessageInitShape<typeof ResponseHeaderSchema> {
    return {
      clusterId: this.clusterId,
      memberId: this.id,
      revision: BigInt(revision),
      raftTerm: this.term,
    };
  }
}
