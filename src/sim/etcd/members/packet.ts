import type { IDisposable } from '../../../base/disposable.ts';
import type { EventId } from '../../../trace/event.ts';
import type { MemberId, MembershipChange, Message } from '../raft/message.ts';
import type { BackendState, Envelope, Outcome } from './backend.ts';
import type { MemberInfo } from './command.ts';

/** What a member asks of its leader beside Raft: a lease is renewed there, and only it knows who keeps up. */
export type Question =
  | { readonly ask: 'keepAlive' | 'timeToLive'; readonly lease: bigint }
  | { readonly ask: 'change'; readonly change: MembershipChange; readonly member: MemberInfo };

/** What goes over the network between members. */
export type Packet =
  | { readonly raft: Message<Envelope, BackendState> }
  | { readonly question: Question; readonly call: number; readonly cause: EventId }
  | { readonly answer: Outcome; readonly call: number }
  /** Of one that hears of nobody, and may not stand. */
  | { readonly hello: true }
  /** To one that is no member any more. */
  | { readonly removed: true };

export interface Transport {
  attach(node: MemberId, receive: (packet: Packet, from: MemberId) => void): IDisposable;
  send(from: MemberId, to: MemberId, packet: Packet): void;
}
