import { errors } from '../../sim/etcd/errors.ts';
import type { MemberInfo } from '../../sim/etcd/members/command.ts';
import type { MemberId } from '../../sim/etcd/raft/message.ts';
import type { Cluster } from './gen/etcd_pb.js';
import type { Caller, Handlers } from './grpcAdapter.ts';
import { memberIdOf } from './member.ts';
import { after, type Etcd } from './services.ts';

/** Models go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc ClusterServer. */
export function clusterService({ server, member, auth }: Etcd): Handlers<typeof Cluster> {
  // As etcd answers here: without a revision.
  const header = () => ({ ...member.header(), revision: 0n });
  const asAdmin = ({ token }: Caller): void => auth.checkAdmin(auth.userOf(token));
  const known = (id: MemberId): MemberInfo => {
    const found = server().members.find((it) => it.id === id);
    if (!found) throw errors.memberNotFound();
    return found;
  };
  const answer = (members: readonly MemberInfo[]) => ({
    header: header(),
    members: members.map(wireMember),
  });

  return {
    memberList({ linearizable }, { token }) {
      auth.userOf(token);
      return after(linearizable ? server().confirm() : undefined, () => answer(server().members));
    },

    memberAdd({ peerURLs, isLearner }, caller) {
      asAdmin(caller);
      checkUrls(peerURLs);
      const id = memberIdOf(peerURLs, `etcd-cluster ${Date.now()}`);
      const added = { id, name: '', peerUrls: peerURLs, clientUrls: [], isLearner };
      const change = isLearner ? ('addLearner' as const) : ('addVoter' as const);
      return after(server().changeMember({ change, member: id }, added), (members) => ({
        ...answer(members),
        member: wireMember(added),
      }));
    },

    memberRemove({ ID }, caller) {
      asAdmin(caller);
      return after(server().changeMember({ change: 'remove', member: ID }, known(ID)), answer);
    },

    memberUpdate({ ID, peerURLs }, caller) {
      asAdmin(caller);
      checkUrls(peerURLs);
      const changed = { ...known(ID), peerUrls: peerURLs };
      return after<unknown, ReturnType<typeof answer>>(
        server().propose({ do: 'member', member: changed }, undefined),
        () => answer(server().members),
      );
    },

    memberPromote({ ID }, caller) {
      asAdmin(caller);
      if (!known(ID).isLearner) throw errors.memberNotLearner();
      return after(server().changeMember({ change: 'addVoter', member: ID }, known(ID)), answer);
    },
  };
}

const wireMember = ({ id, name, peerUrls, clientUrls, isLearner }: MemberInfo) => ({
  ID: id,
  name,
  peerURLs: [...peerUrls],
  clientURLs: [...clientUrls],
  isLearner,
});

function checkUrls(urls: readonly string[]): void {
  const isGood = (url: string) => /^https?:\/\/[^/]+:\d+$/.test(url);
  if (!urls.length || !urls.every(isGood)) throw errors.memberBadUrls();
}
