import { equal } from '../../../../api/meta.ts';
import type { ObjectMeta } from '../../../../api/meta.ts';
import type {
  Container,
  PodAffinityTerm,
  PodSpec,
  PodTemplateSpec,
} from '../../../../api/types/coreV1.ts';
import type { LabelSelector } from '../../../../api/types/metaV1.ts';
import { FieldPath } from '../../../../api/field.ts';
import { appArmorPrefix } from './annotations.ts';
import { appArmorOfAnnotation } from './containerSecurity.ts';
import { allContainers } from './visit.ts';

// What the registry changes in pods before it looks at them. Models kubernetes/pkg/api/pod DropDisabledPodFields and
// registry/core/pod PrepareForCreate.

/** Takes out fields of features that are off by default, unless the old object has them. */
export function dropDisabledFields(spec: PodSpec | undefined, old?: PodSpec): void {
  if (!spec) return;
  const hadSignals = old && allContainers(old).some(({ lifecycle }) => lifecycle?.stopSignal);
  if (!hadSignals) allContainers(spec).forEach(dropStopSignal);
  for (const key of ['clusterTrustBundle', 'podCertificate'] as const) {
    if (sourcesOf(old).some((source) => source[key])) continue;
    for (const source of sourcesOf(spec)) delete source[key];
  }
  if (!old?.schedulingGroup) delete spec.schedulingGroup;
}

export const dropDisabledTemplateFields = (
  template: PodTemplateSpec | undefined,
  old?: PodTemplateSpec,
): void => {
  dropDisabledFields(template?.spec, old?.spec);
};

const sourcesOf = (spec: PodSpec | undefined) =>
  (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);

function dropStopSignal(container: Container): void {
  if (container.lifecycle?.stopSignal === undefined) return;
  delete container.lifecycle.stopSignal;
  if (!Object.keys(container.lifecycle).length) delete container.lifecycle;
}

/** Labels of the pod that its own terms ask for by key become part of their selectors. */
export function applyLabelKeys(
  { affinity, topologySpreadConstraints }: PodSpec,
  meta: ObjectMeta,
): void {
  const labels = meta.labels ?? {};
  const apply = (
    selector: LabelSelector | undefined,
    keys: readonly string[] | undefined,
    operator: 'In' | 'NotIn',
  ): void => {
    for (const key of keys ?? []) {
      const value = labels[key];
      if (!selector || value === undefined) continue;
      selector.matchExpressions = [
        ...(selector.matchExpressions ?? []),
        { key, operator, values: [value] },
      ];
    }
  };
  const term = ({ labelSelector, matchLabelKeys, mismatchLabelKeys }: PodAffinityTerm): void => {
    apply(labelSelector, matchLabelKeys, 'In');
    apply(labelSelector, mismatchLabelKeys, 'NotIn');
  };
  for (const kind of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    for (const weighted of kind?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      term(weighted.podAffinityTerm);
    kind?.requiredDuringSchedulingIgnoredDuringExecution?.forEach(term);
  }
  for (const { labelSelector, matchLabelKeys } of topologySpreadConstraints ?? [])
    apply(labelSelector, matchLabelKeys, 'In');
}

/** Old annotations of AppArmor become fields. Models applyAppArmorVersionSkew. */
export function applyAppArmorAnnotations(
  spec: PodSpec,
  meta: ObjectMeta,
  warn: (text: string) => void,
): void {
  if (spec.os?.name === 'windows') return;
  for (const container of allContainers(spec)) {
    const key = appArmorPrefix + container.name;
    const annotation = meta.annotations?.[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const profile = appArmorOfAnnotation(annotation);
    const isSame = profile && equal(profile, spec.securityContext?.appArmorProfile);
    if (profile && !isSame) {
      container.securityContext ??= {};
      container.securityContext.appArmorProfile = profile;
    }
    if (isSame) continue;
    const place = FieldPath.of('metadata', 'annotations').key(key).toString();
    warn(`${place}: deprecated since v1.30; use the "appArmorProfile" field instead`);
  }
}
