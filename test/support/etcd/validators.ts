import type { WatchedChange } from '../../../src/sim/etcd/kv.ts';
import { second } from '../../../src/base/time.ts';
import type { Store } from '../../../src/sim/etcd/store.ts';
import { textOf, type History, type KvCall, type Watched } from './etcdRun.ts';
import { kvModel } from './kvModel.ts';
import { checkLinearizable } from './linearizable.ts';

/** What must hold of a whole history. Each returns sentences of what does not. */
export const validators = {
  'a term has one leader': ({ leaders }: History): string[] => {
    const byTerm = new Map<number, bigint>();
    return leaders.flatMap(({ member, term }) => {
      const other = byTerm.get(term) ?? member;
      byTerm.set(term, member);
      return other === member ? [] : [`${other} and ${member} lead term ${term}`];
    });
  },

  'logs match': ({ applied }: History): string[] => {
    const entries = new Map<number, string>();
    return applied.flatMap(({ member, index, term, id }) => {
      const entry = `${term} ${id}`;
      const other = entries.get(index) ?? entry;
      entries.set(index, entry);
      return other === entry
        ? []
        : [`${member} applies ${entry} as entry ${index}, another ${other}`];
    });
  },

  'members agree in the end': ({ settled, stores, users }: History): string[] => {
    if (!settled) return ['the members do not come to rest'];
    const [first, ...others] = stores.map(
      (store, index) => contentsOf(store) + JSON.stringify(users[index]),
    );
    return others.flatMap((other, index) =>
      other === first
        ? []
        : [`what member ${index + 2} holds differs from what the first one holds`],
    );
  },

  'nothing acknowledged is lost': ({ calls, stores }: History): string[] => {
    const written = writtenIn(stores[0] as Store);
    return calls.flatMap(({ input, output }) => {
      if (!output || (input.op !== 'put' && !(input.op === 'swap' && output.done))) return [];
      const found = written.get(`${input.key} ${output.revision}`);
      return found === input.value
        ? []
        : [
            `${input.key}=${input.value} of revision ${output.revision} is lost (${found ?? 'nothing'} there)`,
          ];
    });
  },

  /**
   * What etcd promises: a lease ends when its TTL is over since the last renewal by the clock of the member that leads,
   * which is the one that lets it end; another leader grants all of it anew. By a clock that goes twice as fast it ends in
   * half of the time, and nobody promises otherwise.
   */
  'leases never end early': ({ leases }: History): string[] =>
    leases.flatMap(({ id, ttl, renewed, ended }) => {
      const since = ended && renewed.get(ended.by);
      return since !== undefined && ended && ended.at < since + ttl * second
        ? [`lease ${id} of ${ttl} s, renewed at ${since}, ended at ${ended.at} of ${ended.by}`]
        : [];
    }),

  'watches are ordered, unique and without a gap': ({ watches, stores }: History): string[] =>
    watches.flatMap((watched) => watchProblems(watched, stores[0] as Store)),

  // Last, for its search is long where much is wrong.
  'the keys are linearizable': ({ calls, stores }: History): string[] => {
    const store = stores[0] as Store;
    const known = calls.flatMap((call) => withFate(call, store, calls));
    const { holds, longest, tried } = checkLinearizable(kvModel, known);
    if (holds === 'yes') return [];
    const stuck = known.filter((call) => call.end !== undefined && !longest.includes(call));
    const first = JSON.stringify(stuck.sort((a, b) => a.start - b.start)[0]);
    return [
      holds === 'no'
        ? `no order explains: ${first}`
        : `undecided after ${tried} tries; the longest order found does not explain: ${first}`,
    ];
  },
} as const;

/**
 * A write that nobody answered and whose value is in the store was done, at the revision that it has there; one whose value is
 * not there was not. Values are written once only, and a key of a lease is deleted once. Another deletion may be one of
 * those in the store that nobody was told of.
 */
function withFate(call: KvCall, store: Store, calls: readonly KvCall[]): KvCall[] {
  const { input, output } = call;
  if (output || input.op === 'get') return [call];
  const isLease = input.key.startsWith('l');
  if (input.op === 'delete' && !isLease) {
    const told = new Set(
      calls.map((other) =>
        other.input.op === 'delete' && other.output?.done ? other.output.revision : 0,
      ),
    );
    const among = store
      .history(input.key)
      .flatMap(({ kv, revision }) => (kv || told.has(revision) ? [] : [revision]));
    return among.length ? [{ ...call, input: { ...input, among } }] : [];
  }
  const version = store
    .history(input.key)
    .find(({ kv }) => (input.op === 'delete' ? !kv : kv && textOf(kv.value) === input.value));
  if (!version) return [];
  const { revision } = version;
  const end = Number.MAX_SAFE_INTEGER;
  return [{ ...call, end, output: { revision, ...(input.op !== 'put' && { done: true }) } }];
}

function watchProblems({ key, batches }: Watched, store: Store): string[] {
  const told = batches.flatMap(({ changes }) => changes.map(nameOfChange));
  const expected = store
    .versions()
    .filter((version) => key === '' || version.key === key)
    .map(({ key: of, revision, kv }) => `${of}@${revision} ${kv ? textOf(kv.value) : 'deleted'}`);
  const at = expected.findIndex((name, index) => told[index] !== name);
  if (at < 0 && told.length === expected.length) return [];
  const place = at < 0 ? expected.length : at;
  return [
    `the watch of "${key}" hears "${told[place] ?? 'nothing'}" in the place of "${expected[place] ?? 'nothing'}"`,
  ];
}

const nameOfChange = ({ type, kv }: WatchedChange): string =>
  `${kv.key}@${kv.modRevision} ${type === 'put' ? textOf(kv.value) : 'deleted'}`;

const contentsOf = (store: Store): string =>
  store
    .versions()
    .map(({ key, revision, sub, kv }) => `${revision}.${sub} ${key} ${kv ? textOf(kv.value) : ''}`)
    .join('\n');

const writtenIn = (store: Store): Map<string, string> =>
  new Map(
    store
      .versions()
      .flatMap(({ key, revision, kv }) => (kv ? [[`${key} ${revision}`, textOf(kv.value)]] : [])),
  );

/** What the first validator says that finds something wrong. */
export function problemsOf(history: History): string[] {
  for (const [name, validate] of Object.entries(validators)) {
    const problems = validate(history);
    if (problems.length) return problems.map((problem) => `${name}: ${problem}`);
  }
  return [];
}
