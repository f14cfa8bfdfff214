import { parseGroupVersion, type KubeObject } from '../../../../api/meta.ts';
import { selectorOf } from '../../../../api/selectors.ts';
import type { ParamKind, ParamRef } from '../../../../api/types/admissionregistrationV1.ts';
import type { ServedResource } from '../../registry/resources.ts';
import type { AdmissionContext } from '../plugin.ts';

/** A policy or binding that cannot work as it is. */
export class ConfigurationError extends Error {}

function resourceOf(
  { apiVersion = '', kind = '' }: ParamKind,
  context: AdmissionContext,
): ServedResource | undefined {
  const { group, version } = parseGroupVersion(apiVersion);
  return [...context.resources.all()].find(
    (it) => it.group === group && it.version === version && it.gvk.kind === kind && it.storage,
  );
}

/** Why a policy cannot work whatever its bindings say. Models policy_source.go compilePolicyLocked. */
export function policyProblem(
  paramKind: ParamKind | undefined,
  context: AdmissionContext,
): string | undefined {
  if (!paramKind || resourceOf(paramKind, context)) return undefined;
  const { group, version } = parseGroupVersion(paramKind.apiVersion ?? '');
  const gvk = `${group ? `${group}/${version}` : `/${version}`}, Kind=${paramKind.kind ?? ''}`;
  return `failed to configure policy: failed to find resource referenced by paramKind: '${gvk}'`;
}

/**
 * The objects that a binding parameterizes its policy with; one undefined where there are none to be. Throws
 * ConfigurationError. Models policy/generic CollectParams.
 */
export async function collectParams(
  paramKind: ParamKind | undefined,
  paramRef: ParamRef | undefined,
  requestNamespace: string,
  context: AdmissionContext,
): Promise<readonly (KubeObject | undefined)[]> {
  if (!paramKind || !paramRef) return [undefined];
  const { apiVersion = '', kind = '' } = paramKind;
  const resource = resourceOf(paramKind, context);
  if (!resource) throw new ConfigurationError(`paramKind ${apiVersion} ${kind} is not served`);
  const namespace = resource.namespaced ? (paramRef.namespace ?? '') || requestNamespace : '';
  if (resource.namespaced && !namespace)
    throw new ConfigurationError(
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  if (!resource.namespaced && paramRef.namespace)
    throw new ConfigurationError(
      'paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
    );
  const named = { ...resource, kind };
  let found: readonly KubeObject[];
  if (paramRef.name) {
    if (paramRef.selector)
      throw new ConfigurationError('paramRef.name and paramRef.selector are mutually exclusive');
    const object = await context.get<KubeObject>(named, namespace, paramRef.name);
    found = object ? [object] : [];
  } else if (paramRef.selector) {
    const selector = selectorOf(paramRef.selector);
    const all = await context.list<KubeObject>(named, namespace);
    found = all.filter(({ metadata }) => selector.matches(metadata.labels ?? {}));
  } else throw new ConfigurationError('one of name or selector must be provided');
  if (!found.length && paramRef.parameterNotFoundAction === 'Deny')
    throw new ConfigurationError(
      'no params found for policy binding with `Deny` parameterNotFoundAction',
    );
  return found;
}
