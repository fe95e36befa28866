/** Switching the console on, and ALE's reset of the game. */

import type { Cartridge } from '../atari/cartridge';
import { Console } from '../atari/console';
import { Mt19937 } from '../random';
import { OptionError } from './errors';

/** ALE seeds the console's own generator with this, whatever the user's seed. */
const SYSTEM_SEED = 4753849;

/** Frames that ALE runs unseen to tell PAL from NTSC before the first reset. */
const DETECTION_FRAMES = 60;

/** Paddle resistances in ohms, as ALE turns actions into them. */
export const PADDLE = { min: 27_450, max: 790_196, centre: 408_823, perFrame: 23_000 } as const;

/** Where Breakout keeps the number of its game variant. */
const VARIANT_CELL = 50;

/** More presses of SELECT than there are variants. */
const ALL_VARIANTS = 256;

export interface Variant {
  readonly mode: number;
  readonly difficulty: number;
}

/** A console right after a reset, and how far the reset advanced ALE's frame counters. */
export interface ResetState {
  readonly words: Int32Array;
  readonly picture: Uint8Array;
  readonly frames: number;
}

/** Creates a console that has just been switched on. Its memory is random, but the same each time. */
export function createConsole(cartridge: Cartridge): { console: Console; random: Mt19937 } {
  const random = new Mt19937(SYSTEM_SEED);
  return { console: new Console(cartridge, random), random };
}

/** Runs the frames that ALE runs when it loads a ROM, before the first reset. */
export function detectTvFormat(
  console: Console,
  random: Mt19937,
  onFrame: () => void = () => {},
): void {
  console.reset(random);
  for (let i = 0; i < DETECTION_FRAMES; i++) {
    console.frame();
    onFrame();
  }
  console.reset(random);
}

/**
 * ALE's environment reset: power off and on, 60 frames of nothing, RESET, SELECT until the variant
 * is reached, RESET again.
 *
 * @returns how many frames ALE counts: one for each press of SELECT.
 * @throws OptionError when SELECT does not lead to the variant.
 */
export function resetConsole(
  console: Console,
  random: Mt19937,
  variant: Variant,
  onFrame: () => void = () => {},
): number {
  const run = (frames: number, pressed?: 'RESET' | 'SELECT') => {
    for (let i = 0; i < frames; i++) {
      console.setSwitch('RESET', pressed === 'RESET');
      console.setSwitch('SELECT', pressed === 'SELECT');
      console.frame();
      onFrame();
    }
  };
  console.setButton(0, false);
  console.setButton(1, false);
  console.paddles.resistance.fill(PADDLE.centre);
  console.setDifficulty('left', (variant.difficulty & 1) !== 0);
  console.setDifficulty('right', (variant.difficulty & 2) !== 0);
  console.reset(random);
  run(60);
  run(4, 'RESET');
  let presses = 0;
  while (console.ram[VARIANT_CELL] !== variant.mode) {
    if (presses++ === ALL_VARIANTS) {
      throw new OptionError('mode', variant.mode, 'one that SELECT leads to');
    }
    run(1, 'SELECT');
    run(1);
  }
  run(8, 'RESET'); // 4 end the choice of a variant, 4 start the game
  return presses;
}

const resetStates = new WeakMap<Cartridge, Map<string, ResetState>>();

/**
 * The state that `resetConsole` leads to. Breakout clears its memory and sets its timer before it
 * reads them, so all resets of a variant end alike, and one needs to be run only once.
 */
export function getResetState(cartridge: Cartridge, variant: Variant): ResetState {
  const states = resetStates.get(cartridge) ?? new Map<string, ResetState>();
  resetStates.set(cartridge, states);
  const key = `${variant.mode} ${variant.difficulty}`;
  let state = states.get(key);
  if (state === undefined) {
    const { console, random } = createConsole(cartridge);
    const frames = resetConsole(console, random, variant);
    state = { words: console.save(), picture: console.picture.slice(), frames };
    states.set(key, state);
  }
  return state;
}
