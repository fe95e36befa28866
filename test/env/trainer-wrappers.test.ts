/** The training wrappers end episodes, serve and clip, seen in Breakout's own lives, ball and points. */
import { describe, expect, it } from 'vitest';
import { type Breakout, makeBreakout } from '../../lib/env/breakout';

/** Where Breakout keeps the ball's vertical position; 0 = no ball in play. */
const BALL_Y = 101;

/** Plays one action until a life is lost; returns that step's result as plain values. */
function loseLife(env: Breakout, action: number) {
  const lives = env.step(action).info.lives;
  for (;;) {
    const { terminated, truncated, info } = env.step(action);
    if (info.lives < lives) return { terminated, truncated, lives: info.lives };
  }
}

describe('episodicLife', () => {
  it('terminates with a lost life, and the reset goes on with the game', () => {
    const env = makeBreakout({ episodicLife: true });
    env.reset({ seed: 1 });
    expect(loseLife(env, 1)).toEqual({ terminated: true, truncated: false, lives: 4 });
    expect(() => env.step(0)).toThrow(/after the episode ended/);
    expect(env.reset().info.lives).toBe(4);
    expect(env.reset({ seed: 1 }).info.lives).toBe(5);
  });

  it('starts a new game after the last life', () => {
    const env = makeBreakout({ episodicLife: true });
    env.reset();
    for (let lives = 4; lives > 0; lives--) {
      expect(loseLife(env, 1).lives).toBe(lives);
      env.reset();
    }
    expect(loseLife(env, 1)).toMatchObject({ terminated: true, lives: 0 });
    expect(env.reset().info.lives).toBe(5);
  });
});

describe('terminalOnLifeLoss', () => {
  it('terminates with a lost life, and the reset starts a new game', () => {
    const env = makeBreakout({ terminalOnLifeLoss: true });
    env.reset();
    expect(loseLife(env, 1)).toMatchObject({ terminated: true, lives: 4 });
    expect(env.reset().info.lives).toBe(5);
  });
});

describe('fireReset', () => {
  it('leaves the ball in play', () => {
    const without = makeBreakout();
    without.reset();
    expect(without.ram[BALL_Y]).toBe(0);
    const env = makeBreakout({ fireReset: true });
    const { info } = env.reset({ seed: 3 });
    expect(env.ram[BALL_Y]).not.toBe(0);
    expect(info.seeds).toEqual(without.reset({ seed: 3 }).info.seeds);
  });
});

describe('fireAfterLifeLoss', () => {
  it('serves before the next action', () => {
    const env = makeBreakout({ fireAfterLifeLoss: true });
    env.reset();
    env.step(1);
    loseLife(env, 0);
    const before = env.step(0).info.episodeFrameNumber;
    expect(env.ram[BALL_Y]).not.toBe(0);
    expect(env.step(0).info.episodeFrameNumber).toBe(before + 4);
  });

  it('plays nothing when the action is refused', () => {
    const env = makeBreakout({ fireAfterLifeLoss: true });
    env.reset();
    env.step(1);
    loseLife(env, 0);
    const before = env.save();
    expect(() => env.step(99)).toThrow(/^action must be a whole number from 0 to 3, got 99$/);
    expect(env.save()).toEqual(before);
  });
});

describe('clipReward', () => {
  it('turns points into 0 and 1', () => {
    const rewards = (clipReward: boolean) => {
      const env = makeBreakout({ clipReward, seed: 12 });
      env.reset();
      const all: number[] = [];
      for (let i = 0; i < 3000; i++) {
        // Follows the ball: RAM cells 99 (ball) and 72 (paddle)
        const offset = env.ram[99]! - 8 - env.ram[72]!;
        const action = env.ram[BALL_Y] === 0 ? 1 : offset > 8 ? 2 : offset < -8 ? 3 : 0;
        const { reward, terminated, truncated } = env.step(action);
        all.push(reward);
        if (terminated || truncated) env.reset();
      }
      return all;
    };
    const plain = rewards(false);
    expect(Math.max(...plain)).toBeGreaterThan(1);
    expect(rewards(true)).toEqual(plain.map(Math.sign));
  });
});
