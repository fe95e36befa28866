/** Pictures in a fraction of their bytes, each within reach of a few microseconds. */
import {
  applyDifference,
  maxDifferenceBytes,
  skipDifference,
  writeDifference,
} from './picture-difference';
import type { PictureStore } from './picture-store';
import type { ReplayArrays } from './replay';

/**
 * Pictures from one keyframe to the next. Twice as many would take a tenth less memory and double the
 * differences that a read steps over.
 */
const KEYFRAME_INTERVAL = 16;

/** A block has room for at least so many pictures, however different they are. */
export const MIN_PICTURES_PER_BLOCK = 32;

/** Positions are 32-bit numbers. */
const MAX_BYTES = 0x7fff_ffff;

/** Default number of bytes for compressed pictures: more than 4 million pictures of Breakout. */
export const DEFAULT_MAX_BYTES = 450_000_000;

interface CompressedPicturesOptions {
  /** Slots, each for one picture. */
  readonly capacity: number;
  /** Bytes of a picture. */
  readonly pictureSize: number;
  /** Most bytes that compressed pictures may take. */
  readonly maxBytes: number;
}

/** Bytes of a block for pictures of this size: what `maxBytes` is made up of. */
export function blockBytesFor(pictureSize: number): number {
  const most = maxDifferenceBytes(pictureSize);
  return 2 ** Math.ceil(Math.log2(MIN_PICTURES_PER_BLOCK * most));
}

/** Where writing goes on; the meaning is that of the private fields. */
type Counters = Readonly<
  Record<'block' | 'end' | 'distance' | 'freeCount' | 'touchedBlocks', number>
>;

/**
 * Memory is cut into blocks. A block starts with one whole picture, its reference; differences follow.
 * Every 16th picture is a keyframe and differs from the reference, the others differ from the picture
 * before. So a block needs no other block, and a picture is at most 16 differences away from a whole
 * one. A block is free again as soon as none of its pictures is wanted any more. All memory is taken
 * at the start and becomes resident when a block is used for the first time.
 */
export class CompressedPictures implements PictureStore {
  private readonly capacity: number;
  private readonly pictureSize: number;
  private readonly blockBytes: number;
  private readonly bytes: Uint8Array; // [blocks, blockBytes]
  /** Views of the blocks' references, [pictureSize] each. */
  private readonly references: readonly Uint8Array[];
  /** Wanted pictures of each block. */
  private readonly pictureCounts: Int32Array;
  private readonly freeBlocks: Int32Array; // a stack: the block freed last is used first
  /** Where the difference of each slot's keyframe starts, and how many differences follow it. */
  private readonly keyframes: Int32Array;
  private readonly distances: Uint8Array;
  private readonly newest: Uint8Array; // [pictureSize], the picture written last
  private readonly difference: Uint8Array;
  private block = 0; // the block that is written to
  private end = 0; // where the next difference goes
  private distance = 0; // of the picture written last, from its keyframe
  private freeCount = 0;
  private touchedBlocks = 0; // blocks that have ever been used

  /** @throws RangeError when `maxBytes` is less than two blocks or more than 2 GiB. */
  constructor({ capacity, pictureSize, maxBytes }: CompressedPicturesOptions) {
    const blockBytes = blockBytesFor(pictureSize);
    if (!(maxBytes >= 2 * blockBytes && maxBytes <= MAX_BYTES)) {
      throw new RangeError(
        `maxBytes must be ${2 * blockBytes} to ${MAX_BYTES} for pictures of ${pictureSize} bytes, got ${maxBytes}`,
      );
    }
    // the oldest block may hold a single wanted picture, so one more than full blocks make up
    const worst = Math.ceil(capacity / MIN_PICTURES_PER_BLOCK) + 1;
    const blocks = Math.min(worst, Math.floor(maxBytes / blockBytes));
    this.capacity = capacity;
    this.pictureSize = pictureSize;
    this.blockBytes = blockBytes;
    this.bytes = new Uint8Array(blocks * blockBytes);
    this.references = Array.from({ length: blocks }, (_, block) =>
      this.bytes.subarray(block * blockBytes, block * blockBytes + pictureSize),
    );
    this.pictureCounts = new Int32Array(blocks);
    this.freeBlocks = new Int32Array(blocks);
    this.keyframes = new Int32Array(capacity);
    this.distances = new Uint8Array(capacity);
    this.newest = new Uint8Array(pictureSize);
    this.difference = new Uint8Array(maxDifferenceBytes(pictureSize));
    this.clear();
  }

  get full(): boolean {
    return this.freeCount === 0 && this.end + this.difference.length > this.blockEnd;
  }

  get residentBytes(): number {
    const perSlot = this.keyframes.BYTES_PER_ELEMENT + this.distances.BYTES_PER_ELEMENT;
    return this.touchedBlocks * this.blockBytes + this.capacity * perSlot;
  }

  /** @throws Error when the store is full. */
  write({ slot, picture }: { slot: number; picture: Uint8Array }): void {
    const { difference } = this;
    this.distance = (this.distance + 1) % KEYFRAME_INTERVAL;
    const base = this.distance === 0 ? this.references[this.block]! : this.newest;
    let length = writeDifference(picture, base, difference);
    if (this.end + length > this.blockEnd) {
      this.startBlock(picture);
      length = writeDifference(picture, picture, difference);
    }
    for (let i = 0; i < length; i++) this.bytes[this.end + i] = difference[i]!;
    this.keyframes[slot] = this.distance === 0 ? this.end : this.keyframes[this.before(slot)]!;
    this.distances[slot] = this.distance;
    this.pictureCounts[this.block]!++;
    this.end += length;
    this.newest.set(picture);
  }

  free(slot: number): void {
    const block = Math.floor(this.keyframes[slot]! / this.blockBytes);
    this.pictureCounts[block]!--;
    if (this.pictureCounts[block] === 0 && block !== this.block) {
      this.freeBlocks[this.freeCount++] = block;
    }
  }

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
    const { bytes, pictureSize, keyframes, distances } = this;
    let from = 0;
    for (let i = 0; i < count; i++) {
      const distance = distances[slot]!;
      if (i > 0 && distance > 0) {
        into.copyWithin(at, at - pictureSize, at);
        from = applyDifference(bytes, from, into, at);
      } else {
        from = keyframes[slot]!;
        into.set(this.references[Math.floor(from / this.blockBytes)]!, at);
        for (let j = 0; j <= distance; j++) from = applyDifference(bytes, from, into, at);
      }
      at += pictureSize;
      slot = slot + 1 < this.capacity ? slot + 1 : 0;
    }
  }

  clear(): void {
    const blocks = this.freeBlocks.length;
    for (let i = 0; i < blocks; i++) this.freeBlocks[i] = blocks - 1 - i;
    this.freeCount = blocks;
    this.pictureCounts.fill(0);
    this.block = 0;
    this.end = this.blockEnd; // as if block 0 were full, so that the next picture starts one
    this.distance = 0;
  }

  counters(): Counters & { readonly blocks: number } {
    const { block, end, distance, freeCount, touchedBlocks } = this;
    return { block, end, distance, freeCount, touchedBlocks, blocks: this.freeBlocks.length };
  }

  arrays(slots: number, { touchedBlocks }: Counters = this.counters()): ReplayArrays {
    return {
      blocks: this.bytes.subarray(0, touchedBlocks * this.blockBytes),
      pictureCounts: this.pictureCounts,
      freeBlocks: this.freeBlocks,
      keyframes: this.keyframes.subarray(0, slots),
      distances: this.distances.subarray(0, slots),
      newest: this.newest,
    };
  }

  fits({ block, end, distance, freeCount, touchedBlocks }: Counters): boolean {
    const blocks = this.freeBlocks.length;
    const counts = block >= 0 && block < blocks && freeCount >= 0 && freeCount <= blocks;
    const touched = touchedBlocks >= 0 && touchedBlocks <= blocks;
    const start = block * this.blockBytes;
    const inBlock = end > start && end <= start + this.blockBytes;
    return counts && touched && inBlock && distance >= 0 && distance < KEYFRAME_INTERVAL;
  }

  restore({ block, end, distance, freeCount, touchedBlocks }: Counters): void {
    this.block = block;
    this.end = end;
    this.distance = distance;
    this.freeCount = freeCount;
    this.touchedBlocks = touchedBlocks;
  }

  verify({ first, count }: { first: number; count: number }): void {
    const { blockBytes, pictureCounts, freeBlocks, freeCount, block: current } = this;
    const counts = new Int32Array(pictureCounts.length);
    let from = 0;
    for (let i = 0; i < count; i++) {
      const slot = (first + i) % this.capacity;
      from = this.endOf({ slot, from, isFirst: i === 0 });
      counts[Math.floor((from - 1) / blockBytes)]!++;
    }
    const isUsed = (block: number) => counts[block]! > 0 || (count > 0 && block === current);
    const free = new Set(freeBlocks.subarray(0, freeCount));
    const blocks = Array.from(counts, (_, block) => block);
    const isRight = (block: number) =>
      counts[block] === pictureCounts[block] &&
      isUsed(block) !== free.has(block) &&
      (!isUsed(block) || block < this.touchedBlocks);
    const areBlocks = [...free].every((block) => block >= 0 && block < blocks.length);
    if (areBlocks && free.size === freeCount && blocks.every(isRight)) return;
    throw new RangeError('a saved memory must have each block either free or in use');
  }

  /** Where a slot's picture ends. @param from where that of the slot before ended */
  private endOf({ slot, from, isFirst }: { slot: number; from: number; isFirst: boolean }): number {
    const { bytes, blockBytes, pictureSize } = this;
    const [keyframe, distance] = [this.keyframes[slot]!, this.distances[slot]!];
    const start = Math.floor(keyframe / blockBytes) * blockBytes;
    const limit = Math.min(start + blockBytes, this.touchedBlocks * blockBytes);
    const before = this.before(slot);
    const isNext =
      this.keyframes[before] === keyframe && this.distances[before] === distance - 1 && !isFirst;
    let end = isNext ? from : keyframe;
    let isRight = keyframe >= start + pictureSize && distance < KEYFRAME_INTERVAL;
    isRight &&= isNext || isFirst || distance === 0;
    for (let left = isNext ? 0 : distance; isRight && left >= 0; left--) {
      end = skipDifference({ bytes, from: end, limit, pictureSize });
      isRight = end > 0;
    }
    if (isRight) return end;
    throw new RangeError(`a saved memory has no picture like that in slot ${slot}`);
  }

  private get blockEnd(): number {
    return (this.block + 1) * this.blockBytes;
  }

  private startBlock(reference: Uint8Array): void {
    if (this.freeCount === 0) throw new Error('write() to a full store: free the oldest slots');
    const block = this.freeBlocks[--this.freeCount]!;
    this.references[block]!.set(reference);
    this.block = block;
    this.end = block * this.blockBytes + this.pictureSize;
    this.distance = 0;
    this.touchedBlocks = Math.max(this.touchedBlocks, block + 1);
  }

  private before(slot: number): number {
    return (slot + this.capacity - 1) % this.capacity;
  }
}
