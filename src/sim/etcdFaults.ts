import type { Micros } from '../base/time.ts';
import type { DiskTimes } from './etcd/members/diskTimes.ts';
import type { Latency } from './etcd/members/latency.ts';
import type { MemberId } from './etcd/raft/message.ts';
import type { MemberNetwork } from './cluster.ts';
import { goodLink } from './faults/network.ts';

export type MemberFault =
  | { readonly fault: 'slowDisk'; readonly latency: Latency }
  | { readonly fault: 'clockSkew'; readonly rate: number }
  | { readonly fault: 'cutOff' }
  | { readonly fault: 'slowLinks'; readonly delayUs: Micros };

export interface EtcdFaultsPort {
  readonly ids: () => readonly MemberId[];
  readonly diskOf: (member: MemberId) => DiskTimes | undefined;
  /** Undefined where there is one member only, as the network is. */
  readonly setClockRate: ((member: MemberId, rate: number) => void) | undefined;
  readonly network: MemberNetwork | undefined;
}

/** How wrong the clock of a member may go. */
const slowest = 0.1;
const fastest = 10;

/** What goes wrong on purpose with the members of etcd, until it is healed. A member has each fault once. */
export class EtcdFaults {
  readonly #port: EtcdFaultsPort;
  readonly #faults = new Map<MemberId, MemberFault[]>();

  constructor(port: EtcdFaultsPort) {
    this.#port = port;
  }

  of(member: MemberId): readonly MemberFault[] {
    return this.#faults.get(member) ?? [];
  }

  /** Returns a sentence for what cannot be done. */
  add(member: MemberId, fault: MemberFault): string | undefined {
    const problem = this.#problemOf(fault);
    if (problem !== undefined) return problem;
    const others = this.of(member).filter((other) => other.fault !== fault.fault);
    this.#faults.set(member, [...others, fault]);
    this.#apply();
    return undefined;
  }

  /** The disks of all members become slow. */
  slowDisks(latency: Latency): void {
    for (const id of this.#port.ids()) this.add(id, { fault: 'slowDisk', latency });
  }

  heal(): void {
    this.#faults.clear();
    this.#apply();
  }

  #problemOf(fault: MemberFault): string | undefined {
    switch (fault.fault) {
      case 'slowDisk': {
        const { medianUs, p99Us } = fault.latency;
        if (medianUs > 0 && p99Us >= medianUs) return undefined;
        return 'A slow disk needs a median above 0 and a p99 that is not below it.';
      }
      case 'clockSkew':
        if (!(fault.rate >= slowest && fault.rate <= fastest))
          return `A clock goes at a rate between ${slowest} and ${fastest}; 1 is right.`;
        return this.#port.setClockRate
          ? undefined
          : 'The only member of etcd goes by the clock of the cluster: start etcd with three members to have one of them go wrong.';
      case 'cutOff':
      case 'slowLinks':
        return this.#port.network
          ? undefined
          : 'The only member of etcd talks to no other: start etcd with three members for faults of their links.';
    }
  }

  #apply(): void {
    const { network, diskOf, setClockRate } = this.#port;
    const ids = this.#port.ids();
    for (const id of ids) {
      const skew = this.of(id).find((fault) => fault.fault === 'clockSkew');
      setClockRate?.(id, skew?.rate ?? 1);
      const disk = diskOf(id);
      const slow = this.of(id).find((fault) => fault.fault === 'slowDisk');
      if (disk) disk.fault = slow?.latency;
    }
    if (!network) return;
    network.heal();
    const cutOff = ids.filter((id) => this.of(id).some(({ fault }) => fault === 'cutOff'));
    if (cutOff.length) network.partition([ids.filter((id) => !cutOff.includes(id))]);
    for (const from of ids)
      for (const to of ids) {
        const delay = from === to ? 0 : this.#delayOf(from) + this.#delayOf(to);
        if (delay) network.setLink(from, to, { delayUs: goodLink.delayUs + delay });
      }
  }

  #delayOf(member: MemberId): Micros {
    const slow = this.of(member).find((fault) => fault.fault === 'slowLinks');
    return slow?.delayUs ?? 0;
  }
}
