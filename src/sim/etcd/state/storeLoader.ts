import { assert } from '../../../base/assert.ts';
import type { EventId } from '../../../trace/event.ts';
import type { AuthContents } from '../auth/authStore.ts';
import { ChangeLog } from '../changeLog.ts';
import { KeyIndex } from '../keyIndex.ts';
import type { WatchedChange } from '../kv.ts';
import { Lessor } from '../lessor.ts';
import { Space } from '../space.ts';
import { Store, type StoreOptions } from '../store.ts';
import { tombstone } from '../tombstone.ts';
import type { Contents } from './contents.ts';
import type { JournalEntry, WrittenKey } from './journal.ts';

const firstRevision = 1;

/** Compaction leaves gaps within a revision: the places of what is left are told. */
type Written = WrittenKey & { readonly sub?: number };

/**
 * Makes a store of what was kept of another: its contents, and the changes since. What comes out is what went in, but that
 * leases have their whole time again, and that all was written by one event, that of the loading.
 */
export class StoreLoader {
  readonly #index = new KeyIndex();
  readonly #log: ChangeLog;
  readonly #leases = new Lessor(undefined, () => undefined);
  readonly #space: Space;
  readonly #writtenBy: EventId;
  #revision: number;
  #compactRevision: number;
  #auth: AuthContents | undefined;

  constructor(
    contents: Contents | undefined,
    options: { readonly quotaBytes?: number; readonly writtenBy?: EventId } = {},
  ) {
    this.#space = new Space(options.quotaBytes);
    this.#writtenBy = options.writtenBy ?? 0;
    this.#revision = firstRevision;
    this.#compactRevision = contents?.compactRevision ?? 0;
    // A watch may begin at the compacted revision.
    this.#log = new ChangeLog(this.#compactRevision || firstRevision + 1);
    if (contents) this.#load(contents);
  }

  get auth(): AuthContents | undefined {
    return this.#auth;
  }

  apply(entry: JournalEntry): void {
    switch (entry.type) {
      case 'commit':
        assert(entry.revision === this.#revision + 1, 'a revision is missing in the journal');
        this.#commit(entry.revision, entry.changes);
        break;
      case 'compact':
        this.#compactRevision = entry.revision;
        this.#index.compact(entry.revision, (key, kv) =>
          this.#space.remove(key.length, kv?.value.length ?? 0),
        );
        this.#log.compact(entry.revision);
        break;
      case 'grant':
        this.#leases.grant(entry.id, entry.ttl, undefined);
        break;
      case 'revoke':
        this.#leases.revoke(entry.id, undefined);
        break;
      case 'alarm':
        if (entry.isFull) this.#space.raise();
        else this.#space.disarm();
        break;
      case 'defragment':
        this.#space.defragment();
        break;
      case 'auth':
        this.#auth = entry.auth;
    }
  }

  /** The store; the loader is used up. */
  store(options: StoreOptions): Store {
    const store = new Store(options, {
      index: this.#index,
      log: this.#log,
      revision: this.#revision,
      compactRevision: this.#compactRevision,
      leases: this.#leases,
      space: this.#space,
    });
    store.leases.renewAll();
    return store;
  }

  #load(contents: Contents): void {
    for (const { id, ttl } of contents.leases) this.#leases.grant(id, ttl, undefined);
    let changes: Written[] = [];
    let at = contents.versions[0]?.revision ?? 0;
    for (const { key, kv, revision, sub } of contents.versions) {
      if (revision !== at) {
        this.#loadRevision(at, changes);
        changes = [];
        at = revision;
      }
      changes.push({ key, kv, sub });
    }
    if (changes.length) this.#loadRevision(at, changes);
    this.#skipTo(contents.revision);
    this.#space.grow(contents.size);
    if (contents.isFull) this.#space.raise();
    this.#auth = contents.auth;
  }

  #loadRevision(revision: number, changes: readonly Written[]): void {
    if (revision > this.#compactRevision) this.#skipTo(revision - 1);
    this.#commit(revision, changes);
  }

  /** A cluster that was restored with its revision bumped has revisions in which nothing was written. */
  #skipTo(revision: number): void {
    const logged = Math.max(this.#revision, this.#compactRevision - 1);
    for (let skipped = logged + 1; skipped <= revision; skipped++)
      this.#log.add({ revision: skipped, changes: [] });
    this.#revision = Math.max(this.#revision, revision);
  }

  #commit(revision: number, written: readonly Written[]): void {
    const changes = written.map(({ key, kv, sub }, index): WatchedChange => {
      const old = this.#index.get(key)?.kv;
      const now = kv && { ...kv, writtenBy: this.#writtenBy };
      this.#index.add(key, revision, sub ?? index, now);
      this.#space.add(key.length, kv?.value.length ?? 0);
      this.#leases.attach(key, old?.lease ?? 0n, kv?.lease ?? 0n);
      const prevKv = old && revision > this.#compactRevision ? { prevKv: old } : {};
      return now
        ? { type: 'put', kv: now, ...prevKv }
        : { type: 'delete', kv: tombstone(key, revision, this.#writtenBy), ...prevKv };
    });
    this.#revision = revision;
    if (revision >= this.#compactRevision) this.#log.add({ revision, changes });
  }
}
