import type { Micros } from '../base/time.ts';
import type { Random } from '../base/random.ts';
import type { EtcdGroup } from './etcd/members/group.ts';
import { drawLatency, type Latency } from './etcd/members/latency.ts';
import type { MemberId } from './etcd/raft/message.ts';
import type { MemberNetwork } from './cluster.ts';
import { goodLink } from './faults/network.ts';

export type MemberFault =
  | { readonly fault: 'slowDisk'; readonly latency: Latency }
  | { readonly fault: 'clockSkew'; readonly rate: number }
  | { readonly fault: 'cutOff' }
  | { readonly fault: 'slowLinks'; readonly delayUs: Micros };

/** What goes wrong on purpose with the members of etcd, until it is healed. A member has each fault once. */
export class EtcdFaults {
  readonly #group: EtcdGroup;
  readonly #network: MemberNetwork;
  readonly #random: Random;
  readonly #faults = new Map<MemberId, MemberFault[]>();

  constructor(group: EtcdGroup, network: MemberNetwork, random: Random) {
    this.#group = group;
    this.#network = network;
    this.#random = random;
  }

  of(member: MemberId): readonly MemberFault[] {
    return this.#faults.get(member) ?? [];
  }

  /** Returns a sentence for what cannot be done. */
  add(member: MemberId, fault: MemberFault): string | undefined {
    if (fault.fault === 'clockSkew') return 'The clocks of members cannot be skewed yet.';
    const others = this.of(member).filter((other) => other.fault !== fault.fault);
    this.#faults.set(member, [...others, fault]);
    this.#apply();
    return undefined;
  }

  heal(): void {
    this.#faults.clear();
    this.#apply();
  }

  #apply(): void {
    this.#network.heal();
    const { ids } = this.#group;
    const cutOff = ids.filter((id) => this.of(id).some(({ fault }) => fault === 'cutOff'));
    if (cutOff.length) this.#network.partition([ids.filter((id) => !cutOff.includes(id))]);
    for (const from of ids)
      for (const to of ids) {
        const delay = from === to ? 0 : this.#delayOf(from) + this.#delayOf(to);
        if (delay) this.#network.setLink(from, to, { delayUs: goodLink.delayUs + delay });
      }
    for (const id of ids) {
      const slow = this.of(id).find((fault) => fault.fault === 'slowDisk');
      this.#group.setSync(id, slow && (() => drawLatency(slow.latency, this.#random)));
    }
  }

  #delayOf(member: MemberId): Micros {
    const slow = this.of(member).find((fault) => fault.fault === 'slowLinks');
    return slow?.delayUs ?? 0;
  }
}
