/** Random programs and damaged states end in bounded time, alike in every way of running them. */
import { describe, expect, it } from 'vitest';
import { createCartridge } from '../../lib/atari/cartridge';
import { CONSOLE_WORDS, Console } from '../../lib/atari/console';
import { UndocumentedOpcodeError } from '../../lib/atari/interpreter';
import { getResetState } from '../../lib/env/boot';
import { makeBreakout } from '../../lib/env/breakout';
import { SavedStateError } from '../../lib/env/errors';
import { readRom } from '../../lib/env/rom';
import { SavedState } from '../../lib/env/saved-state';
import { Mt19937 } from '../../lib/random';
import { checksum } from '../helpers/checksum';
import { pick } from '../helpers/random-play';
import { createRandomRom } from '../helpers/random-programs';

/** Instructions in a frame at most. */
const LONGEST_FRAME = 25_000;
/** No case takes longer, in microseconds of this process; one takes some milliseconds. */
const LONGEST_CASE = 2_000_000;
const SECONDS = { programs: 30, words: 10, states: 20 };

/** Runs cases with the seeds 1, 2, ... for so long; a failure names its seed. */
function fuzz(seconds: number, run: (random: Mt19937) => void): void {
  const end = process.hrtime.bigint() + BigInt(seconds) * 1_000_000_000n;
  let seed = 0;
  while (process.hrtime.bigint() < end) {
    seed++;
    const before = process.cpuUsage();
    try {
      run(new Mt19937(seed));
      expect(process.cpuUsage(before).user).toBeLessThan(LONGEST_CASE);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
  expect(seed).toBeGreaterThan(50);
}

/** What a call ends with: nothing, or an error of an expected type as text. */
function attempt(call: () => void, ...types: readonly (new (...args: never[]) => Error)[]): string {
  try {
    call();
    return '';
  } catch (error) {
    if (types.some((type) => error instanceof type)) return String(error);
    throw error;
  }
}

/** Counts the instructions of each frame and holds them to their limit. */
function limitFrames(console: Console): Console {
  const { processor } = console;
  const run = processor.run.bind(processor);
  processor.run = (limit) => {
    const executed = run(limit);
    expect(executed).toBeLessThanOrEqual(LONGEST_FRAME);
    return executed;
  };
  return console;
}

/**
 * A few frames in different consoles; all must show and leave the same. The last one draws some only,
 * and takes part until a frame is left unfinished: what it has not drawn of that one is lost.
 */
function playAlike(consoles: readonly Console[], frames: number): void {
  let playing = consoles;
  for (let frame = 0; frame < frames; frame++) {
    const seen = playing.map((console) => {
      const drawn = console !== consoles.at(-1) || frame % 3 === 2;
      const error = attempt(() => console.frame(drawn), UndocumentedOpcodeError);
      return [error, console.save().join(), checksum(console.picture), console.save().join()];
    });
    if (!consoles[0]!.tia.frameEnded) playing = consoles.slice(0, -1);
    for (const other of seen.slice(0, playing.length)) expect(other).toEqual(seen[0]);
    if (seen[0]![0] !== '') return;
  }
}

/** Three ways to run a program that must be the same. */
const WAYS = [{ translate: false }, { hot: 1 }, { hot: 3 }];

describe('the console', () => {
  it('runs random programs in bounded frames, interpreted, translated and undrawn alike', () => {
    fuzz(SECONDS.programs, (random) => {
      const cartridge = createCartridge(createRandomRom(random));
      const consoles = WAYS.map((way) => limitFrames(new Console(cartridge, new Mt19937(5), way)));
      for (const console of consoles) console.reset(new Mt19937(7));
      playAlike(consoles, 10);
    });
  });

  it('goes on from random states in bounded frames, alike too', () => {
    const consoles = WAYS.map((way) => limitFrames(new Console(readRom(), new Mt19937(5), way)));
    const { words } = getResetState(readRom(), { mode: 0, difficulty: 0 });
    fuzz(SECONDS.words, (random) => {
      const state = changeWords(words, random);
      for (const console of consoles) {
        console.reset(new Mt19937(7)); // empties the pictures, which short frames show again
        console.restore(state);
      }
      playAlike(consoles, 3);
    });
  });
});

/** A few words or all of them become bytes or anything. */
function changeWords(words: Int32Array, random: Mt19937): Int32Array {
  const state = words.slice();
  const bits = pick(random, 2) === 0 ? 0xff : -1;
  const count = pick(random, 4) === 0 ? CONSOLE_WORDS : 1 + pick(random, 10);
  for (let i = 0; i < count; i++) {
    state[count === CONSOLE_WORDS ? i : pick(random, CONSOLE_WORDS)] = random.nextUint32() & bits;
  }
  return state;
}

describe('an environment', () => {
  it('refuses random states with their type of error, or goes on from them', () => {
    const env = makeBreakout();
    limitFrames(env.unwrapped.ale.console);
    env.reset();
    for (let i = 0; i < 50; i++) env.step(i % 4);
    const saved = env.save();
    let accepted = 0;
    fuzz(SECONDS.states, (random) => {
      env.restore(saved);
      const refused = attempt(() => env.restore(damage(saved, random)), SavedStateError) !== '';
      if (refused) expect(env.save()).toEqual(saved);
      else accepted++;
      const play = () => {
        for (let i = 0; i < 4; i++) {
          const { terminated, truncated } = env.step(pick(random, 4));
          if (terminated || truncated) env.reset();
        }
      };
      attempt(play, UndocumentedOpcodeError);
      attempt(() => env.reset(), UndocumentedOpcodeError);
    });
    expect(accepted).toBeGreaterThan(20);
  });
});

/** Values to put in the place of others. */
const NONSENSE = [-1, 0, 1, 77, 0.5, 1e300, 2 ** 31, '', 'x', '0 0 0', 'null', '{}', true, false];

/** Changes bytes of the file, or a value or an array in it, with a checksum that is right. */
function damage(saved: Uint8Array, random: Mt19937): Uint8Array {
  const kind = pick(random, 5);
  if (kind === 0) {
    const bytes = saved.slice(0, pick(random, 10) === 0 ? pick(random, saved.length) : undefined);
    bytes[pick(random, bytes.length)]! ^= 1 << pick(random, 8);
    return bytes;
  }
  const state = SavedState.decode(saved);
  const values = ['rules', 'npRandom', 'lastAction', 'lastStrength', 'refusal', 'firstSeed'];
  const arrays = ['random', 'screen', 'stack', 'preprocessing.frame0', 'preprocessing.pooled0'];
  const nonsense = NONSENSE[pick(random, NONSENSE.length)]!;
  if (kind === 1) state.set(values[pick(random, values.length)]!, nonsense);
  if (kind === 2) {
    const rules = JSON.parse(state.getText('rules')) as Record<string, unknown>;
    const names = Object.keys(rules);
    rules[names[pick(random, names.length)]!] = nonsense;
    state.set('rules', JSON.stringify(rules));
  }
  if (kind === 3) {
    const length = pick(random, 3) === 0 ? pick(random, 40_000) : 33_600;
    const bytes = Uint8Array.from({ length }, () => random.nextUint32());
    state.setArray(arrays[pick(random, arrays.length)]!, bytes);
  }
  if (kind === 4) {
    const bytes = state.getArray('console', 4 * CONSOLE_WORDS).slice();
    state.setArray('console', changeWords(new Int32Array(bytes.buffer), random));
  }
  return state.encode();
}
