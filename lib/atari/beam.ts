/** The electron beam: where it is, and when what it has passed is painted. */

import type { LinePainter } from './line-painter';
import { ANY, createStateFields } from './state-fields';

/** Colour clocks in a scanline; the first 68 are horizontal blank. */
const LINE_CLOCKS = 228;
const BLANK_CLOCKS = 68;

/** The part of a frame that is painted. */
const FIRST_LINE = 34;
const LINES = 210;

// biome-ignore format: a table
const STATE = createStateFields<Beam>({
  frameStart: ANY, windowStart: ANY, windowEnd: ANY, cursor: ANY, remaining: ANY,
});

/**
 * The beam paints lazily: just before a register changes, it catches up and paints with the old value; in
 * between nothing happens. The playfield is an exception, because programs change it several times a
 * line: the beam then only notes the old playfield (it "passes") and the line is painted at its end. All
 * times are colour clocks (three to a CPU cycle) since the start of the frame.
 */
export class Beam {
  /** When the first scanline of this frame began; at most 0. */
  frameStart = 0;
  /** When the picture's first line begins and its last one ends. */
  windowStart = 0;
  windowEnd = 0;
  /** The beam has passed everything before this clock. */
  cursor = 0;
  /** Clocks from the cursor to the end of its line; 0 = at the end, with the line not yet completed. */
  remaining = LINE_CLOCKS;
  private readonly painter: LinePainter;

  constructor(painter: LinePainter) {
    this.painter = painter;
  }

  reset(): void {
    STATE.clear(this);
    this.remaining = LINE_CLOCKS;
  }

  /** Begins a frame whose first line started at `frameStart`. */
  startFrame(frameStart: number): void {
    this.frameStart = frameStart;
    this.windowStart = this.cursor = frameStart + LINE_CLOCKS * FIRST_LINE;
    this.windowEnd = this.windowStart + LINE_CLOCKS * LINES;
    this.remaining = LINE_CLOCKS;
    this.painter.startFrame();
  }

  /** Paints up to `clock`, before something else than the playfield changes. */
  changeAt(clock: number): void {
    this.paintTo(clock);
    this.painter.startChange();
  }

  paintTo(clock: number): void {
    this.passTo(clock);
    this.painter.paintPassed();
  }

  /** Passes up to `clock`, before the playfield changes; a line that has not ended is not painted yet. */
  passTo(clock: number): void {
    const target = clock < this.windowEnd ? clock : this.windowEnd;
    while (target > this.cursor + this.remaining) this.passLine(target);
    const count = target - this.cursor;
    if (count <= 0) return;
    this.cursor = target;
    this.remaining -= count;
    const to = LINE_CLOCKS - this.remaining;
    if (to > BLANK_CLOCKS) this.painter.passTo(to - BLANK_CLOCKS);
  }

  /** Completes a line, or several equal ones, on the way to `target`, which lies beyond its end. */
  private passLine(target: number): void {
    if (this.remaining === LINE_CLOCKS && this.repeatLines(target)) return;
    this.painter.passTo(LINE_CLOCKS - BLANK_CLOCKS);
    this.cursor += this.remaining;
    this.remaining = LINE_CLOCKS;
    this.painter.endLine();
    this.latchReflection();
    this.showFirstCopies();
  }

  /** Passes whole lines that look like the one before, except the last; returns whether there were any. */
  private repeatLines(target: number): boolean {
    const lines = ((target - 1 - this.cursor) / LINE_CLOCKS) | 0;
    if (lines === 0 || !this.painter.canRepeat) return false;
    this.painter.repeatRows(lines);
    this.cursor += lines * LINE_CLOCKS;
    return true;
  }

  /** Lets CTRLPF bit 0 take effect: at once in the left half of a line, else with the next line. */
  latchReflection(): void {
    const { pf, CTRLPF } = this.painter;
    if (pf.reflected === (CTRLPF & 1)) return;
    pf.reflected = CTRLPF & 1;
    pf.update();
  }

  /** Ends the time for which RESP0 and RESP1 hide the first copies of their players. */
  private showFirstCopies(): void {
    const { p0, p1 } = this.painter;
    if ((p0.firstHidden | p1.firstHidden) === 0) return;
    p0.firstHidden = p1.firstHidden = 0;
    p0.update();
    p1.update();
    this.painter.startChange();
  }

  /** Moves values that no beam can have saved to the nearest possible ones, so that painting always ends. */
  private stayInside(): void {
    const clamp = (value: number, low: number, high: number) =>
      Math.min(Math.max(value, low), high);
    this.frameStart = clamp(this.frameStart, 1 - LINE_CLOCKS, 0);
    this.windowStart = clamp(this.windowStart, 0, LINE_CLOCKS * FIRST_LINE);
    const start = this.windowStart;
    this.windowEnd = clamp(this.windowEnd, start, start + LINE_CLOCKS * LINES);
    this.remaining = clamp(this.remaining, 0, LINE_CLOCKS);
    const from = LINE_CLOCKS - this.remaining;
    const line = Math.floor((this.cursor - from - start) / LINE_CLOCKS);
    this.cursor = start + from + LINE_CLOCKS * clamp(line, 0, LINES);
  }

  save(words: Int32Array, at: number): number {
    return STATE.save(this, words, at);
  }

  restore(words: Int32Array, at: number): number {
    const next = STATE.restore(this, words, at);
    this.stayInside();
    const from = LINE_CLOCKS - this.remaining;
    this.painter.resumeAt({
      row: ((this.cursor - from - this.windowStart) / LINE_CLOCKS) | 0,
      pixel: from > BLANK_CLOCKS ? from - BLANK_CLOCKS : 0,
    });
    return next;
  }
}
