import type { Item, TimelineModel } from '../../protocol/timeline.ts';

export type Axis = 'story' | 'scale';

/** One visible item, placed. Positions are in pixels at zoom 1; rows count within the lane. */
export interface Placed {
  readonly item: Item;
  readonly step: number;
  readonly x: number;
  /** Where its bar ends; equal to `x` for points. */
  readonly endX: number;
  row: number;
  /** Where the next item of the same row begins: a label may run on until there. */
  room: number;
}

export interface LaneBand {
  readonly top: number;
  readonly rows: number;
}

export interface Layout {
  readonly placed: readonly Placed[];
  readonly byId: ReadonlyMap<number, Placed>;
  readonly bands: readonly LaneBand[];
  readonly width: number;
  readonly height: number;
}

export const rowHeight = 22;
const lanePadding = 7;
const stepWidth = 26;
/** A span has room for some of its name. */
const spanWidth = 60;

/**
 * Places the items that are visible: those that lie in no span, and those whose spans are all open.
 * On the story axis every step has its own place and a gap in time widens it by its logarithm, so that microseconds
 * of a pipeline and seconds of an image pull can be read side by side. On the scale axis a place is a time.
 */
export function layOut(model: TimelineModel, open: ReadonlySet<number>, axis: Axis): Layout {
  const known = new Map(model.items.map((item) => [item.id, item]));
  const visible = model.items.filter((item) => isVisible(item, open, known));
  const xs = axis === 'story' ? storyPositions(visible) : scalePositions(visible);
  const endOf = endPositions(model, visible, xs, known);
  const placed = visible.map((item, step): Placed => ({
    item,
    step,
    x: xs[step] ?? 0,
    endX: endOf(item, step),
    row: 0,
    room: Number.POSITIVE_INFINITY,
  }));
  const bands = packRows(model.lanes.length, placed);
  const last = bands.at(-1);
  return {
    placed,
    byId: new Map(placed.map((it) => [it.item.id, it])),
    bands,
    width: Math.max(0, ...placed.map((it) => it.endX)) + 160,
    height: last ? last.top + bandHeight(last) : 0,
  };
}

export const bandHeight = (band: LaneBand): number => band.rows * rowHeight + 2 * lanePadding;
export const rowTop = (band: LaneBand, row: number): number =>
  band.top + lanePadding + row * rowHeight;

function isVisible(
  item: Item,
  open: ReadonlySet<number>,
  known: ReadonlyMap<number, Item>,
): boolean {
  for (let parent = item.parent; parent !== undefined; parent = known.get(parent)?.parent)
    if (!open.has(parent)) return false;
  return true;
}

function storyPositions(items: readonly Item[]): number[] {
  const xs: number[] = [];
  let x = 24;
  let before = items[0]?.time ?? 0;
  for (const { time } of items) {
    const gap = Math.max(0, time - before) / 1000;
    const previous = items[xs.length - 1];
    const own = previous?.end === undefined ? stepWidth : spanWidth;
    x += previous ? own + 16 * Math.log10(1 + gap) : 0;
    xs.push(x);
    before = time;
  }
  return xs;
}

function scalePositions(items: readonly Item[]): number[] {
  const first = items[0]?.time ?? 0;
  const span = Math.max(1, (items.at(-1)?.time ?? 0) - first);
  const width = Math.max(900, Math.min(items.length * stepWidth, 60_000));
  return items.map(({ time }) => 24 + ((time - first) / span) * width);
}

/** A span whose end is hidden (it lies in a closed request) ends before the next step that is later than it. */
function endPositions(
  model: TimelineModel,
  visible: readonly Item[],
  xs: readonly number[],
  known: ReadonlyMap<number, Item>,
) {
  const stepOf = new Map(visible.map((item, step) => [item.id, step]));
  const order = new Map(model.items.map((item, index) => [item.id, index]));
  return (item: Item, step: number): number => {
    const x = xs[step] ?? 0;
    if (item.end === undefined) return x;
    const end = stepOf.get(item.end);
    if (end !== undefined) return Math.max(x + 12, xs[end] ?? x);
    const endOrder = order.get(item.end) ?? 0;
    const endTime = known.get(item.end)?.time ?? item.time;
    let last = step;
    while (last + 1 < visible.length && (order.get(visible[last + 1]?.id ?? 0) ?? 0) < endOrder)
      last++;
    const next = visible[last + 1];
    const edge =
      next && next.time <= endTime ? (xs[last + 1] ?? x) : (xs[last] ?? x) + stepWidth * 0.6;
    return Math.max(x + stepWidth * 0.6, edge);
  };
}

/** Gives every item the first row of its lane that is free; what lies in a span goes below it. */
function packRows(lanes: number, placed: readonly Placed[]): LaneBand[] {
  const free: number[][] = Array.from({ length: lanes }, () => []);
  const rowOf = new Map<number, number>();
  const lastOf: (Placed | undefined)[][] = Array.from({ length: lanes }, () => []);
  for (const it of placed) {
    const rows = free[it.item.lane];
    if (!rows) continue;
    const parentRow = it.item.parent === undefined ? undefined : rowOf.get(it.item.parent);
    let row = parentRow === undefined ? 0 : parentRow + 1;
    while ((rows[row] ?? -1) >= it.x) row++;
    rows[row] = labelEnd(it);
    const previous = lastOf[it.item.lane]?.[row];
    if (previous) previous.room = it.x;
    (lastOf[it.item.lane] ?? [])[row] = it;
    it.row = row;
    rowOf.set(it.item.id, row);
  }
  let top = 0;
  return free.map((rows) => {
    const band = { top, rows: Math.max(1, rows.length) };
    top += bandHeight(band);
    return band;
  });
}

/** A bar keeps room for some of its label, a point for itself. */
const labelEnd = (it: Placed): number =>
  it.item.end === undefined ? it.x + 12 : Math.max(it.endX, it.x + 40);
