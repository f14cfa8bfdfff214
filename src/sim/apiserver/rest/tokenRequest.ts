import { second } from '../../../base/time.ts';
import { formatTime } from '../../../base/time.ts';
import { uuid } from '../../../base/random.ts';
import { FieldPath, invalid, invalidObject, type FieldError } from '../../../api/field.ts';
import { parseGroupVersion, type JsonObject, type KubeObject } from '../../../api/meta.ts';
import { badRequest, conflict, notFound } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import { apiAudiences, tokenIssuer, type Claims } from '../authn/tokens.ts';
import type { Exchange } from '../exchange.ts';
import type { RestTarget } from './target.ts';
import { createVirtual } from './virtualCreate.ts';

interface TokenRequest extends KubeObject {
  spec?: {
    audiences?: readonly string[];
    expirationSeconds?: number;
    boundObjectRef?: {
      readonly kind?: string;
      readonly apiVersion?: string;
      readonly name?: string;
      readonly uid?: string;
    };
  };
  status?: JsonObject;
}

const KIND = { group: 'authentication.k8s.io', kind: 'TokenRequest' };
/** A kubelet asks for so long; it gets a year, with a warning after this. */
const WARN_ONLY_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

/** POST to serviceaccounts/NAME/token. Models kubernetes/pkg/registry/core/serviceaccount/storage TokenREST. */
export function requestToken(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  return createVirtual(
    exchange,
    target,
    { keepsSystemFields: true },
    async ({ object, validate }) => {
      const request = object as TokenRequest;
      const { resource, namespace, name } = target;
      const { metadata } = request;
      if (metadata.name && metadata.name !== name)
        throw invalidObject(KIND, name, [
          invalid(
            FieldPath.of('metadata', 'name'),
            metadata.name,
            'must match the service account name if specified',
          ),
        ]);
      const account = (await exchange.server.store.get(resource, namespace, name))?.object;
      if (!account) throw notFound(resource, name);
      const uid = account.metadata.uid ?? '';
      if (metadata.uid && metadata.uid !== uid)
        throw conflict(
          { group: KIND.group, resource: KIND.kind },
          name,
          `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`,
        );
      const spec = (request.spec ??= {});
      if (!spec.audiences?.length) spec.audiences = [...apiAudiences];
      spec.expirationSeconds ??= 3600;
      Object.assign(metadata, {
        name,
        namespace,
        uid,
        creationTimestamp: formatTime(exchange.server.clock.now()),
      });
      await exchange.stage('validation', (note) => {
        const errors = expirationErrors(spec.expirationSeconds ?? 0);
        if (errors.length) throw invalidObject(KIND, '', errors);
        note.summary = 'A valid TokenRequest.';
      });
      await validate();
      const claims = await claimsOf(exchange, target, request, uid);
      const token = await exchange.server.tokens.sign(claims);
      exchange.auditAnnotations['authentication.kubernetes.io/issued-credential-id'] =
        `JTI=${claims.jti}`;
      const expires = exchange.server.clock.now() + spec.expirationSeconds * second;
      request.status = { token, expirationTimestamp: formatTime(expires) };
      return request;
    },
  );
}

/** Models authentication/validation ValidateTokenRequest. */
function expirationErrors(seconds: number): FieldError[] {
  const path = FieldPath.of('spec', 'expirationSeconds');
  const errors: FieldError[] = [];
  if (seconds < 600)
    errors.push(invalid(path, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32)
    errors.push(invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
  return errors;
}

async function claimsOf(
  exchange: Exchange,
  target: RestTarget,
  request: TokenRequest,
  uid: string,
): Promise<Claims> {
  const { namespace, name } = target;
  const { clock, random } = exchange.server;
  const bound = await boundObject(exchange, target, request);
  const seconds = request.spec?.expirationSeconds ?? 3600;
  const audiences = request.spec?.audiences ?? apiAudiences;
  const isOurs = audiences.every((audience) => apiAudiences.includes(audience));
  const extended = bound.pod !== undefined && seconds === WARN_ONLY_SECONDS && isOurs;
  const now = Math.floor(clock.now() / second);
  return {
    aud: audiences,
    exp: now + (extended ? EXTENDED_SECONDS : seconds),
    iat: now,
    iss: tokenIssuer,
    jti: uuid(random),
    'kubernetes.io': {
      namespace,
      ...(bound.node && { node: bound.node }),
      ...(bound.pod && { pod: bound.pod }),
      ...(bound.secret && { secret: bound.secret }),
      serviceaccount: { name, uid },
      ...(extended && { warnafter: now + seconds }),
    },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
}

interface Reference {
  readonly name: string;
  readonly uid: string;
}

/** What the token dies with. A Pod brings its node along. */
async function boundObject(
  exchange: Exchange,
  { namespace, name: account }: RestTarget,
  request: TokenRequest,
): Promise<{ readonly pod?: Reference; readonly node?: Reference; readonly secret?: Reference }> {
  const reference = request.spec?.boundObjectRef;
  if (!reference) return {};
  const { group, version } = parseGroupVersion(reference.apiVersion ?? '');
  const { kind = '', name = '' } = reference;
  const plural = { Pod: 'pods', Node: 'nodes', Secret: 'secrets' }[kind];
  if (group !== '' || plural === undefined)
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  const found = await read(exchange, plural, kind === 'Node' ? '' : namespace, name);
  if (!found) throw notFound({ group: '', resource: plural }, name);
  const spec = (found as { spec?: { serviceAccountName?: string; nodeName?: string } }).spec;
  if (kind === 'Pod' && spec?.serviceAccountName !== account)
    throw badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    );
  const uid = found.metadata.uid ?? '';
  if (reference.uid && reference.uid !== uid)
    throw conflict(
      { group, resource: kind },
      name,
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  const self = { name, uid };
  if (kind === 'Node') return { node: self };
  if (kind === 'Secret') return { secret: self };
  if (!spec?.nodeName) return { pod: self };
  const node = await read(exchange, 'nodes', '', spec.nodeName);
  return { pod: self, node: { name: spec.nodeName, uid: node?.metadata.uid ?? '' } };
}

async function read(
  exchange: Exchange,
  plural: string,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  const served = exchange.server.resources.get('', 'v1', plural);
  return served && (await exchange.server.store.get(served, namespace, name))?.object;
}
