/** Pictures as they are: the fastest to read, at height * width bytes each. */
import { constants } from 'node:buffer';
import type { PictureStore } from './picture-store';
import type { ReplayArrays } from './replay';

/** The most pictures of a size that one array can hold. @param arrayBytes default: Node's limit */
export function maxPlainPictures(pictureSize: number, arrayBytes = constants.MAX_LENGTH): number {
  return Math.floor(arrayBytes / pictureSize);
}

/** One array with a place for each slot. */
export class PlainPictures implements PictureStore {
  /** The store is never full, as each slot has its place. */
  readonly full = false;
  private readonly capacity: number;
  private readonly pictureSize: number;
  private readonly pictures: Uint8Array; // [capacity, pictureSize]

  /** @throws RangeError when the pictures are more than one array can hold. */
  constructor({ capacity, pictureSize }: { capacity: number; pictureSize: number }) {
    const most = maxPlainPictures(pictureSize);
    if (capacity > most) {
      throw new RangeError(
        `capacity must be at most ${most} for plain pictures of ${pictureSize} bytes, got ${capacity}: ` +
          'set compress to true or choose a smaller capacity',
      );
    }
    this.capacity = capacity;
    this.pictureSize = pictureSize;
    this.pictures = new Uint8Array(capacity * pictureSize);
  }

  get residentBytes(): number {
    return this.pictures.length;
  }

  write({ slot, picture }: { slot: number; picture: Uint8Array }): void {
    this.pictures.set(picture, slot * this.pictureSize);
  }

  free(): void {}

  read({
    slot,
    count,
    into,
    at,
  }: {
    slot: number;
    count: number;
    into: Uint8Array;
    at: number;
  }): void {
    const { pictures, pictureSize, capacity } = this;
    const straight = Math.min(count, capacity - slot); // pictures before slot 0 comes
    const start = slot * pictureSize;
    into.set(pictures.subarray(start, start + straight * pictureSize), at);
    if (straight === count) return;
    into.set(pictures.subarray(0, (count - straight) * pictureSize), at + straight * pictureSize);
  }

  clear(): void {}

  counters(): Record<string, never> {
    return {};
  }

  arrays(slots: number): ReplayArrays {
    return { pictures: this.pictures.subarray(0, slots * this.pictureSize) };
  }

  fits(): boolean {
    return true;
  }

  restore(): void {}

  verify(): void {}
}
