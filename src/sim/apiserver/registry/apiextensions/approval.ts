import { FieldPath, invalid, required, type FieldError } from '../../../../api/field.ts';
import type { CustomResourceDefinition } from '../../../../api/types/apiextensionsV1.ts';
import { parseGoUrl } from '../shared/goUrl.ts';

const annotation = 'api-approved.kubernetes.io';
const path = FieldPath.of('metadata', 'annotations').key(annotation);
const head = `protected groups must have approval annotation "${annotation}"`;
const tail = 'see https://github.com/kubernetes/enhancements/pull/1111';

type State = 'missing' | 'bypassed' | 'approved' | 'invalid';

/** Groups of Kubernetes need a word of its reviewers. Models apiextensions-apiserver/pkg/apihelpers and validateAPIApproval. */
export function validateApproval(
  definition: CustomResourceDefinition,
  old?: CustomResourceDefinition,
): FieldError[] {
  const { group } = definition.spec;
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)) return [];
  const state = stateOf(definition);
  if (old && stateOf(old) === state) return [];
  if (state === 'missing') return [required(path, `${head}, ${tail}`)];
  if (state === 'invalid')
    return [
      invalid(
        path,
        definition.metadata.annotations?.[annotation],
        `${head} with either a URL or a reason starting with "unapproved", ${tail}`,
      ),
    ];
  return [];
}

function stateOf({ metadata }: CustomResourceDefinition): State {
  const text = metadata.annotations?.[annotation] ?? '';
  if (!text) return 'missing';
  if (text.startsWith('unapproved')) return 'bypassed';
  const url = parseGoUrl(text);
  return typeof url !== 'string' && url.scheme && url.host ? 'approved' : 'invalid';
}
