import { toDisposable, type IDisposable } from '../../../base/disposable.ts';
import type { Clock, Micros } from '../../../base/time.ts';
import type { MemberId } from '../raft/message.ts';
import type { Backend } from './backend.ts';
import type { MemberInfo } from './command.ts';
import type { Packet } from './packet.ts';
import { ignoreEtcdError } from './waiters.ts';

export interface PresencePort {
  readonly id: MemberId;
  readonly name: string;
  /** Where clients reach it, as soon as that is known. */
  readonly clientUrls: () => readonly string[];
  readonly backend: Backend;
  readonly clock: Clock;
  /** Whom it may ask where it knows no member: etcd's --initial-cluster. */
  readonly peers: () => readonly MemberId[];
  readonly send: (to: MemberId, packet: Packet) => void;
  /** Has all know of it what it says here. */
  readonly tell: (member: MemberInfo) => Promise<unknown>;
  /** It was removed from the cluster: its process ends. */
  readonly removed: () => void;
}

/** How a member makes itself known to the others, and goes when it is none of them any more. */
export class Presence implements IDisposable {
  readonly #port: PresencePort;
  #isTelling = false;
  #leaving: IDisposable | undefined;

  constructor(port: PresencePort) {
    this.#port = port;
  }

  /** Tells the others its name and where clients reach it, as long as they do not know. Models etcdserver publishV3. */
  publish(): void {
    const { id, name, backend, tell } = this.#port;
    const info = backend.members.find((member) => member.id === id);
    const clientUrls = this.#port.clientUrls();
    if (!info || this.#isTelling || this.#leaving) return;
    if (info.name === name && info.clientUrls.join() === clientUrls.join()) return;
    this.#isTelling = true;
    tell({ ...info, name, clientUrls })
      .catch(ignoreEtcdError)
      .finally(() => (this.#isTelling = false));
  }

  /**
   * Who does not vote is silent unless it is spoken to, so it would never hear that it was removed. As etcd's streams, which
   * are opened anew again and again.
   */
  greet(): void {
    const { id, peers, send } = this.#port;
    for (const peer of peers()) if (peer !== id) send(peer, { hello: true });
  }

  /** It is no member any more. Models etcdserver stopWithDelay: who asked for it gets an answer still. */
  leave(delayUs: Micros): void {
    const { clock, removed } = this.#port;
    this.#leaving ??= clock.setTimer(delayUs, removed);
  }

  dispose(): void {
    this.#leaving?.dispose();
    this.#leaving = toDisposable(() => undefined);
  }
}
