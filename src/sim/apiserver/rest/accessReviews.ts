import { invalidObject } from '../../../api/field.ts';
import type { JsonObject, KubeObject } from '../../../api/meta.ts';
import { badRequest } from '../../../api/status.ts';
import type { ApiResponse } from '../../../api/wire.ts';
import type { UserInfo } from '../attributes.ts';
import type { AuthorizationQuestion } from '../authz/authorizer.ts';
import type { PolicyRule } from '../authz/rules.ts';
import type { Exchange } from '../exchange.ts';
import { validateAccessReview } from '../registry/authorization/accessReview.ts';
import type { RestTarget } from './target.ts';
import { createVirtual } from './virtualCreate.ts';

interface ResourceAttributes {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
}
interface ReviewSpec {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
  readonly user?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}
interface Review extends KubeObject {
  spec?: ReviewSpec;
  status?: JsonObject;
}

/** SubjectAccessReview, SelfSubjectAccessReview, LocalSubjectAccessReview. Models kubernetes/pkg/registry/authorization. */
export function reviewAccess(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  const { kind } = target.resource.gvk;
  return createVirtual(exchange, target, {}, async ({ object, validate }) => {
    const review = object as Review;
    const spec = review.spec ?? {};
    const isSelf = kind === 'SelfSubjectAccessReview';
    await exchange.stage('validation', (note) => {
      const errors = validateAccessReview({ ...object, spec });
      if (errors.length) throw invalidObject(target.resource.gvk, '', errors);
      note.summary = `A valid ${kind}.`;
    });
    await validate();
    const user = isSelf ? exchange.user : subjectOf(spec);
    const answer = await exchange.server.authorizer.authorize(questionOf(spec, user));
    review.status = {
      allowed: answer.allowed,
      ...(answer.reason && { reason: answer.reason }),
    };
    return review;
  });
}

const subjectOf = (spec: ReviewSpec): UserInfo => ({
  name: spec.user ?? '',
  uid: spec.uid ?? '',
  groups: spec.groups ?? [],
  extra: spec.extra ?? {},
});

function questionOf(spec: ReviewSpec, user: UserInfo): AuthorizationQuestion {
  const about = spec.resourceAttributes;
  const path = spec.nonResourceAttributes;
  return {
    user,
    verb: about?.verb ?? path?.verb ?? '',
    isResourceRequest: about !== undefined,
    group: about?.group ?? '',
    version: about?.version ?? '',
    resource: about?.resource ?? '',
    subresource: about?.subresource ?? '',
    namespace: about?.namespace ?? '',
    name: about?.name ?? '',
    path: path?.path ?? '',
  };
}

/** What the asker may do in a namespace: `kubectl auth can-i --list`. */
export function reviewRules(exchange: Exchange, target: RestTarget): Promise<ApiResponse> {
  return createVirtual(exchange, target, {}, async ({ object, validate }) => {
    const { namespace } = (object as unknown as { spec?: { namespace?: string } }).spec ?? {};
    if (!namespace) throw badRequest('no namespace on request');
    await validate();
    // system:masters may do all without a rule; what the Node authorizer grants is not listed.
    const { user } = exchange;
    const isNode = user.groups.includes('system:nodes') && user.name.startsWith('system:node:');
    const problems = isNode ? ['node authorizer does not support user rule resolution'] : [];
    const granted = await exchange.server.rbac.rulesFor(user, namespace, problems);
    const rules = granted.map(({ rule }) => rule);
    const status = {
      resourceRules: rules.filter((rule) => rule.resources?.length).map(resourceRule),
      nonResourceRules: rules.filter((rule) => rule.nonResourceURLs?.length).map(pathRule),
      incomplete: isNode,
      ...(problems.length && {
        evaluationError: problems.length > 1 ? `[${problems.join(', ')}]` : problems[0],
      }),
    };
    return {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: {},
      status,
    } as KubeObject;
  });
}

const resourceRule = (rule: PolicyRule): JsonObject => ({
  verbs: [...(rule.verbs ?? [])],
  apiGroups: [...(rule.apiGroups ?? [])],
  resources: [...(rule.resources ?? [])],
  ...(rule.resourceNames?.length && { resourceNames: [...rule.resourceNames] }),
});

const pathRule = (rule: PolicyRule): JsonObject => ({
  verbs: [...(rule.verbs ?? [])],
  nonResourceURLs: [...(rule.nonResourceURLs ?? [])],
});
