import type { RaftEvent } from '../../../trace/event.ts';
import type { Message } from '../raft/message.ts';
import type { BackendState, Envelope } from './backend.ts';
import { wordsOf } from './command.ts';

type AnyMessage = Message<Envelope, BackendState>;

/** A message in the trace; undefined for a heartbeat that carries nothing. `me` and `to` are names. */
export function noteOf(
  message: AnyMessage,
  me: string,
  to: string,
): Pick<RaftEvent, 'kind' | 'summary'> | undefined {
  const { term } = message;
  switch (message.type) {
    case 'preVote':
      return {
        kind: 'vote',
        summary: `${me} asks ${to} whether it would vote for it in term ${term}`,
      };
    case 'vote':
      return { kind: 'vote', summary: `${me} asks ${to} for its vote in term ${term}` };
    case 'preVoteReply':
      return {
        kind: 'vote',
        summary: message.granted
          ? `${me} would vote for ${to} in term ${term}`
          : `${me} would not vote for ${to}`,
      };
    case 'voteReply':
      return {
        kind: 'vote',
        summary: message.granted
          ? `${me} votes for ${to} in term ${term}`
          : `${me} refuses ${to} its vote in term ${term}`,
      };
    case 'append':
      return { kind: 'append', summary: appendWords(message, me, to) };
    case 'appendReply':
      return {
        kind: 'append',
        summary: message.hint
          ? `${me} tells ${to} that its log does not fit at entry ${message.index}, at best at ${message.hint.index}`
          : `${me} has the log of ${to} up to entry ${message.index}`,
      };
    case 'heartbeat':
      if (message.read === undefined) return undefined;
      return { kind: 'read', summary: `${me} asks ${to} whether it still leads, for a read` };
    case 'heartbeatReply':
      if (message.read === undefined) return undefined;
      return { kind: 'read', summary: `${me} confirms that ${to} leads` };
    case 'snapshot':
      return {
        kind: 'snapshot',
        summary: `${me} sends ${to} a snapshot of entry ${message.snapshot.index}, for its log does not reach back far enough`,
      };
    case 'readIndex':
      return { kind: 'read', summary: `${me} asks ${to} up to which entry a read must look` };
    case 'readIndexReply':
      return { kind: 'read', summary: `${me} tells ${to} to read at entry ${message.index}` };
    case 'propose':
      return {
        kind: 'propose',
        summary: `${me} passes on to ${to}: ${message.proposals
          .map(({ command }) => wordsOf(command?.command))
          .join(', ')}`,
      };
    case 'transfer':
      return { kind: 'member', summary: `${me} asks ${to} to hand over the leadership` };
    case 'timeoutNow':
      return { kind: 'member', summary: `${me} tells ${to} to stand at once` };
  }
}

function appendWords(
  { entries, commit }: AnyMessage & { readonly type: 'append' },
  me: string,
  to: string,
): string {
  const [first] = entries;
  const last = entries.at(-1);
  if (!first || !last) return `${me} tells ${to} that entry ${commit} is committed`;
  if (first === last)
    return `${me} sends ${to} entry ${first.index}: ${wordsOf(first.command?.command)}`;
  return `${me} sends ${to} entries ${first.index} to ${last.index}`;
}
