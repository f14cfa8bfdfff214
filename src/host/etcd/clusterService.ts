import type { Cluster } from './gen/etcd_pb.js';
import type { Handlers } from './grpcAdapter.ts';
import type { Etcd } from './services.ts';

/** One member, which is all there is: nobody can be added to it or taken from it yet. */
export const clusterService = ({ member, auth }: Etcd): Handlers<typeof Cluster> => ({
  memberList(_request, { token }) {
    auth.userOf(token);
    return {
      // As etcd answers here: without a revision.
      header: { ...member.header(), revision: 0n },
      members: [
        {
          ID: member.id,
          name: member.name,
          peerURLs: [member.peerUrl],
          clientURLs: [member.clientUrl],
        },
      ],
    };
  },
});
