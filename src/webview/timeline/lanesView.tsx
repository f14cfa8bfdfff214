import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { readPalette, type Palette } from './colors.ts';
import { draw, hit, type Marked, type Viewport } from './draw.ts';
import { bandHeight, type Layout, type Placed } from './layout.ts';
import { Ruler } from './ruler.tsx';
import type { TimelineState } from './state.ts';

/** The lanes: names at the left, a canvas that draws what is in sight, and a scroller as large as the whole. */
export function LanesView({ state }: { readonly state: TimelineState }) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [viewport, setViewport] = useState<Viewport>({
    left: 0,
    top: 0,
    width: 0,
    height: 0,
    zoom: 1,
  });
  const palette = usePalette(scroller);
  const [hovered, setHovered] = useState<{ placed: Placed; x: number; y: number } | undefined>(
    undefined,
  );
  const layout = state.layout.value;
  const zoom = state.zoom.value;

  const measure = () => {
    const element = scroller.current;
    if (!element) return;
    setViewport({
      left: element.scrollLeft,
      top: element.scrollTop,
      width: element.clientWidth,
      height: element.clientHeight,
      zoom,
    });
  };
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [zoom, layout]);
  useEffect(
    () => reveal(scroller.current, state.current.value, zoom, layout),
    [state.current.value, zoom],
  );
  useLayoutEffect(() => {
    if (canvas.current && layout && palette)
      paint(canvas.current, layout, viewport, palette, markedOf(state));
  });
  if (!layout) return null;

  const at = (event: MouseEvent): Placed | undefined => {
    const box = canvas.current?.getBoundingClientRect();
    return box && hit(layout, viewport, event.clientX - box.left, event.clientY - box.top);
  };
  return (
    <div class="lanes">
      <div class="lane-corner" />
      <Ruler layout={layout} viewport={viewport} current={state.current.value} />
      <div class="lane-names" aria-hidden="true">
        <div style={{ transform: `translateY(${-viewport.top}px)` }}>
          {(state.model.value?.lanes ?? []).map((lane, index) => (
            <div
              class={`lane-name ${lane.kind}`}
              style={{ height: `${bandHeight(layout.bands[index] ?? { top: 0, rows: 1 })}px` }}
              title={lane.label}
            >
              <span>{lane.label}</span>
            </div>
          ))}
        </div>
      </div>
      <div
        ref={scroller}
        class="scroller"
        tabIndex={0}
        role="application"
        aria-label={state.t('canvasLabel')}
        onScroll={measure}
        onWheel={(event) => onWheel(event, state)}
        onClick={(event) => {
          const placed = at(event);
          if (placed) state.select(placed.item.id);
        }}
        onDblClick={(event) => {
          const placed = at(event);
          if (placed && state.hasParts(placed.item.id)) state.toggle(placed.item.id);
        }}
        onMouseMove={(event) => {
          const placed = at(event);
          setHovered(placed && { placed, x: event.clientX, y: event.clientY });
        }}
        onMouseLeave={() => setHovered(undefined)}
      >
        <div
          class="extent"
          style={{ width: `${layout.width * zoom}px`, height: `${layout.height}px` }}
        />
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      {hovered && (
        <div class="hover" role="tooltip" style={hoverPlace(hovered.x, hovered.y)}>
          {hovered.placed.item.sentence}
        </div>
      )}
    </div>
  );
}

function hoverPlace(x: number, y: number): Record<string, string> {
  const side =
    x > window.innerWidth - 340
      ? { right: `${window.innerWidth - x + 8}px` }
      : { left: `${x + 12}px` };
  return y > window.innerHeight - 90
    ? { ...side, bottom: `${window.innerHeight - y + 10}px` }
    : { ...side, top: `${y + 14}px` };
}

function onWheel(event: WheelEvent, state: TimelineState): void {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  state.zoomBy(event.deltaY < 0 ? 1.1 : 0.9);
}

function markedOf(state: TimelineState): Marked {
  const current = state.current.value;
  const items = state.items.value;
  const path = new Set<number>();
  for (
    let at = current?.item;
    at && !path.has(at.id);
    at = at.cause === undefined ? undefined : items.get(at.cause)
  )
    path.add(at.id);
  const effects = new Set(
    (current ? (state.effects.value.get(current.item.id) ?? []) : []).map(({ id }) => id),
  );
  return {
    current,
    path,
    effects,
    openable: (id) => state.hasParts(id),
    isOpen: (id) => state.open.value.has(id),
  };
}

function paint(
  canvas: HTMLCanvasElement,
  layout: Layout,
  viewport: Viewport,
  palette: Palette,
  marked: Marked,
): void {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== viewport.width * ratio) canvas.width = viewport.width * ratio;
  if (canvas.height !== viewport.height * ratio) canvas.height = viewport.height * ratio;
  canvas.style.width = `${viewport.width}px`;
  canvas.style.height = `${viewport.height}px`;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw(context, layout, viewport, palette, marked);
}

/** Scrolls so that the present step is in sight, with some of what follows. */
function reveal(
  element: HTMLElement | null,
  current: Placed | undefined,
  zoom: number,
  layout: Layout | undefined,
): void {
  if (!element || !current) return;
  const x = current.x * zoom;
  const right = element.scrollLeft + element.clientWidth;
  if (x < element.scrollLeft + 30 || x > right - 120)
    element.scrollLeft = Math.max(0, x - element.clientWidth / 3);
  const band = layout?.bands[current.item.lane];
  if (!band) return;
  const y = band.top + current.row * 22;
  if (y < element.scrollTop || y > element.scrollTop + element.clientHeight - 40)
    element.scrollTop = Math.max(0, y - element.clientHeight / 3);
}

/** The theme's colours, read again when VS Code changes the theme (it changes the body's class and the root's style). */
function usePalette(element: { readonly current: HTMLElement | null }): Palette | undefined {
  const [palette, setPalette] = useState<Palette | undefined>(undefined);
  useLayoutEffect(() => {
    const read = () => setPalette(readPalette(element.current ?? document.body));
    read();
    const observer = new MutationObserver(read);
    observer.observe(document.body, {
      attributes: true,
      attributeFilter: ['class', 'data-vscode-theme-id'],
    });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
    return () => observer.disconnect();
  }, [element]);
  return palette;
}
