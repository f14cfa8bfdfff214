import { clusterRole } from '../bootstrap/facts.ts';
import type { AuthorizationAnswer, AuthorizationQuestion, Authorizer } from './authorizer.ts';
import { ruleAllows, type PolicyRule } from './rules.ts';

const NO_OPINION: AuthorizationAnswer = { allowed: false, reason: '' };

/**
 * Lets kubelets (system:node:NAME in group system:nodes) do what nodes do. Models
 * kubernetes/plugin/pkg/auth/authorizer/node, without its graph: a real one lets a node read only those Secrets and
 * ConfigMaps that a Pod on it refers to.
 */
export class NodeAuthorizer implements Authorizer {
  readonly #rules = (clusterRole('system:node').rules ?? []) as readonly PolicyRule[];

  authorize(question: AuthorizationQuestion): AuthorizationAnswer {
    const { name, groups } = question.user;
    if (!name.startsWith('system:node:') || !groups.includes('system:nodes')) return NO_OPINION;
    return this.#rules.some((rule) => ruleAllows(rule, question))
      ? { allowed: true, reason: '' }
      : NO_OPINION;
  }
}
