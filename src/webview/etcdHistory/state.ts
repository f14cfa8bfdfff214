import { signal } from '@preact/signals';
import type {
  Disk,
  FromHistory,
  HistoryStrings,
  Position,
  ToHistory,
} from '../../protocol/etcdHistory.ts';

/** All that the view shows, and what can be done in it. */
export class HistoryState {
  readonly #post: (message: FromHistory) => void;
  readonly strings = signal<HistoryStrings>({});
  readonly position = signal<Position | undefined>(undefined);
  readonly disk = signal<Disk | undefined>(undefined);
  readonly isStopped = signal(false);
  /** Where the thumb was moved to, until the host says the same: it must not jump back meanwhile. */
  readonly wanted = signal<number | undefined>(undefined);
  /** Goes up when the slider is to be focused. */
  readonly focusCount = signal(0);

  constructor(post: (message: FromHistory) => void) {
    this.#post = post;
  }

  receive(message: ToHistory): void {
    switch (message.type) {
      case 'strings':
        this.strings.value = message.strings;
        return;
      case 'position': {
        const { position } = message;
        this.isStopped.value = false;
        this.position.value = position;
        if ((position.at ?? position.newest) === this.wanted.value) this.wanted.value = undefined;
        return;
      }
      case 'disk':
        this.disk.value = message.disk;
        return;
      case 'stopped':
        this.isStopped.value = true;
        return;
      case 'focus':
        this.focusCount.value++;
        return;
    }
  }

  t(key: string, ...values: readonly (string | number)[]): string {
    const text = this.strings.value[key] ?? key;
    return text.replaceAll(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
  }

  number(value: number): string {
    return value.toLocaleString(this.strings.value['language']);
  }

  /** Takes all views to a revision; at the newest one, they go on with it. */
  travel(revision: number): void {
    const position = this.position.value;
    if (!position || !Number.isFinite(revision)) return;
    const target = Math.round(Math.min(Math.max(revision, position.oldest), position.newest));
    if (target >= position.newest) {
      this.toNow();
      return;
    }
    this.wanted.value = target;
    this.#post({ type: 'travel', revision: target });
  }

  step(by: 1 | -1): void {
    const { at, newest } = this.position.value ?? { newest: 0 };
    this.travel((this.wanted.value ?? at ?? newest) + by);
  }

  toNow(): void {
    this.wanted.value = undefined;
    this.#post({ type: 'travel' });
  }

  openTrace(event: number): void {
    this.#post({ type: 'openTrace', event });
  }

  openDiff(key: string, revision: number): void {
    this.#post({ type: 'openDiff', key, revision });
  }
}
