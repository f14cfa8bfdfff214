import { useEffect, useRef } from 'preact/hooks';
import { useSignal, type Signal } from '@preact/signals';
import type { Item } from '../../protocol/timeline.ts';
import type { TimelineState } from './state.ts';
import { formatDuration } from './time.ts';

interface Row {
  readonly item: Item;
  readonly level: number;
  readonly children: number;
  readonly isOpen: boolean;
  readonly position: number;
  readonly siblings: number;
}

const pageSize = 200;

/**
 * The same graph as a tree of causes: an event lies below the one that led to it. It is what a screen reader meets, is
 * always there (hidden from sight beside the lanes), and is a view of its own. Rows are made as far as they are opened.
 */
export function TreeView({ state }: { readonly state: TimelineState }) {
  const opened = useSignal<ReadonlySet<number>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  const isVisible = state.view.value === 'tree';
  const selected = state.selected.value;
  useEffect(() => {
    if (selected !== undefined)
      opened.value = new Set([...opened.value, ...ancestors(selected, state)]);
  }, [selected, state.model.value]);
  useEffect(() => {
    if (isVisible)
      list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [selected, isVisible, opened.value]);
  const rows = rowsOf(state, opened.value);
  const shown = around(rows, selected);
  return (
    <div class={isVisible ? 'tree' : 'tree visually-hidden'}>
      <div
        ref={list}
        role="tree"
        tabIndex={0}
        aria-label={state.t('treeLabel')}
        aria-activedescendant={selected === undefined ? undefined : `event-${selected}`}
        onKeyDown={(event) => onKey(event, rows, state, opened)}
      >
        {shown.map((row) => (
          <div
            id={`event-${row.item.id}`}
            role="treeitem"
            class={`row ${row.item.state}`}
            aria-level={row.level + 1}
            aria-posinset={row.position}
            aria-setsize={row.siblings}
            aria-selected={row.item.id === selected}
            {...(row.children ? { 'aria-expanded': row.isOpen } : {})}
            style={{ paddingLeft: `${8 + Math.min(row.level, 24) * 12}px` }}
            onClick={() => state.select(row.item.id)}
          >
            <i
              class={`codicon codicon-${row.children ? (row.isOpen ? 'chevron-down' : 'chevron-right') : 'blank'}`}
              aria-hidden="true"
              onClick={(event) => {
                event.stopPropagation();
                toggle(opened, row.item.id);
              }}
            />
            <span class="lane">{state.model.value?.lanes[row.item.lane]?.label}</span>
            <span class="sentence">{row.item.sentence}</span>
            <span class="at">+{formatDuration(row.item.time)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

type Opened = Signal<ReadonlySet<number>>;

function toggle(opened: Opened, id: number): void {
  const next = new Set(opened.value);
  if (!next.delete(id)) next.add(id);
  opened.value = next;
}

function ancestors(id: number, state: TimelineState): number[] {
  const result: number[] = [];
  const items = state.items.value;
  for (
    let at = items.get(id)?.cause;
    at !== undefined && !result.includes(at);
    at = items.get(at)?.cause
  )
    result.push(at);
  return result;
}

function rowsOf(state: TimelineState, opened: ReadonlySet<number>): Row[] {
  const model = state.model.value;
  if (!model) return [];
  const children = new Map<number, Item[]>();
  const roots: Item[] = [];
  for (const item of model.items) {
    const list = item.cause === undefined ? roots : (children.get(item.cause) ?? []);
    list.push(item);
    if (item.cause !== undefined) children.set(item.cause, list);
  }
  const rows: Row[] = [];
  const visit = (items: readonly Item[], level: number): void => {
    items.forEach((item, index) => {
      const below = children.get(item.id) ?? [];
      const isOpen = opened.has(item.id);
      rows.push({
        item,
        level,
        children: below.length,
        isOpen,
        position: index + 1,
        siblings: items.length,
      });
      if (isOpen) visit(below, level + 1);
    });
  };
  visit(roots, 0);
  return rows;
}

/** A long tree is rendered around the selected row only. */
function around(rows: readonly Row[], selected: number | undefined): readonly Row[] {
  if (rows.length <= 2 * pageSize) return rows;
  const at = Math.max(
    0,
    rows.findIndex((row) => row.item.id === selected),
  );
  return rows.slice(Math.max(0, at - pageSize), at + pageSize);
}

function onKey(
  event: KeyboardEvent,
  rows: readonly Row[],
  state: TimelineState,
  opened: Opened,
): void {
  const at = rows.findIndex((row) => row.item.id === state.selected.value);
  const row = rows[at];
  const go = (index: number): void => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (target) state.select(target.item.id);
  };
  const actions: Record<string, () => void> = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    ArrowRight: () =>
      row && row.children && !row.isOpen ? toggle(opened, row.item.id) : go(at + 1),
    ArrowLeft: () =>
      row?.isOpen && row.children
        ? toggle(opened, row.item.id)
        : row?.item.cause !== undefined && state.select(row.item.cause),
    Enter: () => state.openDiff(),
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}
