import { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';

/** The revision that the views show while the timeline is stepped; undefined: the present. */
export class RevisionCursor extends Disposable {
  readonly #onDidChange = this._register(new Emitter<number | undefined>());
  readonly onDidChange = this.#onDidChange.event;
  #revision: number | undefined;

  get revision(): number | undefined {
    return this.#revision;
  }

  set(revision: number | undefined): void {
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#onDidChange.fire(revision);
  }
}
