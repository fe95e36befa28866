import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FIXTURES, readFixture } from '../../lib/conformance/fixture';
import { ReplayBuffer } from '../../lib/dqn/replay/replay-buffer';
import { makeBreakout } from '../../lib/env/breakout';
import { findBall, findPaddle } from '../../lib/play/breakout-memory';
import { Game } from '../../lib/play/game';
import { Mt19937 } from '../../lib/random';

const fixture = readFixture(join(FIXTURES, 'raw-good-60k.bin.gz'));
/** ALE's numbers of actions as the environment counts them. */
const ACTIONS = new Map([0, 1, 3, 4].map((ale, action) => [ale, action]));

/** Plays the recording's keys from the game's frame on; the frames that differ from ale-py's. */
function playRecording(game: Game, until: number): number[] {
  const [action, screenCrc, ramCrc] = ['action', 'screenCrc', 'ramCrc'].map((n) =>
    fixture.array(n),
  );
  const wrong: number[] = [];
  for (let i = game.frame; i < until; i++) {
    game.next({ action: ACTIONS.get(action![i]!)! });
    const same =
      crc32(game.ale.getScreen()) === screenCrc![i] && crc32(game.ale.getRam()) === ramCrc![i];
    if (!same) wrong.push(i);
  }
  return wrong;
}

/** A game of random keys that are held for some frames. */
function randomGame({ frames = 600, ...options }): Game {
  const game = new Game(options);
  const random = new Mt19937(5);
  let action = 1;
  for (let i = 0; i < frames; i++) {
    if (i % 7 === 0) action = Math.floor(random.nextDouble() * 4);
    game.next({ action });
  }
  return game;
}

describe('Game', () => {
  it.each([0, 1, 59, 60, 61, 1503])('plays on from frame %d as ale-py did', (frame) => {
    const game = new Game();
    expect(playRecording(game, 1700)).toEqual([]);
    const { score } = game;
    for (let i = 0; i < 90; i++) game.next({ action: 2 }); // keys of another game
    game.seek(frame);
    expect(game.frame).toBe(frame);
    expect(playRecording(game, 1700)).toEqual([]);
    expect(game.score).toBe(score);
  });

  it('has after each agent step the observation, reward and lives of the environment', () => {
    const options = { noopMax: 30, fireReset: true, fireAfterLifeLoss: true };
    const env = makeBreakout(options);
    const game = new Game({ seed: 3, noopMax: 30, pressFire: true });
    expect(crc32(game.observation)).toBe(crc32(env.reset({ seed: 3 }).observation));
    const random = new Mt19937(2);
    let ended = false;
    for (let step = 0; !ended; step++) {
      const action = Math.floor(random.nextDouble() * 4);
      const { observation, reward, info, terminated } = env.step(action);
      let points = 0;
      while (game.serves) points += game.next({ action: 0 });
      do points += game.next({ action });
      while (!game.isStepStart && !game.serves && !game.over);
      ended = terminated;
      expect([points, game.livesLeft], `step ${step}`).toEqual([reward, info.lives]);
      if (!ended) expect(crc32(game.observation), `step ${step}`).toBe(crc32(observation));
    }
    expect(game.over).toBe(true);
    game.next({ action: 2 });
    expect(game.frame).toBe(game.length);
  });

  it.each([17, 400, 599])('has the stack of frame %d again after going back', (frame) => {
    const game = randomGame({ pressFire: true });
    const straight = game.copy();
    straight.seek(frame);
    game.seek(20);
    game.seek(frame);
    const replayed = randomGame({ frames: frame, pressFire: true });
    expect(crc32(game.observation)).toBe(crc32(replayed.observation));
    expect(crc32(straight.observation)).toBe(crc32(replayed.observation));
    expect(crc32(game.ale.getScreen())).toBe(crc32(replayed.ale.getScreen()));
    expect(game.length).toBe(600);
  });

  it('moves the ball and the paddle by hand, in the picture and in the whole stack', () => {
    const game = new Game({ pressFire: true });
    for (let i = 0; i < 44; i++) game.next({ action: 0 });
    const before = game.observation.slice();
    game.move({ ball: { x: 60, y: 120 } });
    expect(findBall(game.ale.getRam())).toEqual({ x: 60, y: 120 });
    for (const plane of [0, 1, 2, 3]) {
      const [from, to] = [plane * 84 * 84, (plane + 1) * 84 * 84];
      expect(crc32(game.observation.subarray(from, to)), `${plane}`).not.toBe(
        crc32(before.subarray(from, to)),
      );
    }
    for (const column of [8, 40, 100, 136]) {
      game.move({ paddle: column });
      expect(Math.abs(findPaddle(game.ale.getRam()) - column)).toBeLessThanOrEqual(2);
    }
    const frame = game.frame;
    const picture = crc32(game.ale.getScreen());
    game.next({ action: 0 });
    game.seek(frame);
    expect(crc32(game.ale.getScreen())).toBe(picture);
  });

  it('yields its agent steps for a replay memory', () => {
    const game = randomGame({ frames: 3000 });
    const buffer = new ReplayBuffer({
      capacity: 1000,
      observationShape: [4, 84, 84],
      batchSize: 4,
    });
    const steps = [...game.steps()];
    buffer.startEpisode(steps[0]!.observation);
    for (const step of steps) buffer.add(step);
    expect(steps.reduce((sum, { reward }) => sum + reward, 0)).toBe(game.score);
    expect(steps.filter(({ lifeLost }) => lifeLost)).toHaveLength(5 - game.livesLeft);
    expect(steps.at(-1)!.terminated).toBe(game.over);
    expect(buffer.length).toBe(steps.length);
  });

  it('takes the key that was held longest as the action of a step', () => {
    const game = new Game();
    for (const action of [2, 3, 3, 3, 0, 0, 2, 2, 1, 1, 1, 0, 2]) game.next({ action });
    expect([...game.steps()].map(({ action }) => action)).toEqual([3, 2, 1]);
  });
});
