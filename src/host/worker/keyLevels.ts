import type { KeyEntry } from '../../source/port.ts';
import { keyOfText, prefixEnd, textOfKey } from '../../sim/etcd/key.ts';
import type { Key, KeyValue } from '../../sim/etcd/kv.ts';
import type { Store } from '../../sim/etcd/store.ts';

/** A level with more entries than this is shown as groups. */
const maxEntries = 500;
/** Groups are split again as long as no more than so many come of it. */
const maxGroups = 300;
/** Keys that one range reads. */
const maxChunk = 256;

/**
 * One level of the tree below a prefix. A level that is too long is cut by the next characters of its names:
 *
 *     /a/key-00000 … /a/key-99999     children of /a/: key-00… (1000), key-01… (1000), …
 *
 * so a group is a prefix as any other, and stays where it is when keys come and go. The store is asked for the first
 * key of each sub-prefix and group, not for all their keys.
 */
export function childrenOf(store: Store, prefix: string): KeyEntry[] {
  const base = keyOfText(prefix);
  const entries: KeyEntry[] = [];
  for (const entry of level(store, base)) {
    entries.push(entry);
    if (entries.length > maxEntries) return groups(store, base);
  }
  return entries;
}

/** Keys, and sub-prefixes that end in a slash. */
function* level(store: Store, base: Key): Generator<KeyEntry> {
  const end = prefixEnd(base);
  // The slash that a path begins with is part of its first segment.
  const afterSlash = base === '' || base.endsWith('/');
  let chunk = 1;
  for (let from = base || '\0'; ;) {
    const { kvs } = store.rangeNow({ key: from, rangeEnd: end, limit: chunk });
    if (!kvs.length) return;
    for (const kv of kvs) {
      const skipped = afterSlash && kv.key[base.length] === '/' ? 1 : 0;
      const slash = kv.key.indexOf('/', base.length + skipped);
      if (slash >= 0) {
        const below = kv.key.slice(0, slash + 1);
        yield prefixEntry(below, countBelow(store, below));
        from = prefixEnd(below);
        chunk = 1;
        break;
      }
      yield keyEntry(kv);
      from = `${kv.key}\0`;
      chunk = Math.min(chunk * 4, maxChunk);
    }
    if (from === '\0') return;
  }
}

interface Group {
  readonly prefix: Key;
  readonly count: number;
}

function groups(store: Store, base: Key): KeyEntry[] {
  let parts: (Group | KeyValue)[] = split(store, base);
  for (;;) {
    const finer: (Group | KeyValue)[] = [];
    for (const part of parts) {
      if (finer.length > maxGroups) break;
      const isLong = 'prefix' in part && !part.prefix.endsWith('/') && part.count > maxEntries;
      finer.push(...(isLong ? split(store, part.prefix) : [part]));
    }
    if (finer.length === parts.length || finer.length > maxGroups) break;
    parts = finer;
  }
  return parts.map((part) =>
    'prefix' in part ? prefixEntry(part.prefix, part.count) : keyEntry(part),
  );
}

/** Cuts what is below a prefix by the character in which its keys differ first. */
function split(store: Store, base: Key): (Group | KeyValue)[] {
  const parts: (Group | KeyValue)[] = [];
  const end = prefixEnd(base);
  for (let from = base || '\0'; ;) {
    const kv = first(store, from, end);
    if (!kv) return parts;
    if (kv.key === base) {
      parts.push(kv);
      from = `${kv.key}\0`;
      continue;
    }
    const group = narrowed(store, kv.key, base.length);
    parts.push(group.count === 1 && !group.prefix.endsWith('/') ? kv : group);
    from = prefixEnd(kv.key.slice(0, afterCharacter(kv.key, base.length)));
    if (from === '\0') return parts;
  }
}

/** The keys that have the character at `length` in common with `key`, by all that they have in common up to a slash. */
function narrowed(store: Store, key: Key, length: number): Group {
  let prefix = key.slice(0, afterCharacter(key, length));
  const count = countBelow(store, prefix);
  if (count === 1) {
    const slash = key.indexOf('/', length);
    return { prefix: slash < 0 ? key : key.slice(0, slash + 1), count };
  }
  while (!prefix.endsWith('/') && prefix !== key) {
    const longer = key.slice(0, afterCharacter(key, prefix.length));
    if (countBelow(store, longer) < count) break;
    prefix = longer;
  }
  return { prefix, count };
}

/** Where the character that begins at `index` ends: keys are bytes, and a character of UTF-8 is up to four. */
function afterCharacter(key: Key, index: number): number {
  let end = index + 1;
  while (end < key.length && (key.charCodeAt(end) & 0xc0) === 0x80) end++;
  return end;
}

const first = (store: Store, from: Key, rangeEnd: Key): KeyValue | undefined =>
  store.rangeNow({ key: from, rangeEnd, limit: 1 }).kvs[0];

const countBelow = (store: Store, prefix: Key): number =>
  store.rangeNow({ key: prefix, rangeEnd: prefixEnd(prefix), countOnly: true }).count;

function prefixEntry(key: Key, count: number): KeyEntry {
  const prefix = textOfKey(key);
  const isGroup = !key.endsWith('/');
  return { type: 'prefix', prefix, label: `${nameOf(prefix)}${isGroup ? '…' : ''}`, count };
}

function keyEntry(kv: KeyValue): KeyEntry {
  const key = textOfKey(kv.key);
  return {
    type: 'key',
    key,
    label: nameOf(key),
    modRevision: kv.modRevision,
    version: kv.version,
    lease: leaseText(kv.lease),
  };
}

export const leaseText = (lease: bigint): string => (lease === 0n ? '' : lease.toString(16));

/** The last segment, with the slash it may end in: `/registry/`, `pods/`, `web`. */
function nameOf(path: string): string {
  const slash = path.lastIndexOf('/', path.length - 2);
  return slash <= 0 ? path : path.slice(slash + 1);
}
