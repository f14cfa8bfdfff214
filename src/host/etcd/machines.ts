import type { MemberSpec } from '../../sim/etcd/members/command.ts';
import { aloneSpec, memberIdOf } from './member.ts';

const firstPeerPort = 2380;

/** Nobody but the members reaches it: they talk inside the simulation. */
export const peerUrlOf = (index: number): string =>
  `http://127.0.0.1:${firstPeerPort + 100 * index}`;

/** The machines of a cluster of several: etcd-1, etcd-2 … */
export function machineSpec(index: number): MemberSpec {
  const peerUrls = [peerUrlOf(index)];
  return { id: memberIdOf(peerUrls), name: `etcd-${index + 1}`, peerUrls };
}

/** The index of a machine: 2 of etcd-3; undefined: it is none of ours. */
export function machineOf(name: string): number | undefined {
  const number = /^etcd-([1-9]\d*)$/.exec(name)?.[1];
  return number === undefined ? undefined : Number(number) - 1;
}

/** Those that a cluster begins with. One has etcd's defaults. */
export const memberSpecs = (count: number): MemberSpec[] =>
  count === 1 ? [aloneSpec()] : Array.from({ length: count }, (_, index) => machineSpec(index));
