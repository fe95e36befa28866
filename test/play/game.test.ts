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

/** A game whose ball is on its way, after frames of one action. */
function servedGame(action = 0): Game {
  const game = new Game({ pressFire: true });
  for (let i = 0; i < 44; i++) game.next({ action });
  return game;
}

/** Going on and back shows the same. */
function expectSameAgain(game: Game): void {
  const { frame } = game;
  const picture = crc32(game.ale.getScreen());
  for (let i = 0; i < 5; i++) game.next({ action: 0 });
  game.seek(frame);
  expect(crc32(game.ale.getScreen())).toBe(picture);
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

  it('has the ball in flight wherever it was moved to, in the picture and in the whole stack', () => {
    const game = servedGame();
    const before = game.observation.slice();
    const { score, frame } = game;
    for (const x of [12, 60, 100, 148]) {
      for (const y of [100, 120, 150, 180]) {
        game.moveBall({ x, y });
        expect(findBall(game.ale.getRam()), `${x}, ${y}`).toEqual({ x, y });
        expect([game.score, game.frame]).toEqual([score, frame]);
      }
    }
    game.moveBall({ x: 60, y: 120 });
    for (const plane of [0, 1, 2, 3]) {
      const [from, to] = [plane * 84 * 84, (plane + 1) * 84 * 84];
      expect(crc32(game.observation.subarray(from, to)), `${plane}`).not.toBe(
        crc32(before.subarray(from, to)),
      );
    }
    expectSameAgain(game);
  });

  it.each([0, 2, 3])(
    'has the paddle where it was moved to, after frames of the action %d',
    (action) => {
      const game = servedGame(action);
      for (const column of [8, 40, 100, 136]) {
        game.movePaddle(column);
        expect(Math.abs(findPaddle(game.ale.getRam()) - column), `${column}`).toBeLessThanOrEqual(
          2,
        );
      }
      expectSameAgain(game);
    },
  );

  it('refuses to put the ball where it cannot be, or none that is in play, and stays as it was', () => {
    const game = servedGame();
    const picture = crc32(game.ale.getScreen());
    expect(() => game.moveBall({ x: 80, y: 70 })).toThrow(
      'The ball cannot be at column 80, row 70 now: on its way there it meets something',
    );
    expect(crc32(game.ale.getScreen())).toBe(picture);
    expectSameAgain(game);
    const unserved = new Game();
    for (let i = 0; i < 20; i++) unserved.next({ action: 0 });
    expect(() => unserved.moveBall({ x: 80, y: 120 })).toThrow('No ball is in play');
  });

  it('is copied as far as it was played, after going back', () => {
    const game = randomGame({ pressFire: true });
    game.seek(70);
    const copy = game.copy();
    copy.seek(70);
    for (let i = 0; i < 300; i++) for (const each of [game, copy]) each.next({ action: 2 });
    for (const each of [game, copy]) each.seek(200);
    expect(crc32(copy.ale.getScreen())).toBe(crc32(game.ale.getScreen()));
    expect(crc32(copy.ale.getRam())).toBe(crc32(game.ale.getRam()));
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
