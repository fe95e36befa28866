/**
 * A picture as what differs from another one, exact to the byte.
 *
 * A difference is a sequence of runs, each [length, skip, bytes...]: copy `skip` bytes of the other
 * picture, then take `length` new ones; a length of 0 ends it. Lengths and skips are LEB128 numbers,
 * 7 bits a byte, lowest first, so below 128 they take one byte.
 *
 * Parameters are positional and numbers are packed by hand: this runs hundreds of times a batch.
 */

/** Equal bytes between two runs that are not worth a new run, which takes 2 bytes or more. */
const BRIDGED = 2;

/** Largest number of three LEB128 bytes. */
const MAX_PICTURE_BYTES = (1 << 21) - 1;

/**
 * The most bytes that a difference between pictures of this size can take.
 * @throws RangeError when pictures are too large for the format.
 */
export function maxDifferenceBytes(pictureSize: number): number {
  if (!(pictureSize >= 1 && pictureSize <= MAX_PICTURE_BYTES)) {
    throw new RangeError(
      `a picture must have 1 to ${MAX_PICTURE_BYTES} bytes, got ${pictureSize}: make it smaller`,
    );
  }
  // A run's head is at most as long as the 3 or more equal bytes skipped before it, except for the
  // first run, which may skip nothing (6 bytes and the end mark), and runs of 2^14 bytes or more.
  return pictureSize + 7 + (pictureSize >> 14);
}

/**
 * Writes the difference that turns `base` into `picture`.
 * @param into at least `maxDifferenceBytes` long
 * @returns its length in bytes
 */
export function writeDifference(picture: Uint8Array, base: Uint8Array, into: Uint8Array): number {
  const size = picture.length;
  const pictureWords = wordsOf(picture);
  const baseWords = wordsOf(base);
  const words = Math.min(pictureWords.length, baseWords.length);
  let to = 0;
  let done = 0; // bytes of the picture that are described
  let start = 0;
  for (;;) {
    while (start < size && picture[start] === base[start]) {
      start++;
      if (start % 4 > 0) continue;
      let word = start / 4; // most of a picture is equal: compare 4 bytes at once
      while (word < words && pictureWords[word] === baseWords[word]) word++;
      start = 4 * word;
    }
    if (start === size) break;
    let end = start + 1;
    for (let i = end; i < size && i - end <= BRIDGED; i++) if (picture[i] !== base[i]) end = i + 1;
    to = writeNumber(end - start, into, to);
    to = writeNumber(start - done, into, to);
    for (let i = start; i < end; i++) into[to++] = picture[i]!;
    done = end;
    start = end;
  }
  into[to++] = 0;
  return to;
}

/**
 * Turns a base picture into the next one, in place.
 * @param bytes holds the difference, from `from` on
 * @param pictures holds the base picture, from `to` on
 * @returns where the difference ends
 */
export function applyDifference(
  bytes: Uint8Array,
  from: number,
  pictures: Uint8Array,
  to: number,
): number {
  for (;;) {
    let length = bytes[from++]!;
    if (length === 0) return from;
    if (length > 0x7f) {
      length = (length & 0x7f) | (bytes[from++]! << 7);
      if (length > 0x3fff) length = (length & 0x3fff) | (bytes[from++]! << 14);
    }
    let skip = bytes[from++]!;
    if (skip > 0x7f) {
      skip = (skip & 0x7f) | (bytes[from++]! << 7);
      if (skip > 0x3fff) skip = (skip & 0x3fff) | (bytes[from++]! << 14);
    }
    to += skip;
    for (const end = to + length; to < end; ) pictures[to++] = bytes[from++]!;
  }
}

/**
 * Where a difference ends; 0 when no whole difference ends before `limit` and the picture's end.
 * @param bytes holds the difference, from `from` on
 */
export function skipDifference({
  bytes,
  from,
  limit,
  pictureSize,
}: {
  bytes: Uint8Array;
  from: number;
  limit: number;
  pictureSize: number;
}): number {
  let done = 0;
  const readNumber = () => {
    let value = 0;
    for (let shift = 0; shift < 21 && from < limit; shift += 7) {
      const byte = bytes[from++]!;
      value |= (byte & 0x7f) << shift;
      if (byte <= 0x7f) return value;
    }
    return Number.POSITIVE_INFINITY;
  };
  while (from < limit) {
    const length = readNumber();
    if (length === 0) return from;
    done += length + readNumber();
    from += length;
    if (done > pictureSize) return 0;
  }
  return 0;
}

/** A picture's bytes by fours; empty when its memory does not start where such words can. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  const aligned = byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0;
  return aligned ? new Uint32Array(buffer, byteOffset, length >> 2) : new Uint32Array(0);
}

function writeNumber(value: number, into: Uint8Array, to: number): number {
  for (; value > 0x7f; value >>>= 7) into[to++] = (value & 0x7f) | 0x80;
  into[to++] = value;
  return to;
}
