import { bandHeight, rowHeight, rowTop, type Layout, type Placed } from './layout.ts';
import type { Palette } from './colors.ts';

export interface Viewport {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
}

export interface Marked {
  readonly current: Placed | undefined;
  /** The way from the current event back to the root, and what it led to directly. */
  readonly path: ReadonlySet<number>;
  readonly effects: ReadonlySet<number>;
  readonly openable: (id: number) => boolean;
  readonly isOpen: (id: number) => boolean;
}

const barHeight = 16;

export const xOf = (x: number, viewport: Viewport): number => x * viewport.zoom - viewport.left;

/** Draws what the viewport shows: bands, arrows, bars and points, and the line of the present step. */
export function draw(
  context: CanvasRenderingContext2D,
  layout: Layout,
  viewport: Viewport,
  palette: Palette,
  marked: Marked,
): void {
  context.clearRect(0, 0, viewport.width, viewport.height);
  context.font = palette.font;
  context.textBaseline = 'middle';
  drawBands(context, layout, viewport, palette);
  const shown = layout.placed.filter((it) => isShown(it, viewport));
  if (marked.current) drawStepLine(context, marked.current, viewport, palette);
  for (const it of shown) drawItem(context, it, layout, viewport, palette, marked);
  drawArrows(context, layout, viewport, palette, marked);
}

/** The item at a place of the canvas, if any. Later ones lie above. */
export function hit(layout: Layout, viewport: Viewport, x: number, y: number): Placed | undefined {
  return layout.placed.findLast((it) => {
    const { left, right, middle } = boxOf(it, layout, viewport);
    return x >= left - 3 && x <= right + 3 && Math.abs(y - middle) <= rowHeight / 2;
  });
}

function isShown(it: Placed, viewport: Viewport): boolean {
  return xOf(it.endX, viewport) + 160 >= 0 && xOf(it.x, viewport) <= viewport.width + 20;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly middle: number;
}

function boxOf(it: Placed, layout: Layout, viewport: Viewport): Box {
  const band = layout.bands[it.item.lane] ?? { top: 0, rows: 1 };
  const left = xOf(it.x, viewport);
  const right = it.item.end === undefined ? left : Math.max(left + 4, xOf(it.endX, viewport));
  return { left, right, middle: rowTop(band, it.row) + rowHeight / 2 - viewport.top };
}

function drawBands(
  context: CanvasRenderingContext2D,
  layout: Layout,
  viewport: Viewport,
  palette: Palette,
): void {
  context.strokeStyle = palette.border;
  context.globalAlpha = palette.isHighContrast ? 1 : 0.45;
  context.lineWidth = 1;
  context.beginPath();
  for (const band of layout.bands) {
    const bottom = Math.round(band.top + bandHeight(band) - viewport.top) - 0.5;
    context.moveTo(0, bottom);
    context.lineTo(viewport.width, bottom);
  }
  context.stroke();
  context.globalAlpha = 1;
}

function drawStepLine(
  context: CanvasRenderingContext2D,
  current: Placed,
  viewport: Viewport,
  palette: Palette,
): void {
  const x = Math.round(xOf(current.x, viewport)) + 0.5;
  context.strokeStyle = palette.focus;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, viewport.height);
  context.stroke();
  context.setLineDash([]);
}

function drawItem(
  context: CanvasRenderingContext2D,
  it: Placed,
  layout: Layout,
  viewport: Viewport,
  palette: Palette,
  marked: Marked,
): void {
  const isFuture = marked.current !== undefined && it.step > marked.current.step;
  context.globalAlpha = isFuture ? 0.38 : it.item.state === 'skipped' ? 0.6 : 1;
  const box = boxOf(it, layout, viewport);
  if (it.item.end === undefined) drawPoint(context, it, box, viewport, palette);
  else drawBar(context, it, box, viewport, palette, marked);
  context.globalAlpha = 1;
  if (marked.current === it) drawFocus(context, box, it, palette);
}

function drawBar(
  context: CanvasRenderingContext2D,
  it: Placed,
  box: Box,
  viewport: Viewport,
  palette: Palette,
  marked: Marked,
): void {
  const color = palette.of(it.item);
  const width = Math.max(6, box.right - box.left);
  const top = box.middle - barHeight / 2;
  context.fillStyle = color;
  context.strokeStyle = color;
  const alpha = context.globalAlpha;
  context.globalAlpha = alpha * (palette.isHighContrast ? 0 : 0.28);
  roundRect(context, box.left, top, width, barHeight);
  context.fill();
  context.globalAlpha = alpha;
  context.lineWidth = 1;
  roundRect(context, box.left + 0.5, top + 0.5, width - 1, barHeight - 1);
  context.stroke();
  context.fillRect(box.left, top, 3, barHeight);
  const twisty = marked.openable(it.item.id) ? (marked.isOpen(it.item.id) ? '▾ ' : '▸ ') : '';
  const text = twisty + it.item.label;
  const isOutside =
    context.measureText(text).width > width - 10 && roomAfter(it, box.right, viewport) > width;
  const label = isOutside
    ? fit(context, text, roomAfter(it, box.right, viewport) - 10)
    : fit(context, text, width - 10);
  context.fillStyle = palette.foreground;
  if (label) context.fillText(label, isOutside ? box.right + 5 : box.left + 7, box.middle + 0.5);
}

/** Free pixels between the end of an item and the next one of its row. */
const roomAfter = (it: Placed, right: number, viewport: Viewport): number =>
  Math.min(260, xOf(it.room, viewport) - right - 8);

/** Shapes tell kinds apart without colour: a write is a square, a watch a ring, a queue a small dot, a failure a cross. */
function drawPoint(
  context: CanvasRenderingContext2D,
  it: Placed,
  box: Box,
  viewport: Viewport,
  palette: Palette,
): void {
  const color = palette.of(it.item);
  const { left: x, middle: y } = box;
  context.fillStyle = color;
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.beginPath();
  if (it.item.state === 'rejected' || it.item.state === 'failed') {
    context.moveTo(x - 4, y - 4);
    context.lineTo(x + 4, y + 4);
    context.moveTo(x + 4, y - 4);
    context.lineTo(x - 4, y + 4);
    context.stroke();
  } else if (it.item.kind === 'write') context.fillRect(x - 5, y - 5, 10, 10);
  else if (it.item.kind === 'watch') {
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.stroke();
  } else if (it.item.state === 'mutated') {
    context.moveTo(x, y - 6);
    context.lineTo(x + 6, y);
    context.lineTo(x, y + 6);
    context.lineTo(x - 6, y);
    context.fill();
  } else {
    context.arc(x, y, it.item.kind === 'queue' || it.item.kind === 'timer' ? 3 : 5, 0, 2 * Math.PI);
    context.fill();
  }
  const label = fit(context, it.item.label, roomAfter(it, x + 8, viewport));
  context.fillStyle = palette.muted;
  if (label.length > 3) context.fillText(label, x + 10, y + 0.5);
}

function drawFocus(
  context: CanvasRenderingContext2D,
  box: Box,
  it: Placed,
  palette: Palette,
): void {
  context.strokeStyle = palette.focus;
  context.lineWidth = 2;
  const isBar = it.item.end !== undefined;
  const left = isBar ? box.left - 2 : box.left - 9;
  const width = isBar ? Math.max(6, box.right - box.left) + 4 : 18;
  roundRect(context, left, box.middle - barHeight / 2 - 2, width, barHeight + 4);
  context.stroke();
}

/** Arrows of the current event: in from its causes back to the root, out to what it led to. Others would only blur it. */
function drawArrows(
  context: CanvasRenderingContext2D,
  layout: Layout,
  viewport: Viewport,
  palette: Palette,
  marked: Marked,
): void {
  const current = marked.current;
  if (!current) return;
  const connect = (from: Placed | undefined, to: Placed | undefined, look: ArrowLook) => {
    // What lies in a span needs no arrow to tell where it comes from.
    if (!from || !to || to.item.parent === from.item.id) return;
    arrow(context, boxOf(from, layout, viewport), boxOf(to, layout, viewport), look);
  };
  const place = (id: number | undefined) => (id === undefined ? undefined : layout.byId.get(id));
  for (const id of marked.path) {
    const it = place(id);
    connect(place(it?.item.cause), it, { color: palette.focus, width: 1.5, dash: [] });
  }
  for (const id of current.item.also ?? []) {
    connect(place(id), current, { color: palette.arrow, width: 1, dash: [4, 3] });
  }
  for (const id of marked.effects) {
    connect(current, place(id), { color: palette.arrow, width: 1, dash: [] });
  }
}

interface ArrowLook {
  readonly color: string;
  readonly width: number;
  readonly dash: number[];
}

function arrow(context: CanvasRenderingContext2D, from: Box, to: Box, look: ArrowLook): void {
  const bend = Math.max(14, Math.abs(to.left - from.left) / 3);
  const endX = to.left - 7;
  context.strokeStyle = look.color;
  context.fillStyle = look.color;
  context.lineWidth = look.width;
  context.setLineDash(look.dash);
  context.beginPath();
  context.moveTo(from.left, from.middle);
  context.bezierCurveTo(from.left + bend, from.middle, endX - bend, to.middle, endX, to.middle);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(endX + 3, to.middle);
  context.lineTo(endX - 4, to.middle - 3.5);
  context.lineTo(endX - 4, to.middle + 3.5);
  context.fill();
}

function roundRect(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.beginPath();
  context.roundRect(x, y, Math.max(1, width), height, 3);
}

function fit(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (width < 14) return '';
  if (context.measureText(text).width <= width) return text;
  const size = context.measureText('n').width;
  const count = Math.floor(width / size) - 1;
  return count > 1 ? `${text.slice(0, count)}…` : '';
}
