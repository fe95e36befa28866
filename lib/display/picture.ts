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
 * Copies a picture into RGB, every pixel `scale` times as wide and high (nearest neighbour).
 *
 * The copy is what makes it safe to encode in the background a picture that its environment reuses.
 * @throws RangeError when the scale is not a whole number of at least 1, or the picture is invalid.
 */
export function toRgb(picture: Picture, scale = 1): RgbPicture {
  const { height, width, channels } = pictureSize(picture);
  if (!Number.isInteger(scale) || scale < 1) {
    throw new RangeError(`scale must be a whole number of at least 1, got ${scale}`);
  }
  const { data, palette } = picture;
  const rowBytes = width * scale * 3;
  const rgb = new Uint8Array(rowBytes * height * scale);
  for (let y = 0; y < height; y++) {
    let to = y * scale * rowBytes;
    const rowStart = to;
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      const first = data[from]!;
      const index = first * 3;
      const red = channels === 3 || !palette ? first : palette[index]!;
      const green = channels === 3 ? data[from + 1]! : palette ? palette[index + 1]! : first;
      const blue = channels === 3 ? data[from + 2]! : palette ? palette[index + 2]! : first;
      for (let i = 0; i < scale; i++) {
        rgb[to++] = red;
        rgb[to++] = green;
        rgb[to++] = blue;
      }
    }
    for (let i = 1; i < scale; i++) {
      rgb.copyWithin(rowStart + i * rowBytes, rowStart, rowStart + rowBytes);
    }
  }
  return { data: rgb, width: width * scale, height: height * scale };
}

/** The whole scale that brings a picture nearest to `target` pixels of width, at least 1. */
export function fittingScale(picture: Picture, target = 320): number {
  return Math.max(1, Math.round(target / pictureSize(picture).width));
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
