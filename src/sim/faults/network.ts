import { toDisposable, type IDisposable } from '../../base/disposable.ts';
import type { Random } from '../../base/random.ts';
import { millisecond, type Clock, type Micros } from '../../base/time.ts';

/** How a link behaves. With jitter, what was sent later may arrive earlier. */
export interface LinkConditions {
  readonly delayUs: Micros;
  /** Up to this much more, by chance. */
  readonly jitterUs: Micros;
  /** The share of packets that never arrive, 0 to 1. */
  readonly loss: number;
}

/** Machines in one rack. */
export const goodLink: LinkConditions = {
  delayUs: millisecond / 4,
  jitterUs: 0,
  loss: 0,
};

/**
 * Carries packets between nodes in virtual time, and loses, delays and reorders them as told. None arrives twice, for
 * what it stands for is TCP. A link is one way: one that loses all leaves the way back open.
 */
export class Network<Node, Packet> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #nodes = new Map<Node, (packet: Packet, from: Node) => void>();
  #conditions: LinkConditions;
  #links = new Map<Node, Map<Node, Partial<LinkConditions>>>();
  #groupOf: ((node: Node) => number) | undefined;

  constructor(clock: Clock, random: Random, conditions: LinkConditions = goodLink) {
    this.#clock = clock;
    this.#random = random;
    this.#conditions = conditions;
  }

  /** The node hears of packets until the returned is disposed of; what is under way to it then is lost. */
  attach(node: Node, receive: (packet: Packet, from: Node) => void): IDisposable {
    this.#nodes.set(node, receive);
    return toDisposable(() => {
      if (this.#nodes.get(node) === receive) this.#nodes.delete(node);
    });
  }

  send(from: Node, to: Node, packet: Packet): void {
    if (!this.isConnected(from, to)) return;
    const link = { ...this.#conditions, ...this.#links.get(from)?.get(to) };
    if (link.loss && this.#random.float() < link.loss) return;
    const receive = this.#nodes.get(to);
    const delay = link.delayUs + (link.jitterUs ? this.#random.below(link.jitterUs) : 0);
    this.#clock.setTimer(delay, () => {
      // A link that was cut meanwhile, or a node that is another one by now.
      if (this.isConnected(from, to) && this.#nodes.get(to) === receive) receive?.(packet, from);
    });
  }

  isConnected(from: Node, to: Node): boolean {
    return this.#groupOf === undefined || this.#groupOf(from) === this.#groupOf(to);
  }

  /** How all links behave. */
  set conditions(conditions: Partial<LinkConditions>) {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  /** How one link behaves, beside what all do. */
  setLink(from: Node, to: Node, conditions: Partial<LinkConditions>): void {
    const links = this.#links.get(from) ?? new Map<Node, Partial<LinkConditions>>();
    this.#links.set(from, links.set(to, conditions));
  }

  /** Only nodes of the same group reach one another; who is in none is alone. */
  partition(groups: readonly (readonly Node[])[]): void {
    const alone = new Map<Node, number>();
    this.#groupOf = (node) => {
      const group = groups.findIndex((nodes) => nodes.includes(node));
      if (group >= 0) return group;
      if (!alone.has(node)) alone.set(node, groups.length + alone.size);
      return alone.get(node) ?? 0;
    };
  }

  /** All links are well again. */
  heal(): void {
    this.#groupOf = undefined;
    this.#links.clear();
    this.#conditions = goodLink;
  }
}
