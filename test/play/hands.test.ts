import { describe, expect, it } from 'vitest';
import { findPaddle } from '../../lib/play/breakout-memory';
import { Game } from '../../lib/play/game';
import { Hands } from '../../lib/play/hands';

const NOTHING = { left: false, right: false, fire: false, target: null };
const [NOOP, FIRE, RIGHT, LEFT] = [0, 1, 2, 3];

function play(frames: number, held: object) {
  const [game, hands] = [new Game(), new Hands()];
  hands.hold({ ...NOTHING, ...held });
  for (let i = 0; i < frames; i++) game.next(hands.next(game));
  return { game, hands };
}

function expectPaddle(game: Game, middle: number): void {
  expect(Math.abs(findPaddle(game.ale.getRam()) + 8 - middle)).toBeLessThanOrEqual(2);
}

describe('Hands', () => {
  it.each([20, 60, 140])('bring the middle of the paddle to the pointer at column %d', (target) => {
    const { game } = play(40, { target });
    expectPaddle(game, target);
  });

  it.each([20, 140])(
    'bring it to a finger at column %d that stays down after its serve',
    (target) => {
      const { game, hands } = play(1, { target: 80, fire: true });
      for (let column = 80; column !== target; column += Math.sign(target - 80) * 5) {
        hands.hold({ ...NOTHING, target: column, fire: true });
        game.next(hands.next(game));
      }
      hands.hold({ ...NOTHING, target, fire: true });
      for (let i = 0; i < 40; i++) game.next(hands.next(game));
      expectPaddle(game, target);
      expect(game.inputs().filter(({ action }) => action === FIRE)).toHaveLength(4);
    },
  );

  it.each([
    [{ left: true }, LEFT],
    [{ right: true, target: 8 }, RIGHT],
    [{ left: true, right: true }, NOOP],
    [{ right: true, fire: true }, FIRE],
    [{}, NOOP],
  ])('holding %j is the action %d', (held, action) => {
    const { game } = play(1, held);
    expect(game.inputs()).toEqual([{ action, strength: 1 }]);
  });

  it('serve by a tap', () => {
    const { game, hands } = play(1, { fire: true });
    hands.hold(NOTHING);
    for (let i = 0; i < 5; i++) game.next(hands.next(game));
    expect(game.inputs().map(({ action }) => action)).toEqual([1, 1, 1, 1, 0, 0]);
  });
});
