import { second } from '../../../base/time.ts';
import { unauthorized } from '../../../api/status.ts';
import type { UserInfo } from '../attributes.ts';
import type { Exchange } from '../exchange.ts';
import type { ServerParts } from '../serverParts.ts';
import { apiAudiences, type Claims } from './tokens.ts';

export const anonymous: UserInfo = {
  name: 'system:anonymous',
  uid: '',
  groups: ['system:unauthenticated'],
  extra: {},
};

/** Says who asks. Models the union of x509, bearer token and anonymous request authenticators. */
export function authenticate(exchange: Exchange): Promise<void> {
  return exchange.stage('authentication', async (note) => {
    const { certificate } = exchange.request.peer;
    const token = bearerToken(exchange.header('authorization'));
    if (certificate) {
      exchange.user = {
        name: certificate.commonName,
        uid: '',
        groups: authenticated(certificate.organizations),
        extra: certificate.sha256
          ? { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${certificate.sha256}`] }
          : {},
      };
      note.summary = `A client certificate names the user ${exchange.user.name}.`;
    } else if (token !== undefined) {
      const found = await userOfToken(exchange.server, token, apiAudiences);
      if ('problem' in found) {
        note.facts = { problem: found.problem };
        throw unauthorized();
      }
      exchange.user = found.user;
      note.summary = `A bearer token names the user ${exchange.user.name}.`;
      if (found.user.uid) exchange.auditAnnotations['authentication.k8s.io/token'] = 'valid';
    } else {
      exchange.user = anonymous;
      note.summary = 'No credentials: the request is anonymous.';
    }
    note.facts = { user: exchange.user.name, groups: exchange.user.groups.join(', ') };
  });
}

function bearerToken(header: string | undefined): string | undefined {
  const [scheme = '', token = ''] = (header ?? '').trim().split(' ');
  return scheme.toLowerCase() === 'bearer' && token ? token : undefined;
}

const authenticated = (groups: readonly string[]): readonly string[] =>
  groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'];

/** The user that a token stands for, or why it stands for nobody. `audiences` are those that the asker accepts. */
export async function userOfToken(
  server: ServerParts,
  token: string,
  audiences: readonly string[],
): Promise<
  { readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly problem: string }
> {
  const known = server.staticTokens.get(token);
  if (known) {
    const user = {
      name: known.name,
      uid: known.uid,
      groups: authenticated(known.groups),
      extra: {},
    };
    return { user, audiences: [] };
  }
  const claims = await server.tokens.verify(token);
  if (!claims) return { problem: 'invalid bearer token' };
  const now = server.clock.now() / second;
  if (claims.exp <= now) return { problem: 'service account token has expired' };
  if (claims.nbf > now) return { problem: 'service account token is not valid yet' };
  const shared = audiences.filter((audience) => claims.aud.includes(audience));
  if (!shared.length)
    return {
      problem: `token audiences ${JSON.stringify(claims.aud)} is invalid for the target audiences ${JSON.stringify(audiences)}`,
    };
  const problem = await missingReference(server, claims);
  return problem === undefined
    ? { user: serviceAccountUser(claims), audiences: shared }
    : { problem };
}

/** A token lives as long as what it is bound to. Models kubernetes/pkg/serviceaccount/claims.go validator.Validate. */
async function missingReference(server: ServerParts, claims: Claims): Promise<string | undefined> {
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
  const bound = [
    { resource: 'serviceaccounts', in: namespace, ...serviceaccount },
    ...(pod ? [{ resource: 'pods', in: namespace, ...pod }] : []),
    ...(secret ? [{ resource: 'secrets', in: namespace, ...secret }] : []),
    ...(node && !pod ? [{ resource: 'nodes', in: '', ...node }] : []),
  ];
  for (const { resource, in: where, name, uid } of bound) {
    const served = server.resources.get('', 'v1', resource);
    const stored = served && (await server.store.get(served, where, name));
    if (!stored) return `${resource} ${name} is gone`;
    if (stored.object.metadata.uid !== uid) return `${resource} ${name} was made anew`;
    const { deletionTimestamp } = stored.object.metadata;
    if (
      deletionTimestamp &&
      Date.parse(deletionTimestamp) * 1000 < server.clock.now() - 60 * second
    )
      return `${resource} ${name} has been deleted`;
  }
  return undefined;
}

function serviceAccountUser(claims: Claims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
  const extra: Record<string, readonly string[]> = {
    'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
  };
  if (node) {
    extra['authentication.kubernetes.io/node-name'] = [node.name];
    if (node.uid) extra['authentication.kubernetes.io/node-uid'] = [node.uid];
  }
  if (pod) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name];
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
  }
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: [
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
      'system:authenticated',
    ],
    extra,
  };
}
