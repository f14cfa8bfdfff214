import { formatTime } from '../../../base/time.ts';
import type { JsonObject, KubeObject } from '../../../api/meta.ts';
import { badRequest } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { UserInfo } from '../attributes.ts';
import { userOfToken } from '../authn/authenticate.ts';
import { apiAudiences } from '../authn/tokens.ts';
import type { Exchange } from '../exchange.ts';
import type { RestTarget } from './target.ts';
import { createVirtual } from './virtualCreate.ts';

interface TokenReview extends KubeObject {
  spec?: { readonly token?: string; readonly audiences?: readonly string[] };
  status?: JsonObject;
}

/** Whose token is this? Models kubernetes/pkg/registry/authentication/tokenreview. */
export function reviewToken(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  return createVirtual(exchange, target, {}, async ({ object, validate }) => {
    const review = object as TokenReview;
    const token = review.spec?.token;
    if (!token) throw badRequest('token is required for TokenReview in authentication');
    await validate();
    const wanted = review.spec?.audiences?.length ? review.spec.audiences : apiAudiences;
    const found = await userOfToken(exchange.server, token, wanted);
    review.status =
      'problem' in found
        ? { user: {}, error: `[invalid bearer token, ${found.problem}]` }
        : {
            authenticated: true,
            user: userObject(found.user),
            ...(found.audiences.length && { audiences: [...found.audiences] }),
          };
    return review;
  });
}

/** Who am I? `kubectl auth whoami`. */
export function reviewSelf(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  return createVirtual(exchange, target, {}, async ({ validate }) => {
    await validate();
    return {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: formatTime(exchange.server.clock.now()) },
      status: { userInfo: userObject(exchange.user) },
    } as KubeObject;
  });
}

function userObject(user: UserInfo): JsonObject {
  return {
    username: user.name,
    ...(user.uid && { uid: user.uid }),
    ...(user.groups.length && { groups: [...user.groups] }),
    ...(Object.keys(user.extra).length && {
      extra: Object.fromEntries(Object.entries(user.extra).map(([key, list]) => [key, [...list]])),
    }),
  };
}
