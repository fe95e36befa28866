/** The 1A Television Interface Adaptor, by the register names of Atari's Stella Programmer's Guide. */

import { Beam } from './beam';
import { LinePainter } from './line-painter';
import { AFTER_HMOVE, getMotion, getStrobePosition, type StrobesAfterHmove } from './motion';
import type { Paddles } from './paddle';
import { ANY, createStateFields } from './state-fields';
import type { Missile, Player } from './tia-objects';

/** Colour clocks in a scanline, three to a CPU cycle. */
const LINE_CLOCKS = 228;
/** A frame without VSYNC is ended by the first write after this many lines. */
const LONGEST_LINES = 290;
const NEVER = 0x7fffffff;

// biome-ignore format: a table
const REGISTERS = createStateFields<Tia>({
  VSYNC: 0xff, HMP0: 15, HMP1: 15, HMM0: 15, HMM1: 15, HMBL: 15, vsyncEnd: ANY, lastHMOVE: ANY,
});
const INPUTS = createStateFields<Tia>({ INPT4: 0x80, INPT5: 0x80 });

/** The TIA. A write that changes nothing that can be seen does not make the beam paint. */
export class Tia {
  readonly painter = new LinePainter();
  readonly beam = new Beam(this.painter);
  VSYNC = 0;
  /** The motion registers hold their upper nibble, 0 to 15. */
  HMP0 = 0;
  HMP1 = 0;
  HMM0 = 0;
  HMM1 = 0;
  HMBL = 0;
  /** Whether a write has ended the frame. */
  frameEnded = false;
  /** From this clock on, VSYNC has been on for a line, so that switching it off ends the frame. */
  vsyncEnd = NEVER;
  /** When HMOVE was last strobed. */
  lastHMOVE = 0;
  /** Inputs: bit 7 is clear while the button of the left or right joystick is pressed. */
  INPT4 = 0x80;
  INPT5 = 0x80;
  private readonly paddles: Paddles;

  constructor(paddles: Paddles) {
    this.paddles = paddles;
  }

  reset(): void {
    REGISTERS.clear(this);
    this.vsyncEnd = NEVER;
    this.beam.reset();
    this.painter.reset();
    this.paddles.reset();
  }

  /** Begins the next frame after one of `cycles`; the beam stays where it is within its line. */
  startFrame(cycles: number): void {
    const clocks = 3 * cycles;
    const intoLine = (clocks - this.beam.frameStart) % LINE_CLOCKS;
    this.lastHMOVE = (this.lastHMOVE - clocks) | 0;
    this.vsyncEnd = (this.vsyncEnd - clocks) | 0;
    this.frameEnded = false;
    this.beam.startFrame(0 - intoLine); // not -intoLine: V8 does not keep -0 as an integer
  }

  /** The two data lines a register drives, bits 7 and 6. @param address 0 to 15 */
  read(address: number, cycles: number): number {
    if (address < 8) return this.readCollisions(address, cycles);
    switch (address) {
      case 0x08: // INPT0
        return this.paddles.read(0, cycles);
      case 0x09: // INPT1
        return this.paddles.read(1, cycles);
      case 0x0c:
        return this.INPT4;
      case 0x0d:
        return this.INPT5;
      default:
        return 0;
    }
  }

  /** Reads a collision register, CXM0P ... CXPPMM. */
  private readCollisions(address: number, cycles: number): number {
    this.beam.paintTo(3 * cycles);
    return ((this.painter.collisions >> (2 * address)) & 3) << 6;
  }

  /**
   * Writes a register. One long switch over the addresses, because V8 compiles it to a table of jumps.
   * @param address $00 to $3F
   * @param afterWrite whether the CPU's access before this one was a write, too
   * @returns the cycle count afterwards: WSYNC makes the CPU wait for the end of the line.
   */
  write(address: number, value: number, cycles: number, afterWrite: boolean): number {
    const { beam, painter } = this;
    const now = 3 * cycles;
    const clock = now - beam.frameStart;
    if (clock >= (LONGEST_LINES + 1) * LINE_CLOCKS) {
      beam.paintTo(now); // the picture must be whole even if this write changes nothing
      this.frameEnded = true;
    }

    switch (address) {
      case 0x00: // VSYNC
        beam.paintTo(now);
        this.VSYNC = value;
        if ((value & 2) !== 0) {
          this.vsyncEnd = now + LINE_CLOCKS;
        } else if (now >= this.vsyncEnd) {
          this.frameEnded = true;
          this.vsyncEnd = NEVER;
        }
        break;
      case 0x01: // VBLANK
        if (value === painter.VBLANK) break;
        beam.changeAt(now + 1);
        this.paddles.dump((value & 0x80) !== 0, cycles);
        painter.VBLANK = value;
        break;
      case 0x02: // WSYNC
        return afterWrite ? cycles : this.waitForLine(cycles);
      case 0x04: // NUSIZ0
        this.setSize(painter.p0, painter.m0, value, now + 8);
        break;
      case 0x05: // NUSIZ1
        this.setSize(painter.p1, painter.m1, value, now + 8);
        break;
      case 0x06: // COLUP0
        if (painter.COLUP0 === (value & 0xfe)) break;
        beam.changeAt(now);
        painter.COLUP0 = value & 0xfe;
        break;
      case 0x07: // COLUP1
        if (painter.COLUP1 === (value & 0xfe)) break;
        beam.changeAt(now);
        painter.COLUP1 = value & 0xfe;
        break;
      case 0x08: // COLUPF
        if (painter.COLUPF === (value & 0xfe)) break;
        beam.changeAt(now);
        painter.COLUPF = value & 0xfe;
        break;
      case 0x09: // COLUBK
        if (painter.COLUBK === (value & 0xfe)) break;
        beam.changeAt(now);
        painter.COLUBK = value & 0xfe;
        break;
      case 0x0a: // CTRLPF
        if (painter.CTRLPF === value && painter.pf.reflected === (value & 1)) break;
        beam.changeAt(now);
        painter.CTRLPF = value;
        painter.bl.size = (value >> 4) & 3;
        painter.bl.update();
        if (clock % LINE_CLOCKS < 147) beam.latchReflection();
        break;
      case 0x0b: // REFP0
        this.setReflection(painter.p0, value & 8, now + 1);
        break;
      case 0x0c: // REFP1
        this.setReflection(painter.p1, value & 8, now + 1);
        break;
      case 0x0d: // PF0
        this.writePF0(value, cycles);
        break;
      case 0x0e: // PF1
        this.writePF1(value, cycles);
        break;
      case 0x0f: // PF2
        this.writePF2(value, cycles);
        break;
      case 0x10: // RESP0
        this.strobePlayer(painter.p0, now);
        break;
      case 0x11: // RESP1
        this.strobePlayer(painter.p1, now);
        break;
      case 0x12: // RESM0
        beam.changeAt(now + 8);
        painter.m0.position = this.strobePosition(now, AFTER_HMOVE.RESM0);
        painter.m0.update();
        break;
      case 0x13: // RESM1
        beam.changeAt(now + 8);
        painter.m1.position = this.strobePosition(now, AFTER_HMOVE.RESM1);
        painter.m1.update();
        break;
      case 0x14: // RESBL
        beam.changeAt(now);
        painter.bl.position = this.strobePosition(now, AFTER_HMOVE.RESBL);
        painter.bl.update();
        break;
      case 0x1b: // GRP0
        this.writeGRP0(value, cycles);
        break;
      case 0x1c: // GRP1
        this.writeGRP1(value, cycles);
        break;
      case 0x1d: // ENAM0
        this.enableMissile(painter.m0, value & 2, now);
        break;
      case 0x1e: // ENAM1
        this.enableMissile(painter.m1, value & 2, now);
        break;
      case 0x1f: // ENABL
        if (painter.bl.ENABL === (value & 2)) break;
        beam.changeAt(now);
        painter.bl.ENABL = value & 2;
        painter.bl.update();
        break;
      case 0x20:
        this.HMP0 = value >> 4;
        break;
      case 0x21:
        this.HMP1 = value >> 4;
        break;
      case 0x22:
        this.HMM0 = value >> 4;
        break;
      case 0x23:
        this.HMM1 = value >> 4;
        break;
      case 0x24:
        this.HMBL = value >> 4;
        break;
      case 0x25: // VDELP0
        beam.changeAt(now);
        painter.p0.VDEL = value & 1;
        painter.p0.update();
        break;
      case 0x26: // VDELP1
        beam.changeAt(now);
        painter.p1.VDEL = value & 1;
        painter.p1.update();
        break;
      case 0x27: // VDELBL
        beam.changeAt(now);
        painter.bl.VDEL = value & 1;
        painter.bl.update();
        break;
      case 0x28: // RESMP0
        beam.changeAt(now);
        painter.m0.lock(value & 2, painter.p0);
        painter.m0.update();
        break;
      case 0x29: // RESMP1
        beam.changeAt(now);
        painter.m1.lock(value & 2, painter.p1);
        painter.m1.update();
        break;
      case 0x2a: // HMOVE
        this.moveObjects(now);
        break;
      case 0x2b: // HMCLR
        this.HMP0 = this.HMP1 = this.HMM0 = this.HMM1 = this.HMBL = 0;
        break;
      case 0x2c: // CXCLR
        beam.changeAt(now);
        painter.collisions = 0;
        break;
      // RSYNC, the sound registers and $2D to $3F change neither picture nor memory
    }
    return cycles;
  }

  writePF0(value: number, cycles: number): void {
    const { pf } = this.painter;
    if (pf.PF0 === (value & 0xf0)) return;
    this.changePlayfield(cycles);
    pf.PF0 = value & 0xf0;
    pf.update();
  }

  writePF1(value: number, cycles: number): void {
    const { pf } = this.painter;
    if (pf.PF1 === value) return;
    this.changePlayfield(cycles);
    pf.PF1 = value;
    pf.update();
  }

  writePF2(value: number, cycles: number): void {
    const { pf } = this.painter;
    if (pf.PF2 === value) return;
    this.changePlayfield(cycles);
    pf.PF2 = value;
    pf.update();
  }

  /** A change shows from the next cell (four pixels) that is at least two clocks away. */
  private changePlayfield(cycles: number): void {
    if (this.painter.ignoresPlayfield) return;
    const now = 3 * cycles;
    const lineClock = (now - this.beam.frameStart) % LINE_CLOCKS;
    this.beam.passTo(now + ((lineClock + 5) & ~3) - lineClock);
  }

  /** Writes GRP0, which also latches player 1's graphics. */
  writeGRP0(value: number, cycles: number): void {
    this.setGraphics(this.painter.p0, this.painter.p1, value, 3 * cycles + 1);
  }

  /** Writes GRP1, which also latches player 0's graphics and the ball. */
  writeGRP1(value: number, cycles: number): void {
    const { bl, p0, p1 } = this.painter;
    const clock = 3 * cycles + 1;
    if (bl.oldENABL !== bl.ENABL) {
      this.beam.changeAt(clock);
      bl.oldENABL = bl.ENABL;
      bl.update();
    }
    this.setGraphics(p1, p0, value, clock);
  }

  /** WSYNC: the cycle in which the next line begins, or this one if it is a line's first. */
  waitForLine(cycles: number): number {
    const cycle = (((3 * cycles - this.beam.frameStart) / 3) | 0) % 76;
    return cycle === 0 ? cycles : cycles + 76 - cycle;
  }

  private setSize(player: Player, missile: Missile, value: number, clock: number): void {
    if (player.NUSIZ === value && player.firstHidden === 0) return;
    this.beam.changeAt(clock);
    player.NUSIZ = missile.NUSIZ = value;
    player.firstHidden = 0;
    player.update();
    missile.update();
  }

  private setReflection(player: Player, value: number, clock: number): void {
    if (player.REFP === value) return;
    this.beam.changeAt(clock);
    player.REFP = value;
    player.update();
  }

  private setGraphics(player: Player, other: Player, value: number, clock: number): void {
    if (player.GRP === value && other.oldGRP === other.GRP) return;
    this.beam.changeAt(clock);
    player.GRP = value;
    player.update();
    other.oldGRP = other.GRP;
    if (other.VDEL !== 0) other.update();
  }

  private enableMissile(missile: Missile, value: number, clock: number): void {
    if (missile.ENAM === value) return;
    this.beam.changeAt(clock);
    missile.ENAM = value;
    missile.update();
  }

  /** RESP0 and RESP1: the player moves to the beam. */
  private strobePlayer(player: Player, now: number): void {
    this.beam.changeAt(now);
    const clock = (now - this.beam.frameStart) % LINE_CLOCKS;
    const position = clock < 68 ? 3 : (clock - 68 + 5) % 160;
    const found = player.locate(position);
    if (found === 'display') this.beam.changeAt(now + 11); // the copy on screen is finished
    player.position = position;
    player.firstHidden = found === 'delay' ? 0 : 1;
    player.update();
  }

  /** Where RESM0, RESM1 or RESBL puts its object. */
  private strobePosition(now: number, afterHMOVE: StrobesAfterHmove): number {
    const clock = (now - this.beam.frameStart) % LINE_CLOCKS;
    return getStrobePosition(clock, now - this.lastHMOVE, afterHMOVE);
  }

  /** HMOVE: shifts all five objects by their motion registers and blanks the start of a line. */
  private moveObjects(now: number): void {
    const { beam, painter } = this;
    beam.changeAt(now);
    const cycle = (((now - beam.frameStart) % LINE_CLOCKS) / 3) | 0;
    const { p0, p1, m0, m1, bl } = painter;
    p0.firstHidden = p1.firstHidden = 0;
    p0.move(getMotion(this.HMP0, cycle));
    p1.move(getMotion(this.HMP1, cycle));
    m0.move(getMotion(this.HMM0, cycle));
    m1.move(getMotion(this.HMM1, cycle));
    bl.move(getMotion(this.HMBL, cycle));
    if (cycle <= 20 || cycle === 75) painter.hmoveBlank = 1;
    this.lastHMOVE = now;
  }

  save(words: Int32Array, at: number): number {
    this.painter.paintPassed();
    const next = INPUTS.save(this, words, REGISTERS.save(this, words, at));
    return this.painter.save(words, this.beam.save(words, next));
  }

  restore(words: Int32Array, at: number): number {
    const next = INPUTS.restore(this, words, REGISTERS.restore(this, words, at));
    return this.painter.restore(words, this.beam.restore(words, next));
  }
}
