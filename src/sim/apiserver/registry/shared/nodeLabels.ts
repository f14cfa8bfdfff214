import type { FieldPath } from '../../../../api/field.ts';
import type { LabelSelector } from '../../../../api/types/metaV1.ts';

const deprecated: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods':
    'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What is said of a label of nodes that is out of use. Models kubernetes/pkg/api/node GetNodeLabelDeprecatedMessage. */
export const deprecatedNodeLabel = (key: string): string | undefined => deprecated[key];

/** Models kubernetes/pkg/api/node GetWarningsForNodeSelector. */
export function nodeSelectorWarnings(
  selector: LabelSelector | undefined,
  path: FieldPath,
): string[] {
  const warnings: string[] = [];
  selector?.matchExpressions?.forEach(({ key }, index) => {
    const message = deprecatedNodeLabel(key);
    const at = path.child('matchExpressions').index(index).child('key');
    if (message) warnings.push(`${at}: ${key} is ${message}`);
  });
  for (const key of Object.keys(selector?.matchLabels ?? {})) {
    const message = deprecatedNodeLabel(key);
    if (message) warnings.push(`${path.child('matchLabels').child(key)}: ${message}`);
  }
  return warnings;
}
