import { forbidden, type StatusError } from '../../../api/status.ts';
import { goQuote } from '../../../api/field.ts';
import type { UserInfo } from '../attributes.ts';
import type { Exchange } from '../exchange.ts';
import { describeRule } from './rules.ts';
import type { AuthorizationAnswer, AuthorizationQuestion, Authorizer } from './authorizer.ts';

/** Asks authorizers in turn until one allows; the reasons of the others are kept. Models authorizer/union. */
export class UnionAuthorizer implements Authorizer {
  readonly #members: readonly Authorizer[];

  constructor(members: readonly Authorizer[]) {
    this.#members = members;
  }

  async authorize(question: AuthorizationQuestion): Promise<AuthorizationAnswer> {
    if (question.user.groups.includes('system:masters')) return { allowed: true, reason: '' };
    const reasons: string[] = [];
    for (const member of this.#members) {
      const answer = await member.authorize(question);
      if (answer.allowed) return answer;
      if (answer.reason) reasons.push(answer.reason);
    }
    return { allowed: false, reason: reasons.join('\n') };
  }
}

/** May the user do this at all? Models apiserver/pkg/endpoints/filters WithAuthorization. */
export function authorize(exchange: Exchange): Promise<void> {
  return exchange.stage('authorization', async (note) => {
    const question = questionOf(exchange, exchange.user);
    const answer = await exchange.server.authorizer.authorize(question);
    exchange.auditAnnotations['authorization.k8s.io/decision'] = answer.allowed
      ? 'allow'
      : 'forbid';
    exchange.auditAnnotations['authorization.k8s.io/reason'] = answer.reason;
    const isMaster = exchange.user.groups.includes('system:masters');
    note.facts = {
      user: exchange.user.name,
      verb: question.verb,
      ...(answer.reason && { reason: answer.reason }),
      ...(answer.rule && { rule: describeRule(answer.rule) }),
      ...(isMaster && { reason: 'group system:masters may do everything' }),
    };
    if (!answer.allowed) throw forbiddenRequest(question, answer.reason);
    note.summary = isMaster
      ? `${exchange.user.name} is in group system:masters, which may do everything.`
      : `${exchange.user.name} may ${question.verb} this: ${answer.reason}.`;
  });
}

export function questionOf(exchange: Exchange, user: UserInfo): AuthorizationQuestion {
  const { isResourceRequest, verb, group, version, resource, subresource, namespace, name, path } =
    exchange.info;
  const fieldSelector = exchange.query.get('fieldSelector');
  return {
    user,
    verb,
    isResourceRequest,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    path,
    ...(fieldSelector !== undefined && { fieldSelector }),
  };
}

/** 403, in the words of the API server. Models handlers/responsewriters ForbiddenStatusError. */
export function forbiddenRequest(question: AuthorizationQuestion, reason: string): StatusError {
  const text = sanitize(forbiddenText(question));
  return forbidden(question, question.name, reason ? `${text}: ${reason}` : text);
}

function forbiddenText(question: AuthorizationQuestion): string {
  const { user, verb, path, group, namespace } = question;
  const who = `User ${goQuote(user.name)} cannot ${verb}`;
  if (!question.isResourceRequest) return `${who} path ${goQuote(path)}`;
  const resource = question.subresource
    ? `${question.resource}/${question.subresource}`
    : question.resource;
  const what = `${who} resource ${goQuote(resource)} in API group ${goQuote(group)}`;
  return namespace
    ? `${what} in the namespace ${goQuote(namespace)}`
    : `${what} at the cluster scope`;
}

/** Messages must not look like HTML. */
const sanitize = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
