/** Pictures as the environments make them, and their conversion to plain RGB. */

/** A picture in plain bytes, row by row from the top. */
export interface Picture {
  /** uint8 [height, width] or [height, width, 1] gray or palette indices, [height, width, 3] RGB. */
  readonly data: ArrayLike<number>;
  /** The shape as an observation space gives it: [height, width] or [height, width, channels]. */
  readonly shape: readonly number[];
  /** Colours for one-channel data: [colours, 3] uint8 RGB. Without it one channel is gray. */
  readonly palette?: Uint8Array;
}

/** RGB bytes [height, width, 3] that belong to the caller. */
export interface RgbPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface PictureSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/**
 * Height, width and channels of a picture.
 * @throws RangeError when the shape is not a picture's or the data has another length.
 */
export function pictureSize(picture: Picture): PictureSize {
  const [height = 0, width = 0, channels = 1] = picture.shape;
  const isWhole = [height, width].every((side) => Number.isInteger(side) && side > 0);
  if (!isWhole || (channels !== 1 && channels !== 3) || picture.shape.length > 3) {
    throw new RangeError(
      `a picture's shape must be [height, width] or [height, width, 1 or 3], got ` +
        `[${picture.shape.join(', ')}]: split a stack of pictures with unstack()`,
    );
  }
  if (picture.data.length !== height * width * channels) {
    throw new RangeError(
      `a picture of shape [${picture.shape.join(', ')}] must have ${height * width * channels} ` +
        `bytes, got ${picture.data.length}: pass the shape that belongs to the data`,
    );
  }
  return { height, width, channels };
}

/**
 * Copies a picture into RGB: a picture that its environment reuses can then be encoded in the background.
 * @throws RangeError when the picture is invalid.
 */
export function copyRgb(picture: Picture): RgbPicture {
  const { height, width, channels } = pictureSize(picture);
  const { data, palette } = picture;
  if (channels === 3) return { data: new Uint8Array(data), width, height };
  const rgb = new Uint8Array(3 * height * width);
  for (let i = 0; i < rgb.length; i++) {
    const value = data[Math.floor(i / 3)]!;
    rgb[i] = palette ? palette[3 * value + (i % 3)]! : value;
  }
  return { data: rgb, width, height };
}

/**
 * How many pixels wide and high each pixel becomes.
 * @param scale default: what brings the picture nearest to 320 pixels of width
 * @throws RangeError when it is not a whole number of at least 1, or the picture is invalid.
 */
export function scaleOf(picture: Picture, scale?: number): number {
  const used = scale ?? Math.max(1, Math.round(320 / pictureSize(picture).width));
  if (Number.isInteger(used) && used >= 1) return used;
  throw new RangeError(`scale must be a whole number of at least 1, got ${used}`);
}

/**
 * Splits a stack of gray pictures, [n, height, width] uint8, into its n pictures, first one first.
 * @throws RangeError when the shape has not three numbers or the data another length.
 */
export function unstack(stack: {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}): Picture[] {
  const [n = 0, height = 0, width = 0] = stack.shape;
  const size = height * width;
  if (stack.shape.length !== 3 || stack.data.length !== n * size) {
    throw new RangeError(
      `unstack() needs a shape [n, height, width] with as many bytes, got ` +
        `[${stack.shape.join(', ')}] and ${stack.data.length} bytes`,
    );
  }
  const bytes = Uint8Array.from(stack.data);
  return Array.from({ length: n }, (_, i) => ({
    data: bytes.subarray(i * size, (i + 1) * size),
    shape: [height, width],
  }));
}
