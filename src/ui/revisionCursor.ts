import { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';

/** Who took the views to a revision: a step of the timeline, or a person who goes back in time. */
export type Traveller = 'timeline' | 'person';

/** The revision that the views show; undefined: the present, as it goes on. */
export class RevisionCursor extends Disposable {
  readonly #onDidChange = this._register(new Emitter<number | undefined>());
  readonly onDidChange = this.#onDidChange.event;
  #revision: number | undefined;
  #by: Traveller = 'person';

  get revision(): number | undefined {
    return this.#revision;
  }

  get by(): Traveller {
    return this.#by;
  }

  set(revision: number | undefined, by: Traveller): void {
    // A timeline that is closed does not end the travel that somebody else is on.
    if (revision === undefined && by === 'timeline' && this.#by !== 'timeline') return;
    const isSame = revision === this.#revision && by === this.#by;
    this.#revision = revision;
    this.#by = by;
    if (!isSame) this.#onDidChange.fire(revision);
  }
}
