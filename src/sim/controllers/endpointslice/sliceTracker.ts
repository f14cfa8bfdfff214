import type { EndpointSlice } from '../../../api/types/discoveryV1.ts';
import { SERVICE_NAME } from './slices.ts';

const DELETION_EXPECTED = -1;

/** Which generation of each slice was written last. Models k8s.io/endpointslice/util EndpointSliceTracker. */
export class SliceTracker {
  readonly #services = new Map<string, Map<string, number>>();

  has(slice: EndpointSlice): boolean {
    return this.#of(slice)?.has(uidOf(slice)) ?? false;
  }

  /** Whether somebody else changed it. */
  shouldSync(slice: EndpointSlice): boolean {
    const known = this.#of(slice)?.get(uidOf(slice));
    return known === undefined || (slice.metadata.generation ?? 0) > known;
  }

  /** Whether the cache does not show yet what was written. */
  isStale(serviceKey: string, slices: readonly EndpointSlice[]): boolean {
    const known = this.#services.get(serviceKey);
    if (!known) return false;
    const seen = new Set<string>();
    for (const slice of slices) {
      seen.add(uidOf(slice));
      const generation = known.get(uidOf(slice));
      if (generation === DELETION_EXPECTED) return true;
      if (generation !== undefined && generation > (slice.metadata.generation ?? 0)) return true;
    }
    for (const [uid, generation] of known)
      if (generation !== DELETION_EXPECTED && !seen.has(uid)) return true;
    return false;
  }

  wrote(slice: EndpointSlice): void {
    this.#set(slice, slice.metadata.generation ?? 0);
  }

  expectDeletion(slice: EndpointSlice): void {
    this.#set(slice, DELETION_EXPECTED);
  }

  /** Notes that it is gone; whether that was expected. */
  deleted(slice: EndpointSlice): boolean {
    const known = this.#of(slice);
    const generation = known?.get(uidOf(slice));
    known?.delete(uidOf(slice));
    return generation === undefined || generation === DELETION_EXPECTED;
  }

  forget(serviceKey: string): void {
    this.#services.delete(serviceKey);
  }

  #of(slice: EndpointSlice): Map<string, number> | undefined {
    return this.#services.get(keyOf(slice));
  }

  #set(slice: EndpointSlice, generation: number): void {
    const known = this.#of(slice) ?? new Map<string, number>();
    this.#services.set(keyOf(slice), known.set(uidOf(slice), generation));
  }
}

const uidOf = (slice: EndpointSlice): string => slice.metadata.uid ?? '';
const keyOf = ({ metadata }: EndpointSlice): string =>
  `${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME] ?? ''}`;
