/** Where a replay memory keeps its pictures: as they are, or compressed. */
import type { ReplayArrays } from './replay';

/** Whole numbers that say where writing goes on; which ones, is each store's own matter. */
export type PictureStoreCounters = Readonly<Record<string, number>>;

/** Slots for pictures that follow one another, one picture [height * width] uint8 in each. */
export interface PictureStore {
  /** Whether the next picture might find no room: free the oldest slots until it is false. */
  readonly full: boolean;
  /** Bytes of memory in use. */
  readonly residentBytes: number;
  /**
   * Stores the picture that follows the one written last.
   * @param slot an empty one: never written, or freed
   * @param picture [pictureSize] uint8, copied
   */
  write(options: { slot: number; picture: Uint8Array }): void;
  /** The slot's picture is no longer wanted; slots are freed in the order they were written. */
  free(slot: number): void;
  /**
   * Reads pictures that were written one after the other.
   * @param slot the first picture's; the others follow, slot 0 after the last one
   * @param into receives [count, pictureSize] from `at` on
   */
  read(options: { slot: number; count: number; into: Uint8Array; at: number }): void;
  /** Frees everything. */
  clear(): void;
  counters(): PictureStoreCounters;
  /**
   * Views of all that is needed to go on.
   * @param slots how many were ever written: the first ones
   * @param counters lengths are those at these counters; default: the store's own
   */
  arrays(slots: number, counters?: PictureStoreCounters): ReplayArrays;
  /** Whether counters can be those of a store of this size. */
  fits(counters: PictureStoreCounters): boolean;
  /** Takes over counters that fit; what `arrays` gives is to be filled next. */
  restore(counters: PictureStoreCounters): void;
  /**
   * @param first the oldest slot in use
   * @param count slots in use
   * @throws RangeError when the arrays were filled with what a store cannot hold.
   */
  verify(options: { first: number; count: number }): void;
}
