import { defined } from '../../base/assert.ts';
import { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../../base/time.ts';
import type { MemberSpec } from '../../sim/etcd/members/command.ts';
import type { EtcdGroup } from '../../sim/etcd/members/group.ts';
import { EtcdDoor, type EtcdDoorOptions } from './etcdDoor.ts';
import { clusterIdOf } from './member.ts';
import { machineOf, peerUrlOf } from './machines.ts';

export interface MemberDoorsOptions extends Omit<EtcdDoorOptions, 'store' | 'port' | 'of'> {
  readonly clock: Clock;
  readonly onBug: (error: unknown) => void;
  readonly group: EtcdGroup;
  /** Those that the cluster began with, whose ids its own id is made of. */
  readonly founders: readonly MemberSpec[];
  /** Of the first machine; the others have the ones after it. 0: any free one for each. */
  readonly firstPort: number;
  /** What it means that a port cannot be had. */
  readonly portError: (error: unknown, port: number) => unknown;
}

/** A door for every member, from when it joins to when it leaves. A member that does not run refuses its clients. */
export class MemberDoors extends Disposable {
  readonly #options: MemberDoorsOptions;
  /** By the name of the machine. */
  readonly #doors = new Map<string, EtcdDoor>();

  constructor(options: MemberDoorsOptions) {
    super();
    this.#options = options;
    const { group, onBug } = options;
    this._register(group.onDidLeave(({ name }) => this.#close(name)));
    this._register(group.onDidJoin((spec) => void this.#open(spec).catch(onBug)));
    this._register({
      dispose: () => {
        for (const name of this.#doors.keys()) this.#close(name);
      },
    });
  }

  /** Opens those of the members that there are; returns their ports, in the order of the group. */
  listen(): Promise<number[]> {
    return Promise.all(this.#options.group.specs.map((spec) => this.#open(spec)));
  }

  #close(name: string): void {
    this.#doors.get(name)?.dispose();
    this.#doors.delete(name);
  }

  async #open({ id, name }: MemberSpec): Promise<number> {
    const { group, founders, firstPort, portError, ...options } = this.#options;
    const index = defined(machineOf(name), 'a machine of another name');
    const port = firstPort && firstPort + index;
    const door = new EtcdDoor({
      ...options,
      port,
      store: group.storeOf(id),
      of: {
        server: () => group.server(id),
        peerUrl: peerUrlOf(index),
        clusterId: clusterIdOf(founders.map((founder) => founder.id)),
        auth: group.authOf(id),
      },
    });
    this.#doors.set(name, door);
    const bound = await door.listen().catch((error: unknown) => {
      throw portError(error, port);
    });
    group.serveAt(id, [`http://127.0.0.1:${bound}`]);
    return bound;
  }
}
