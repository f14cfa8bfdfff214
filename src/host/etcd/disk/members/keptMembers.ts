import type { MemberInfo } from '../../../../sim/etcd/members/command.ts';
import type { KeptMember } from '../../../../sim/etcd/members/machine.ts';
import type { MemberId } from '../../../../sim/etcd/raft/message.ts';

/** The members of a cluster, as the one knows them that knows most; of all that are kept. */
export function membersOf(all: readonly KeptMember[]): readonly MemberInfo[] {
  const furthest = Math.max(...all.map(({ stored }) => stored.hardState.commit));
  const kept = all.find(({ stored }) => stored.hardState.commit === furthest);
  const members = new Map<MemberId, MemberInfo>(kept?.members.map((it) => [it.id, it]));
  for (const { index, change, command } of kept?.stored.entries ?? []) {
    if (index > furthest) break;
    if (command?.command.do !== 'member') continue;
    const { member } = command.command;
    const known = members.get(member.id);
    const isLearner = change ? change.change === 'addLearner' : (known?.isLearner ?? false);
    if (change?.change === 'remove') members.delete(member.id);
    else members.set(member.id, { ...(change && known ? known : member), isLearner });
  }
  return [...members.values()];
}
