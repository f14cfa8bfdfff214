import { badRequest, internalError } from '../../../api/status.ts';
import type { UserInfo } from '../attributes.ts';
import { forbiddenRequest } from '../authz/authorize.ts';
import type { AuthorizationQuestion } from '../authz/authorizer.ts';
import type { Exchange } from '../exchange.ts';

const EXTRA = 'impersonate-extra-';

/** Lets a user act as another, if he may. Models apiserver/pkg/endpoints/filters/impersonation. */
export function impersonate(exchange: Exchange): Promise<void> {
  return exchange.stage('impersonation', async (note) => {
    const wanted = wantedUser(exchange);
    if (!wanted) {
      note.silent = true;
      return;
    }
    const asker = exchange.user;
    for (const question of questions(asker, wanted)) {
      const answer = await exchange.server.authorizer.authorize(question);
      if (!answer.allowed) throw forbiddenRequest(question, answer.reason);
    }
    exchange.impersonator = asker;
    exchange.user = { ...wanted, groups: completeGroups(wanted) };
    note.facts = {
      impersonator: asker.name,
      user: wanted.name,
      groups: exchange.user.groups.join(', '),
    };
    note.summary = `${asker.name} acts as ${wanted.name}.`;
  });
}

/** Whom the headers name; undefined when there are none. */
function wantedUser(exchange: Exchange): UserInfo | undefined {
  const name = exchange.header('impersonate-user') ?? '';
  const groups = exchange.headerValues('impersonate-group').filter((group) => group !== '');
  const uid = exchange.header('impersonate-uid') ?? '';
  const extra: Record<string, readonly string[]> = {};
  for (const key of Object.keys(exchange.request.headers))
    if (key.startsWith(EXTRA))
      extra[unescape(key.slice(EXTRA.length))] = exchange.headerValues(key);
  if (!name && !groups.length && !uid && !Object.keys(extra).length) return undefined;
  if (!name)
    throw internalError(
      `requested ${JSON.stringify(groups)} without impersonating a user`.replaceAll('"', ''),
    );
  return { name, uid, groups, extra };
}

function unescape(key: string): string {
  try {
    return decodeURIComponent(key).toLowerCase();
  } catch {
    throw badRequest(`invalid header name ${EXTRA}${key}`);
  }
}

function* questions(asker: UserInfo, wanted: UserInfo): Iterable<AuthorizationQuestion> {
  const ask = (
    resource: string,
    name: string,
    more: Partial<AuthorizationQuestion> = {},
  ): AuthorizationQuestion => ({
    user: asker,
    verb: 'impersonate',
    isResourceRequest: true,
    group: '',
    version: '',
    resource,
    subresource: '',
    namespace: '',
    name,
    path: '',
    ...more,
  });
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(wanted.name);
  if (account) yield ask('serviceaccounts', account[2] ?? '', { namespace: account[1] ?? '' });
  else yield ask('users', wanted.name);
  for (const group of wanted.groups) yield ask('groups', group);
  const authentication = { group: 'authentication.k8s.io', version: 'v1' };
  for (const [key, values] of Object.entries(wanted.extra))
    for (const value of values)
      yield ask('userextras', value, { ...authentication, subresource: key });
  if (wanted.uid) yield ask('uids', wanted.uid, authentication);
}

/** A ServiceAccount gets its groups unless some were named; everyone but the anonymous user is authenticated. */
function completeGroups(wanted: UserInfo): readonly string[] {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(wanted.name);
  const groups =
    account && !wanted.groups.length
      ? ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`]
      : [...wanted.groups];
  const member =
    wanted.name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  const known =
    groups.includes('system:authenticated') || groups.includes('system:unauthenticated');
  return known ? groups : [...groups, member];
}
