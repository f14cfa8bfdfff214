import type { LimitRange } from '../../../../api/types/coreV1.ts';

/** Defaults follow from the bounds: a limit from max, a request from the limit or min. Models SetDefaults_LimitRangeItem. */
export function defaultLimitRange({ spec }: LimitRange): void {
  for (const item of spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    const limits: Record<string, string> = { ...item.default };
    for (const [name, max] of Object.entries(item.max ?? {})) limits[name] ??= max;
    const requests: Record<string, string> = { ...item.defaultRequest };
    for (const [name, limit] of Object.entries(limits)) requests[name] ??= limit;
    for (const [name, min] of Object.entries(item.min ?? {})) requests[name] ??= min;
    if (Object.keys(limits).length) item.default = limits;
    if (Object.keys(requests).length) item.defaultRequest = requests;
  }
}
