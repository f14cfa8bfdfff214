import { formatQuantity, parseQuantity } from '../../../../api/quantity.ts';

const milli = 1_000_000n;

/** Amounts finer than a thousandth are rounded up, in place. Models SetDefaults_ResourceList. */
export function roundAmounts(
  ...lists: readonly (Record<string, string> | null | undefined)[]
): void {
  for (const list of lists)
    for (const [name, text] of Object.entries(list ?? {})) {
      const { nanos, format } = parseQuantity(text);
      const rest = nanos % milli;
      if (!list || rest === 0n) continue;
      const up = nanos > 0n ? nanos - rest + milli : nanos - rest - milli;
      list[name] = formatQuantity({ nanos: up, format });
    }
}
