import type { UserInfo } from '../attributes.ts';
import type { PolicyRule } from './rules.ts';

/** A question to the authorizers. Models authorizer.Attributes. */
export interface AuthorizationQuestion {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResourceRequest: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  /** As sent with a list or watch: a node may list the Pods that are its own. */
  readonly fieldSelector?: string;
}

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  /** The authorizer's reason: `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`; '' when nothing spoke. */
  readonly reason: string;
  /** The rule that allows, where a rule does. */
  readonly rule?: PolicyRule;
}

export interface Authorizer {
  authorize(question: AuthorizationQuestion): Promise<AuthorizationAnswer> | AuthorizationAnswer;
}
