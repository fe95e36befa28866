/** The whole console: its chips, what the player can move and press, and a frame as its unit of time. */

import type { Mt19937 } from '../random';
import { Bus } from './bus';
import type { Cartridge } from './cartridge';
import { Cpu } from './cpu';
import { UndocumentedOpcodeError } from './interpreter';
import { Paddles, UNPLUGGED } from './paddle';
import { Processor } from './processor';
import { Riot } from './riot';
import type { Screen } from './screen';
import { Tia } from './tia';
import { getTranslator } from './translator';

/** A frame whose program never gets to VSYNC is broken off after this many instructions. */
const MOST_INSTRUCTIONS = 25_000;

/** Length of a saved console, in 32-bit numbers. */
export const CONSOLE_WORDS = 208;

const setBit = (port: number, bit: number, high: boolean) =>
  high ? port | (1 << bit) : port & ~(1 << bit);

/** What the player does with a joystick; directions and buttons that are left out are not pressed. */
export interface JoystickInput {
  readonly up?: boolean;
  readonly down?: boolean;
  readonly left?: boolean;
  readonly right?: boolean;
  readonly fire?: boolean;
}

export interface ConsoleOptions {
  /** What is in the left port. Default 'paddles'. */
  readonly controller?: 'paddles' | 'joystick';
  /** Whether the program is translated to JavaScript, for speed. Default true. */
  readonly translate?: boolean;
  /** How often the program must get to a place to be translated from there on. Default 8. */
  readonly hot?: number;
}

/**
 * The Atari 2600 with a paddle pair or a joystick in its left port and a joystick in its right one:
 * chips, wires, and a frame as its unit of time.
 *
 * It knows no game. Inputs are set before a frame; memory and picture are read after it.
 */
export class Console {
  readonly paddles = new Paddles();
  readonly riot = new Riot();
  readonly tia = new Tia(this.paddles);
  readonly bus: Bus;
  readonly cpu: Cpu;
  readonly processor: Processor;
  private finished = true;
  /** The state at the start of the last frame if its picture was not drawn. */
  private readonly undrawn = new Int32Array(CONSOLE_WORDS);
  private isDrawn = true;

  /**
   * @param random decides what is in memory when the power comes on.
   */
  constructor(cartridge: Cartridge, random: Mt19937, options: ConsoleOptions = {}) {
    const { controller = 'paddles', translate = true, hot = 8 } = options;
    this.bus = new Bus(cartridge, this.riot, this.tia);
    this.cpu = new Cpu(this.bus);
    this.processor = new Processor(this.cpu, translate ? getTranslator(cartridge) : null, hot);
    if (controller === 'joystick') this.paddles.resistance.fill(UNPLUGGED);
    for (let i = 0; i < 128; i++) this.riot.ram[i] = random.nextUint32() & 0xff;
    random.nextUint32(); // the timer's number, which the reset draws anew
  }

  /** What the power switch does, except that memory keeps its contents. */
  reset(random: Mt19937): void {
    this.bus.cycles = 0;
    this.riot.reset(25 + (random.nextUint32() % 75));
    this.tia.reset();
    this.cpu.reset();
    this.isDrawn = true;
  }

  /** 128 bytes, the game's own; index i is address $80 + i. */
  get ram(): Uint8Array {
    return this.riot.ram;
  }

  /**
   * Palette indices of the last frame, [210, 160], row by row; not to be written to. Owned by the
   * console: the frame after the next one is painted into it.
   */
  get picture(): Uint8Array {
    return this.screen.pixels;
  }

  /** The picture of the last frame, with a key for each row. */
  get screen(): Screen {
    if (!this.isDrawn) this.drawLastFrame();
    return this.tia.painter.screen;
  }

  /** The screen of the frame before the last one, if that frame was drawn. */
  get previousScreen(): Screen {
    return this.tia.painter.previousScreen;
  }

  /** Presses or releases a paddle's button; its position is `paddles.resistance`. */
  setButton(paddle: 0 | 1, pressed: boolean): void {
    this.riot.SWCHA = setBit(this.riot.SWCHA, 7 - paddle, !pressed);
  }

  /** Moves a joystick and its button. */
  setJoystick(port: 'left' | 'right', input: JoystickInput): void {
    const { up = false, down = false, left = false, right = false, fire = false } = input;
    const first = port === 'left' ? 4 : 0;
    for (const [i, pressed] of [up, down, left, right].entries()) {
      this.riot.SWCHA = setBit(this.riot.SWCHA, first + i, !pressed);
    }
    this.tia[port === 'left' ? 'INPT4' : 'INPT5'] = fire ? 0 : 0x80;
  }

  /** Presses or releases RESET or SELECT. */
  setSwitch(name: 'RESET' | 'SELECT', pressed: boolean): void {
    this.riot.SWCHB = setBit(this.riot.SWCHB, name === 'RESET' ? 0 : 1, !pressed);
  }

  /** Sets a difficulty switch to A (hard) or B. */
  setDifficulty(player: 'left' | 'right', hard: boolean): void {
    this.riot.SWCHB = setBit(this.riot.SWCHB, player === 'left' ? 6 : 7, hard);
  }

  /**
   * Runs one frame, usually 262 lines (1/60 s).
   *
   * @param draw whether its picture will be wanted. A frame without one is faster, but asking for
   * `picture` afterwards runs it once more. Nothing else differs, with one exception: when the limit of
   * instructions breaks off an undrawn frame, its part is missing in the picture of the frame that goes on.
   * @throws UndocumentedOpcodeError when the program gets to one. It stays there: the next frame throws, too.
   */
  frame(draw = true): void {
    if (!draw) this.save(this.undrawn);
    this.isDrawn = draw;
    if (this.finished) this.tia.painter.swapScreens();
    this.runFrame(draw);
  }

  /**
   * Runs a part of a frame and paints what the beam has passed in it; the next part, or `frame`, goes on.
   * @param instructions at most so many are executed
   * @returns whether the frame has ended.
   */
  part(instructions: number): boolean {
    this.isDrawn = true;
    if (this.finished) this.tia.painter.swapScreens();
    this.runFrame(true, instructions);
    return this.finished;
  }

  private runFrame(draw: boolean, instructions = MOST_INSTRUCTIONS): void {
    if (this.finished) {
      const cycles = this.bus.cycles;
      this.tia.startFrame(cycles);
      this.riot.rebase(cycles);
      this.paddles.rebase(cycles);
      this.bus.cycles = 0;
    }
    this.tia.painter.drawing = draw;
    this.finished = false;
    this.cpu.dataBus = this.riot.ram[127]!; // ALE reads the memory between frames, up to its end
    try {
      this.processor.run(instructions);
    } finally {
      this.tia.painter.paintPassed();
    }
    this.finished = this.tia.frameEnded;
  }

  private drawLastFrame(): void {
    const now = this.save();
    this.restore(this.undrawn);
    this.isDrawn = true;
    try {
      this.runFrame(true);
    } catch (error) {
      if (!(error instanceof UndocumentedOpcodeError)) throw error; // `frame` has thrown this one already
    } finally {
      this.restore(now);
    }
  }

  /** Shows a picture instead of that of the last frame. */
  setPicture(pixels: Uint8Array): void {
    this.tia.painter.setPicture(pixels);
    this.isDrawn = true;
  }

  /** The state of all chips, without the pictures: `CONSOLE_WORDS` numbers. */
  save(words = new Int32Array(CONSOLE_WORDS)): Int32Array {
    words[0] = this.bus.cycles;
    words[1] = this.finished ? 1 : 0;
    let at = this.cpu.save(words, 2);
    at = this.riot.save(words, at);
    at = this.paddles.save(words, at);
    this.tia.save(words, at);
    return words;
  }

  /** Takes over a saved state. The picture stays that of the last frame until the next one. */
  restore(words: Int32Array): void {
    this.bus.cycles = Math.max(words[0]!, 0);
    this.finished = this.tia.frameEnded = words[1] === 1;
    let at = this.cpu.restore(words, 2);
    at = this.riot.restore(words, at);
    at = this.paddles.restore(words, at);
    this.tia.restore(words, at);
  }
}
