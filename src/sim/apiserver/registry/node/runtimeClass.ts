import { duplicate, FieldPath, type FieldError } from '../../../../api/field.ts';
import { internalForm } from '../../../../api/goInternal.ts';
import type { Toleration } from '../../../../api/types/coreV1.ts';
import type { RuntimeClass } from '../../../../api/types/nodeV1.ts';
import { validateOverhead } from '../podSpec/resources.ts';
import { validateTolerations } from '../podSpec/scheduling.ts';
import { all, each, mustBe, seenBefore } from '../shared/checks.ts';
import { validateLabels } from '../shared/labels.ts';
import { isDns1123Label } from '../shared/names.ts';
import { deprecatedNodeLabel } from '../shared/nodeLabels.ts';
import { validateImmutable } from '../shared/objectMeta.ts';
import type { Strategy } from '../strategy.ts';

const root = FieldPath.root;
const scheduling = FieldPath.of('scheduling');

/** Models kubernetes/pkg/registry/node/runtimeclass and pkg/apis/node/validation. */
export const runtimeClassStrategy: Strategy<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  metaOnUpdate: ['create', 'update'],
  validate,
  warningsOnCreate: warnings,
  validateUpdate: (runtimeClass, old) =>
    all(
      validate(runtimeClass),
      validateImmutable(runtimeClass.handler, old.handler, root.child('handler')),
    ),
  warningsOnUpdate: warnings,
};

function validate({ handler, overhead, scheduling: own }: RuntimeClass): FieldError[] {
  return all(
    mustBe(isDns1123Label, handler, root.child('handler')),
    overhead && validateOverhead(overhead.podFixed, root.child('overhead')),
    own && [
      validateLabels(own.nodeSelector, scheduling.child('nodeSelector')),
      validateTolerations(own.tolerations, scheduling.child('tolerations')),
      noDuplicates(own.tolerations, scheduling.child('tolerations')),
    ],
  );
}

function noDuplicates(tolerations: readonly Toleration[] | undefined, path: FieldPath) {
  const seen = seenBefore();
  return each(
    tolerations,
    path,
    (toleration, at) =>
      seen(
        JSON.stringify([toleration.key, toleration.operator, toleration.value, toleration.effect]),
      ) && duplicate(at, internalForm('core.Toleration', toleration)),
  );
}

function warnings({ scheduling: own }: RuntimeClass): string[] {
  return Object.keys(own?.nodeSelector ?? {}).flatMap((key) => {
    const message = deprecatedNodeLabel(key);
    return message ? [`${scheduling.child('nodeSelector')}: ${message}`] : [];
  });
}
