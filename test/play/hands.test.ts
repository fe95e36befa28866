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

describe('Hands', () => {
  it.each([20, 60, 140])('bring the middle of the paddle to the pointer at column %d', (target) => {
    const { game } = play(40, { target });
    expect(Math.abs(findPaddle(game.ale.getRam()) + 8 - target)).toBeLessThanOrEqual(2);
  });

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
