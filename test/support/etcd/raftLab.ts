import type { Random } from '../../../src/base/random.ts';
import type {
  Entry,
  HardState,
  MemberId,
  Membership,
  MembershipChange,
  Message,
  Proposal,
  Stored,
} from '../../../src/sim/etcd/raft/message.ts';
import { Raft } from '../../../src/sim/etcd/raft/raft.ts';

type Applied = readonly string[];
type RaftMessage = Message<string, Applied>;

/** A member with a disk that is never slow. */
interface Node {
  readonly id: MemberId;
  raft: Raft<string, Applied>;
  stored: Stored<string>;
  /** What it made of the log, and how far it is. */
  applied: Applied;
  index: number;
  term: number;
  membership: Membership;
}

const electionTicks = 10;
/** Every member waits as many ticks longer as its number says. */
const randomOf = (id: MemberId): Random => ({
  below: (bound) => Number(id) % bound,
  float: () => 0,
  fork: () => randomOf(id),
});

/**
 * Members of Raft in a laboratory: nothing goes from one to another and no time goes by unless a command says so. Commands
 * answer with what happened, a line each:
 *
 *     campaign 1        1 asks who would vote for it
 *     deliver           whatever is under way arrives, and what follows from it, until all is quiet
 *     deliver 1 2       only what goes from 1 to 2 now
 *
 * After go.etcd.io/raft/v3/rafttest, whose commands are called so too.
 */
export class RaftLab {
  readonly #nodes = new Map<MemberId, Node>();
  #inFlight: RaftMessage[] = [];
  /** Who reaches nobody. */
  readonly #cut = new Set<MemberId>();
  /** Who does not apply what is committed. */
  readonly #stalled = new Set<MemberId>();
  #lines: string[] = [];

  /** Returns what happened, a line each. */
  run(line: string): string[] {
    const [name = '', ...words] = line.split(' ');
    const command = commands[name];
    if (!command) throw new Error(`no such command: ${line}`);
    this.#lines = [];
    command(this, words);
    return this.#lines;
  }

  /** What happened in this command so far is not told. */
  forget(): void {
    this.#lines = [];
  }

  say(line: string): void {
    this.#lines.push(line);
  }

  /** @param log the terms of the entries that it has; absent for a member that joins */
  add(id: MemberId, membership: Membership, log: readonly number[] = [], term = 0): void {
    const isNew = !membership.voters.length;
    const entries = log.map((of, index) => ({
      index: index + 2,
      term: of,
      command: `${of}.${index + 2}`,
      cause: 0,
    }));
    // A cluster begins with an entry that tells of its members.
    const base = isNew ? { index: 0, term: 0 } : { index: 1, term: 1 };
    const hardState: HardState = {
      term: Math.max(term, base.term, ...log),
      vote: undefined,
      commit: base.index,
    };
    const node: Omit<Node, 'raft'> = {
      id,
      stored: { hardState, base, entries },
      applied: [],
      index: base.index,
      term: base.term,
      membership,
    };
    this.#nodes.set(id, Object.assign(node, { raft: this.#raft(node) }));
  }

  node(id: MemberId): Node {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`no member ${id}`);
    return node;
  }

  get nodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  /** Ends and starts it: what is not on its disk is lost. */
  restart(id: MemberId): void {
    const node = this.node(id);
    node.raft = this.#raft(node);
  }

  /** Has it do what a command asks of it, and then what its Raft has ready. */
  act(id: MemberId, action: (raft: Raft<string, Applied>) => void): void {
    const node = this.node(id);
    action(node.raft);
    this.#process(node);
  }

  deliver(from?: MemberId, to?: MemberId): void {
    const isMeant = (message: RaftMessage): boolean =>
      (from === undefined || message.from === from) && (to === undefined || message.to === to);
    do {
      const now = this.#inFlight.filter(isMeant);
      this.#inFlight = this.#inFlight.filter((message) => !isMeant(message));
      for (const message of now) {
        if (this.#cut.has(message.from) || this.#cut.has(message.to)) continue;
        this.say(`${message.from}->${message.to} ${wordsOf(message)}`);
        if (this.#nodes.has(message.to)) this.act(message.to, (raft) => raft.step(message));
      }
    } while (from === undefined && this.#inFlight.length);
  }

  arrive(message: RaftMessage): void {
    this.act(message.to, (raft) => raft.step(message));
  }

  /** What is under way from one to the other is lost. */
  drop(from?: MemberId, to?: MemberId): void {
    this.#inFlight = this.#inFlight.filter(
      (message) =>
        (from !== undefined && message.from !== from) || (to !== undefined && message.to !== to),
    );
  }

  /** From now on it does not apply what is committed, as if the disk of its store stood still. */
  stall(id: MemberId): void {
    this.#stalled.add(id);
  }

  resume(id: MemberId): void {
    this.#stalled.delete(id);
    this.act(id, () => undefined);
  }

  cut(id: MemberId): void {
    this.#cut.add(id);
  }

  heal(): void {
    this.#cut.clear();
  }

  #raft(node: Omit<Node, 'raft'>): Raft<string, Applied> {
    return new Raft({
      id: node.id,
      membership: node.membership,
      stored: node.stored,
      applied: node.index,
      random: randomOf(node.id),
      name: String,
      electionTicks,
      snapshot: () => ({
        index: node.index,
        term: node.term,
        membership: node.membership,
        state: node.applied,
      }),
      note: (kind, _cause, summary) => {
        if (kind !== 'commit') this.say(summary);
        return 0;
      },
      started: 0,
    });
  }

  #process(node: Node): void {
    const { raft } = node;
    while (raft.hasReady) {
      const { hardState, snapshot, entries, messages } = raft.takeReady();
      const { stored } = node;
      const base = snapshot ?? stored.base;
      const kept = snapshot ? [] : stored.entries;
      const [first] = entries;
      node.stored = {
        hardState: hardState ?? stored.hardState,
        base: { index: base.index, term: base.term },
        entries: first ? [...kept.slice(0, first.index - base.index - 1), ...entries] : kept,
      };
      if (snapshot) {
        const { index, term, state: applied, membership } = snapshot;
        Object.assign(node, { index, term, applied, membership });
        this.say(`${node.id} has ${index}: ${applied.join(' ')}`);
      }
      const last = entries.at(-1);
      if (last) raft.stableTo(last.index, last.term);
      this.#inFlight.push(...messages);
      this.#applyAll(node);
    }
    this.#applyAll(node);
    for (const { request, index } of raft.takeReads())
      this.say(`${node.id} may answer read ${request} with entry ${index}`);
  }

  #applyAll(node: Node): void {
    const committed = this.#stalled.has(node.id) ? [] : node.raft.log.toApply();
    for (const entry of committed) this.#apply(node, entry);
    if (!committed.length) return;
    const words = committed.map((entry) => `${entry.index}:${entryWords(entry)}`);
    this.say(`${node.id} applies ${few(words)}`);
  }

  #apply(node: Node, entry: Entry<string>): void {
    const { index, term, command, change } = entry;
    const { raft } = node;
    node.index = index;
    node.term = term;
    raft.log.applied = index;
    if (command !== undefined) node.applied = [...node.applied, command];
    if (change) raft.applyChange(change);
    node.membership = raft.membership;
  }

  /** Cuts the log of a member. */
  compact(id: MemberId, index: number): void {
    const node = this.node(id);
    const { log } = node.raft;
    log.compact(index);
    const base = { index: log.baseIndex, term: log.termAt(log.baseIndex) ?? 0 };
    const entries = node.stored.entries.filter((entry) => entry.index > index);
    node.stored = { ...node.stored, base, entries };
  }
}

type CommandOf = (lab: RaftLab, words: readonly string[]) => void;

const idsOf = (words: readonly string[]): MemberId[] => words.map(BigInt);

const commands: Readonly<Record<string, CommandOf>> = {
  /** `voters 1 2 3 learners 4` */
  voters(lab, words) {
    const at = words.indexOf('learners');
    const voters = idsOf(at < 0 ? words : words.slice(0, at));
    const learners = idsOf(at < 0 ? [] : words.slice(at + 1));
    for (const id of [...voters, ...learners]) lab.add(id, { voters, learners });
  },

  /** `logs 1:1,2*9 2:1,1@3`: the terms of their entries, from entry 2 on; their own term behind the @. */
  logs(lab, words) {
    const parts = words.map((word) => {
      const [id = '', log = ''] = word.split(':');
      const [terms = '', term = '0'] = log.split('@');
      const of = terms ? terms.split(',') : [];
      return { id: BigInt(id), terms: of.flatMap(repeated), term };
    });
    const voters = parts.map(({ id }) => id);
    for (const { id, terms, term } of parts)
      lab.add(id, { voters, learners: [] }, terms, Number(term));
  },

  /** A member that was added starts. */
  join: (lab, [id = '']) => lab.add(BigInt(id), { voters: [], learners: [] }),
  campaign: (lab, [id = '']) => lab.act(BigInt(id), (raft) => raft.campaign()),

  /** `elect 1`: it stands, all votes arrive, and all that follows; says only who leads then. */
  elect(lab, [id = '']) {
    lab.run(`campaign ${id}`);
    lab.run('deliver');
    lab.forget();
    for (const { raft } of lab.nodes)
      if (raft.role === 'leader') lab.say(`${raft.id} leads term ${raft.term}`);
  },

  /** `quiet pass 9`: does it and tells nothing. */
  quiet(lab, words) {
    lab.run(words.join(' '));
    lab.forget();
  },

  /** `tick 1 10`: as many ticks, one after another; `tick all 10`: of all in turn. */
  tick(lab, [who = '', count = '1']) {
    const ids = who === 'all' ? lab.nodes.map(({ id }) => id) : [BigInt(who)];
    for (let tick = 0; tick < Number(count); tick++)
      for (const id of ids) lab.act(id, (raft) => raft.tick());
  },

  /** As `tick all`, but everything arrives after each. */
  pass(lab, [count = '1']) {
    for (let tick = 0; tick < Number(count); tick++) {
      for (const { id } of lab.nodes) lab.act(id, (raft) => raft.tick());
      lab.deliver();
    }
  },

  /** `propose 1 x y`: one after another. */
  propose: (lab, [id = '', ...texts]) =>
    lab.act(BigInt(id), (raft) => {
      for (const command of texts)
        if (!raft.propose([{ command, cause: 0 }])) lab.say(`${id} drops ${command}`);
    }),

  /** `change 1 addVoter 4` */
  change: (lab, [id = '', change, member = '']) =>
    lab.act(BigInt(id), (raft) => {
      const step = { change, member: BigInt(member) } as MembershipChange;
      if (!raft.propose([{ change: step, cause: 0 }])) lab.say(`${id} drops the change`);
    }),

  /** `read 2 7`: member 2 wants to answer read 7. */
  read: (lab, [id = '', request]) =>
    lab.act(BigInt(id), (raft) => {
      if (!raft.readIndex(Number(request), 0)) lab.say(`${id} knows nobody to ask`);
    }),

  transfer: (lab, [id = '', to = '']) =>
    lab.act(BigInt(id), (raft) => raft.transfer(BigInt(to), 0)),
  deliver: (lab, ids) => lab.deliver(...idsOf(ids)),
  drop: (lab, ids) => lab.drop(...idsOf(ids)),
  /** `arrive {"type": …, "from": 1, "to": 2, "term": 3}`: a message that was long under way, or that nobody sent. */
  arrive(lab, words) {
    const { from, to, ...rest } = JSON.parse(words.join(' ')) as { from: number; to: number };
    lab.arrive({ ...rest, cause: 0, from: BigInt(from), to: BigInt(to) } as RaftMessage);
  },

  stall: (lab, [id = '']) => lab.stall(BigInt(id)),
  resume: (lab, [id = '']) => lab.resume(BigInt(id)),
  cut: (lab, ids) => idsOf(ids).forEach((id) => lab.cut(id)),
  heal: (lab) => lab.heal(),
  compact: (lab, [id = '', index]) => lab.compact(BigInt(id), Number(index)),
  restart: (lab, [id = '']) => lab.restart(BigInt(id)),

  /** How it stands with each. */
  status(lab) {
    for (const { id, raft } of lab.nodes) {
      const { role, term, leader, log, membership } = raft;
      const { voters, learners } = membership;
      const members = `voters ${voters.join(' ')}${learners.length ? `, learners ${learners.join(' ')}` : ''}`;
      const led = leader === undefined ? 'nobody' : String(leader);
      lab.say(
        `${id} ${role} of ${led} in term ${term}, log to ${log.lastIndex}, committed ${log.committed}; ${members}`,
      );
    }
  },

  /** The terms of the entries of each. */
  terms(lab) {
    for (const { id, raft } of lab.nodes) {
      const { log } = raft;
      const terms = log.slice(log.baseIndex + 1).map(({ term }) => term);
      lab.say(`${id} ${log.baseIndex}/${log.termAt(log.baseIndex) ?? 0} ${few(terms.map(String))}`);
    }
  },
};

/** `2*3` is 2, 2, 2. */
function repeated(term: string): number[] {
  const [of, count = '1'] = term.split('*');
  return Array.from({ length: Number(count) }, () => Number(of));
}

type Said = Proposal<string> | Entry<string>;

const entryWords = ({ command, change }: Said): string =>
  change ? `${change.change} ${change.member}` : (command ?? '-');

/** Those in the middle of many are not told. */
const few = (words: readonly string[]): string =>
  words.length > 12
    ? `${words.slice(0, 2).join(' ')} … ${words.slice(-2).join(' ')}`
    : words.join(' ');

function wordsOf(message: RaftMessage): string {
  const { term } = message;
  switch (message.type) {
    case 'preVote':
    case 'vote':
      return `${message.type} term ${term}, log ${message.lastIndex}/${message.lastTerm}${message.isTransfer ? ', by transfer' : ''}`;
    case 'preVoteReply':
    case 'voteReply':
      return `${message.type} term ${term} ${message.granted ? 'yes' : 'no'}`;
    case 'append': {
      const { previousIndex, previousTerm, entries, commit } = message;
      const words = entries.map((entry) => `${entry.term}:${entryWords(entry)}`);
      return `append term ${term}, after ${previousIndex}/${previousTerm} [${few(words)}], committed ${commit}`;
    }
    case 'appendReply': {
      const { index, hint } = message;
      return hint
        ? `no to ${index}, perhaps ${hint.index}/${hint.term}`
        : `has ${index}, term ${term}`;
    }
    case 'heartbeat':
      return `heartbeat term ${term}, committed ${message.commit}${message.read === undefined ? '' : `, round ${message.read}`}`;
    case 'heartbeatReply':
      return `hears${message.read === undefined ? '' : ` round ${message.read}`}`;
    case 'snapshot':
      return `snapshot of ${message.snapshot.index}/${message.snapshot.term}`;
    case 'readIndex':
      return `asks for read ${message.request}`;
    case 'readIndexReply':
      return `read ${message.request} is at ${message.index}`;
    case 'propose':
      return `passes on ${message.proposals.map(entryWords).join(' ')}`;
    case 'transfer':
      return `asks to hand over to ${message.transferee}`;
    case 'timeoutNow':
      return `stand now`;
  }
}
