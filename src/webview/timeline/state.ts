import { computed, signal } from '@preact/signals';
import type {
  Details,
  FromWebview,
  Item,
  TimelineModel,
  TimelineStrings,
} from '../../protocol/timeline.ts';
import { layOut, type Axis, type Placed } from './layout.ts';

/** The whole state of the view, and what can be done to it. The canvas and the tree are drawn from it. */
export class TimelineState {
  readonly #post: (message: FromWebview) => void;
  readonly #save: (saved: SavedState) => void;

  readonly strings = signal<TimelineStrings>({});
  readonly model = signal<TimelineModel | undefined>(undefined);
  readonly problem = signal<string | undefined>(undefined);
  readonly details = signal<Details | undefined>(undefined);
  readonly selected = signal<number | undefined>(undefined);
  readonly open = signal<ReadonlySet<number>>(new Set());
  readonly zoom = signal(1);
  readonly axis = signal<Axis>('story');
  readonly view = signal<'lanes' | 'tree'>('lanes');
  readonly playing = signal(false);
  /** Steps a second while playing. */
  readonly pace = signal(4);

  readonly layout = computed(() => {
    const model = this.model.value;
    return model && layOut(model, this.open.value, this.axis.value);
  });
  readonly current = computed((): Placed | undefined => {
    const id = this.selected.value;
    return id === undefined ? undefined : this.layout.value?.byId.get(id);
  });
  readonly items = computed(() => new Map(this.model.value?.items.map((item) => [item.id, item])));
  /** By cause: what followed directly. */
  readonly effects = computed(() => {
    const effects = new Map<number, Item[]>();
    for (const item of this.model.value?.items ?? []) {
      for (const cause of [item.cause, ...(item.also ?? [])]) {
        if (cause === undefined) continue;
        const list = effects.get(cause) ?? [];
        list.push(item);
        effects.set(cause, list);
      }
    }
    return effects;
  });

  constructor(post: (message: FromWebview) => void, save: (saved: SavedState) => void) {
    this.#post = post;
    this.#save = save;
  }

  t(key: string): string {
    return this.strings.value[key] ?? key;
  }

  setModel(model: TimelineModel, select: number | undefined): void {
    const isSame = this.model.value?.story === model.story;
    this.model.value = model;
    if (!isSame) {
      this.open.value = new Set(model.items.slice(0, 1).map(({ id }) => id));
      this.details.value = undefined;
      this.selected.value = undefined;
    }
    this.problem.value = undefined;
    if (select !== undefined) this.select(select);
    else if (!isSame) this.select(model.root);
  }

  /** Selects an event; what hides it is opened. */
  select(id: number): void {
    const items = this.items.value;
    const open = new Set(this.open.value);
    for (
      let parent = items.get(id)?.parent;
      parent !== undefined;
      parent = items.get(parent)?.parent
    )
      open.add(parent);
    if (open.size !== this.open.value.size) this.open.value = open;
    if (this.selected.value === id) return;
    this.selected.value = id;
    this.#post({ type: 'select', id });
    this.#postCursor();
    this.#save({ story: this.model.value?.story, selected: id });
  }

  step(by: number): boolean {
    const layout = this.layout.value;
    if (!layout?.placed.length) return false;
    const at = this.current.value?.step ?? -1;
    const next = layout.placed[Math.min(layout.placed.length - 1, Math.max(0, at + by))];
    if (!next || next.step === at) return false;
    this.select(next.item.id);
    return true;
  }

  /** To the next or the previous item of the same lane. */
  stepInLane(direction: 1 | -1): void {
    const current = this.current.value;
    const placed = this.layout.value?.placed;
    if (!current || !placed) return;
    for (let step = current.step + direction; placed[step]; step += direction) {
      const it = placed[step];
      if (it?.item.lane !== current.item.lane) continue;
      this.select(it.item.id);
      return;
    }
  }

  toFirst(): void {
    const first = this.layout.value?.placed[0];
    if (first) this.select(first.item.id);
  }

  toLast(): void {
    const last = this.layout.value?.placed.at(-1);
    if (last) this.select(last.item.id);
  }

  toCause(): void {
    const cause = this.current.value?.item.cause;
    if (cause !== undefined) this.select(cause);
  }

  toEffect(): void {
    const id = this.selected.value;
    const effect = id === undefined ? undefined : this.effects.value.get(id)?.[0];
    if (effect) this.select(effect.id);
  }

  toggle(id: number): void {
    const open = new Set(this.open.value);
    if (!open.delete(id)) open.add(id);
    this.open.value = open;
    const selected = this.items.value.get(this.selected.value ?? -1);
    if (selected?.parent === id && !open.has(id)) this.select(id);
  }

  hasParts(id: number): boolean {
    return this.#withParts.value.has(id);
  }

  setAllOpen(isOpen: boolean): void {
    this.open.value = isOpen ? new Set(this.#withParts.value) : new Set();
    const parent = this.items.value.get(this.selected.value ?? -1)?.parent;
    if (!isOpen && parent !== undefined) this.select(parent);
  }

  zoomBy(factor: number): void {
    this.zoom.value = Math.min(8, Math.max(0.05, this.zoom.value * factor));
  }

  openKey(): void {
    const key = this.details.value?.key;
    if (key) this.#post({ type: 'openKey', ...key });
  }

  openDiff(): void {
    const key = this.details.value?.key;
    if (key) this.#post({ type: 'openDiff', ...key });
  }

  refresh(): void {
    this.#post({ type: 'refresh' });
  }

  readonly #withParts = computed(
    () =>
      new Set(
        this.model.value?.items.flatMap(({ parent }) => (parent === undefined ? [] : [parent])),
      ),
  );

  /** The views show the store as it was at this step; at the last step, as it is. */
  #postCursor(): void {
    const model = this.model.value;
    const id = this.selected.value;
    if (!model || id === undefined) return;
    const at = model.items.findIndex((item) => item.id === id);
    if (at === model.items.length - 1) {
      this.#post({ type: 'cursor' });
      return;
    }
    let revision: number | undefined;
    for (const item of model.items.slice(0, at + 1))
      if (item.revision !== undefined) revision = item.revision;
    const first = model.items.find((item) => item.revision !== undefined)?.revision;
    revision ??= first === undefined ? undefined : first - 1;
    this.#post(revision === undefined ? { type: 'cursor' } : { type: 'cursor', revision });
  }
}

/** What survives a reload of the window: which trace and which event, not the data. */
export interface SavedState {
  readonly story: string | undefined;
  readonly selected: number | undefined;
}
