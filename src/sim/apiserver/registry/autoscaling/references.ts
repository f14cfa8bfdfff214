import { invalid, type FieldError, type FieldPath } from '../../../../api/field.ts';
import type { CrossVersionObjectReference } from '../../../../api/types/autoscalingV2.ts';
import { all, mustBe, type Loose } from '../shared/checks.ts';
import { isPathSegment } from '../shared/names.ts';

/** How strict references are about their apiVersion. */
export interface ReferenceOptions {
  readonly takesAnyVersion: boolean;
  readonly takesCoreGroup: boolean;
}

/** Models ValidateCrossVersionObjectReference. */
export function validateReference(
  reference: Loose<CrossVersionObjectReference>,
  at: FieldPath,
  options: ReferenceOptions,
): FieldError[] {
  const problem = versionProblem(reference, options);
  return all(
    mustBe(isPathSegment, reference.kind, at.child('kind')),
    mustBe(isPathSegment, reference.name, at.child('name')),
    problem && invalid(at.child('apiVersion'), reference.apiVersion ?? '', problem),
  );
}

/** What is wrong with the apiVersion of a reference. */
export function versionProblem(
  { apiVersion }: Loose<CrossVersionObjectReference>,
  { takesAnyVersion, takesCoreGroup }: ReferenceOptions,
): string | undefined {
  if (takesAnyVersion) return undefined;
  const parts = (apiVersion ?? '').split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const group = parts.length === 2 ? parts[0] : '';
  return group || takesCoreGroup ? undefined : 'apiVersion must specify API group';
}
