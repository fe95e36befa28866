/** A run's Breakout repeats actions and presses FIRE as its config says, seen on the screen. */
import { expect, it } from 'vitest';
import { createEnvironment } from '../../../lib/runs/process/environment';

const RIGHT = 2;

/** The picture of 20 agent steps to the right. */
function playRight(config: Parameters<typeof createEnvironment>[0]): Buffer {
  const env = createEnvironment(config);
  env.reset({ seed: 1 });
  for (let step = 0; step < 20; step++) env.step(RIGHT);
  return Buffer.from(env.render());
}

it('repeats actions as the config says', () => {
  const still = createEnvironment({ pressFire: false, repeatActionProbability: 1 });
  still.reset({ seed: 1 });
  const before = Buffer.from(still.render());
  const pressFire = false;
  expect(playRight({ pressFire, repeatActionProbability: 1 })).toEqual(before);
  expect(playRight({ pressFire, repeatActionProbability: 0 })).not.toEqual(before);
});

it('presses FIRE as the config says: without it no ball ever moves', () => {
  const lives = (pressFire: boolean) => {
    const env = createEnvironment({ pressFire, repeatActionProbability: 0 });
    env.reset({ seed: 1 });
    let left = 5;
    for (let step = 0; step < 100; step++) left = env.step(RIGHT).info.lives;
    return left;
  };
  expect(lives(false)).toBe(5);
  expect(lives(true)).toBeLessThan(5);
});
