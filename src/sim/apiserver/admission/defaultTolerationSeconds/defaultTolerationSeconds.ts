import type { Toleration } from '../../../../api/types/coreV1.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { isPod } from '../pods.ts';

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const SECONDS = 300;

/** Lets Pods stay for five minutes on a node that is gone. Models plugin/pkg/admission/defaulttolerationseconds. */
export const defaultTolerationSeconds = {
  name: 'DefaultTolerationSeconds',

  admit(attributes, object) {
    if (!isPod(attributes, object) || attributes.operation === 'DELETE') return undefined;
    const spec = (object.spec ??= { containers: [] });
    const before = spec.tolerations ?? [];
    const missing = TAINTS.filter((taint) => !before.some((one) => tolerates(one, taint)));
    if (!missing.length) return 'The Pod says itself how long it tolerates a node that is gone.';
    spec.tolerations = [
      ...before,
      ...missing.map((key) => ({
        key,
        operator: 'Exists' as const,
        effect: 'NoExecute' as const,
        tolerationSeconds: SECONDS,
      })),
    ];
    return `Tolerates ${missing.map((taint) => taint.split('/')[1] ?? '').join(' and ')} for ${SECONDS} s.`;
  },
} satisfies AdmissionPlugin;

const tolerates = ({ key, effect }: Toleration, taint: string): boolean =>
  (!key || key === taint) && (!effect || effect === 'NoExecute');
