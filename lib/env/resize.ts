/** Shrinking pictures exactly as OpenCV does. */

/** How a length is divided into fewer cells: each cell's source positions and their weights. */
interface Taps {
  /** Taps of cell c are at first[c] ... first[c + 1] - 1 of the two lists. */
  readonly first: Int32Array;
  readonly positions: Int32Array;
  /** The share of the cell that each covers, rounded to float32. */
  readonly weights: Float32Array;
}

function getTaps(length: number, cells: number): Taps {
  const first = [0];
  const positions: number[] = [];
  const weights: number[] = [];
  // Lengths are in units of 1 / cells source pixel: a pixel is `cells` wide, a cell `length`.
  for (let cell = 0; cell < cells; cell++) {
    const from = cell * length;
    const to = from + length;
    for (let pixel = Math.floor(from / cells); pixel * cells < to; pixel++) {
      const overlap = Math.min(to, (pixel + 1) * cells) - Math.max(from, pixel * cells);
      positions.push(pixel);
      weights.push(overlap / length);
    }
    first.push(positions.length);
  }
  return {
    first: Int32Array.from(first),
    positions: Int32Array.from(positions),
    weights: Float32Array.from(weights),
  };
}

/** Which pixels of a picture may differ from the previous picture: a run of columns in each row. */
export class ChangedPixels {
  /** First column of each row, and the one after its last; in an unchanged row to <= from. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  private readonly columns: number;

  /** Nothing has changed at first. */
  constructor(rows: number, columns: number) {
    this.columns = columns;
    this.from = new Int32Array(rows);
    this.to = new Int32Array(rows);
    this.setNone();
  }

  setNone(): void {
    this.from.fill(this.columns);
    this.to.fill(0);
  }

  setAll(): void {
    this.from.fill(0);
    this.to.fill(this.columns);
  }

  add(row: number, from: number, to: number): void {
    if (from < this.from[row]!) this.from[row] = from;
    if (to > this.to[row]!) this.to[row] = to;
  }
}

export interface ResizeOptions {
  /** Rows and columns of the source. */
  readonly from: readonly [number, number];
  /** Rows and columns of the result: no more than the source has. */
  readonly to: readonly [number, number];
}

/**
 * Shrinks one-channel pictures as OpenCV's `resize` with INTER_AREA does, to the last bit: weights
 * and both passes in float32, the sum rounded half to even.
 *
 * Horizontal sums are kept, so that changed pixels cost only the cells that they are in. In Breakout that
 * is one cell in a hundred: around the ball, the paddle and a brick.
 */
export class AreaResizer {
  private readonly rows: number;
  private readonly columns: number;
  private readonly across: Taps;
  private readonly down: Taps;
  private readonly sourceColumns: number;
  private readonly sourceRows: number;
  private readonly sums: Float32Array;
  private readonly everyPixel: ChangedPixels;

  constructor({ from, to }: ResizeOptions) {
    if (!(to[0] >= 1 && to[1] >= 1 && to[0] <= from[0] && to[1] <= from[1])) {
      throw new RangeError(
        `to must be at least [1, 1] and at most [${from.join(', ')}], the source's size, ` +
          `got [${to.join(', ')}]`,
      );
    }
    [this.sourceRows, this.sourceColumns] = from;
    [this.rows, this.columns] = to;
    this.across = getTaps(this.sourceColumns, this.columns);
    this.down = getTaps(this.sourceRows, this.rows);
    this.sums = new Float32Array(this.sourceRows * this.columns);
    this.everyPixel = new ChangedPixels(this.sourceRows, this.sourceColumns);
    this.everyPixel.setAll();
  }

  /**
   * @param source uint8 [rows, columns]
   * @param target uint8, where the result is written; with `changed` it must hold the previous result
   * @param changed which pixels may differ from the previous call
   */
  resize(source: Uint8Array, target: Uint8Array, changed = this.everyPixel): void {
    if (this.sourceRows % this.rows === 0 && this.sourceColumns % this.columns === 0) {
      this.average(source, target);
      return;
    }
    const { from, to } = changed;
    for (let row = 0; row < this.sourceRows; row++) {
      if (from[row]! < to[row]!) this.sumRow(source, row, from[row]!, to[row]!);
    }
    const { first, positions } = this.down;
    for (let row = 0; row < this.rows; row++) {
      let start = this.sourceColumns;
      let end = 0;
      for (let tap = first[row]!; tap < first[row + 1]!; tap++) {
        const position = positions[tap]!;
        if (from[position]! < start) start = from[position]!;
        if (to[position]! > end) end = to[position]!;
      }
      if (start < end) this.blendRow(target, row, start, end);
    }
  }

  /** Where cells consist of whole pixels, OpenCV adds them up as integers and multiplies once. */
  private average(source: Uint8Array, target: Uint8Array): void {
    const height = this.sourceRows / this.rows;
    const width = this.sourceColumns / this.columns;
    const share = Math.fround(1 / (height * width));
    for (let cell = 0; cell < this.rows * this.columns; cell++) {
      const column = (cell % this.columns) * width;
      const row = Math.floor(cell / this.columns) * height;
      let sum = 0;
      for (let y = row; y < row + height; y++) {
        for (let x = column; x < column + width; x++) sum += source[y * this.sourceColumns + x]!;
      }
      // OpenCV computes the mean of four pixels in whole numbers, which rounds halves up.
      const four = height === 2 && width === 2;
      target[cell] = four ? (sum + 2) >> 2 : roundHalfToEven(Math.fround(sum * share));
    }
  }

  /** Computes the horizontal sums of a row for the cells that pixels `from` to `to` are in. */
  private sumRow(source: Uint8Array, row: number, from: number, to: number): void {
    const { first, positions, weights } = this.across;
    const at = row * this.sourceColumns;
    const sumsAt = row * this.columns;
    const last = this.getEndCell(to);
    for (let column = this.getFirstCell(from); column < last; column++) {
      let sum = 0;
      const end = first[column + 1]!;
      for (let tap = first[column]!; tap < end; tap++) {
        sum = Math.fround(sum + Math.fround(source[at + positions[tap]!]! * weights[tap]!));
      }
      this.sums[sumsAt + column] = sum;
    }
  }

  /** Computes a row of the result where it depends on the source's columns `from` to `to`. */
  private blendRow(target: Uint8Array, row: number, from: number, to: number): void {
    const { first, positions, weights } = this.down;
    const start = first[row]!;
    const end = first[row + 1]!;
    const last = this.getEndCell(to);
    for (let column = this.getFirstCell(from); column < last; column++) {
      let value = 0;
      for (let tap = start; tap < end; tap++) {
        const sum = this.sums[positions[tap]! * this.columns + column]!;
        value = Math.fround(value + Math.fround(weights[tap]! * sum));
      }
      target[row * this.columns + column] = roundHalfToEven(value);
    }
  }

  /** The first cell that has a share of this source column or a later one. */
  private getFirstCell(column: number): number {
    return Math.floor((column * this.columns) / this.sourceColumns);
  }

  /** The cell after the last one that has a share of a source column before this one. */
  private getEndCell(column: number): number {
    return Math.ceil((column * this.columns) / this.sourceColumns);
  }
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && (floor & 1) === 1) ? floor + 1 : floor;
}
