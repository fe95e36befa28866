import { expect, it } from 'vitest';
import { knownScores } from '../../lib/play/scores';

it('sets a player beside chance, a short training, a professional and the agent that comes along', async () => {
  expect(await knownScores()).toEqual([
    { name: 'random play', score: 1.35 },
    { name: 'professional player (Mnih et al. 2015)', score: 31.8 },
    { name: 'a quarter of an hour of training', score: 32.59 },
    { name: 'the agent that comes along', score: 330.9 },
  ]);
});
