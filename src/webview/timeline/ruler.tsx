import type { Viewport } from './draw.ts';
import type { Layout, Placed } from './layout.ts';
import { formatDuration } from './time.ts';

interface Tick {
  readonly x: number;
  readonly text: string;
  readonly isCurrent: boolean;
}

/** Times since the root, wherever there is room for one. The present step always has its own. */
export function Ruler({
  layout,
  viewport,
  current,
}: {
  readonly layout: Layout;
  readonly viewport: Viewport;
  readonly current: Placed | undefined;
}) {
  return (
    <div class="ruler" aria-hidden="true">
      {ticks(layout, viewport, current).map(({ x, text, isCurrent }) => (
        <span
          class={isCurrent ? 'tick current' : 'tick'}
          style={{ transform: `translateX(${Math.round(x)}px)` }}
        >
          {text}
        </span>
      ))}
    </div>
  );
}

const room = 72;

function ticks(layout: Layout, viewport: Viewport, current: Placed | undefined): Tick[] {
  const result: Tick[] = [];
  const currentX = current ? current.x * viewport.zoom - viewport.left : undefined;
  let last = Number.NEGATIVE_INFINITY;
  let lastText = '';
  for (const it of layout.placed) {
    const x = it.x * viewport.zoom - viewport.left;
    if (x < -room || x > viewport.width) continue;
    const text = `+${formatDuration(it.item.time)}`;
    if (it === current) {
      result.push({ x, text, isCurrent: true });
      continue;
    }
    if (
      x - last < room ||
      text === lastText ||
      (currentX !== undefined && Math.abs(x - currentX) < room)
    )
      continue;
    result.push({ x, text, isCurrent: false });
    last = x;
    lastText = text;
  }
  return result;
}
