/** Pictures as what has changed in them: 1 kB a frame in place of 33 kB. */
import { SCREEN_HEIGHT, SCREEN_WIDTH } from '../atari/screen';

/** Bytes of a changed row: its number and its pixels. */
const ROW_BYTES = 1 + SCREEN_WIDTH;

/** Remembers the picture that was sent last. */
export class ChangedRows {
  private readonly last = new Uint8Array(SCREEN_HEIGHT * SCREEN_WIDTH);

  /** A whole picture is sent: a copy of it. */
  whole(picture: Uint8Array): Uint8Array {
    this.last.set(picture);
    return this.last.slice();
  }

  /** The rows that differ from those sent last, each after its number: [rows * 161] uint8. */
  encode(picture: Uint8Array): Uint8Array {
    const rows: number[] = [];
    for (let row = 0; row < SCREEN_HEIGHT; row++) {
      const [from, to] = [row * SCREEN_WIDTH, (row + 1) * SCREEN_WIDTH];
      for (let i = from; i < to; i++) {
        if (picture[i] === this.last[i]) continue;
        rows.push(row);
        break;
      }
    }
    const bytes = new Uint8Array(rows.length * ROW_BYTES);
    for (const [i, row] of rows.entries()) {
      const pixels = picture.subarray(row * SCREEN_WIDTH, (row + 1) * SCREEN_WIDTH);
      bytes[i * ROW_BYTES] = row;
      bytes.set(pixels, i * ROW_BYTES + 1);
      this.last.set(pixels, row * SCREEN_WIDTH);
    }
    return bytes;
  }
}
