import type { Model } from './linearizable.ts';

export type KvInput =
  | { readonly op: 'get'; readonly key: string }
  | { readonly op: 'put'; readonly key: string; readonly value: string }
  /** `among`: when it was done, it was at one of these revisions. */
  | { readonly op: 'delete'; readonly key: string; readonly among?: readonly number[] }
  /** Puts when the key was last written at this revision (0: when it is not there); else reads it. */
  | { readonly op: 'swap'; readonly key: string; readonly at: number; readonly value: string };

export interface KvOutput {
  readonly revision: number;
  /** What a get or a failed swap read. */
  readonly value?: string;
  readonly modRevision?: number;
  /** How many keys a delete deleted; whether a swap put. */
  readonly done?: boolean;
}

export interface KvState {
  readonly revision: number;
  readonly keys: ReadonlyMap<string, { readonly value: string; readonly modRevision: number }>;
}

const names = new WeakMap<KvState, string>();

/** etcd as one client after another would see it: keys, and a revision that counts the writes. */
export const kvModel: Model<KvState, KvInput, KvOutput> = {
  initial: { revision: 1, keys: new Map() },

  step(state, input, output) {
    // Most calls cannot be next, and their revision tells so at once.
    if (output && output.revision !== state.revision && output.revision !== state.revision + 1)
      return [];
    const [after, expected] = perform(state, input);
    // Nobody knows whether it was done. If not, it has no place in the order.
    if (!output) return after === state || !mayBe(input, after.revision) ? [] : [after];
    const fits =
      output.revision === expected.revision &&
      output.value === expected.value &&
      output.modRevision === expected.modRevision &&
      output.done === expected.done;
    return fits ? [after] : [];
  },

  nameOf(state) {
    let name = names.get(state);
    if (name === undefined) {
      const keys = [...state.keys].map(([key, kv]) => `${key}=${kv.value}@${kv.modRevision}`);
      name = `${state.revision} ${keys.sort().join(' ')}`;
      names.set(state, name);
    }
    return name;
  },
};

const mayBe = (input: KvInput, revision: number): boolean =>
  input.op !== 'delete' || !input.among || input.among.includes(revision);

function perform(state: KvState, input: KvInput): readonly [KvState, KvOutput] {
  const { revision, keys } = state;
  const old = keys.get(input.key);
  const read = { revision, ...(old && { value: old.value, modRevision: old.modRevision }) };
  const put = (value: string): KvState => ({
    revision: revision + 1,
    keys: new Map(keys).set(input.key, { value, modRevision: revision + 1 }),
  });
  switch (input.op) {
    case 'get':
      return [state, read];
    case 'put':
      return [put(input.value), { revision: revision + 1 }];
    case 'swap':
      if ((old?.modRevision ?? 0) !== input.at) return [state, { ...read, done: false }];
      return [put(input.value), { revision: revision + 1, done: true }];
    case 'delete': {
      if (!old) return [state, { revision, done: false }];
      const left = new Map(keys);
      left.delete(input.key);
      return [
        { revision: revision + 1, keys: left },
        { revision: revision + 1, done: true },
      ];
    }
  }
}
