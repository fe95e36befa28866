import { expect, it } from 'vitest';
import { knownScores } from '../../lib/play/scores';

it('sets a player beside chance, trainings, a professional and the agent that comes along', async () => {
  expect(await knownScores()).toEqual([
    { name: 'random play', score: 1.35 },
    { name: 'preset fast, trained to 40 (two seeds)', score: (32.59 + 28.4) / 2 },
    { name: 'professional player (Mnih et al. 2015)', score: 31.8 },
    { name: 'the agent that comes along', score: 330.9 },
  ]);
});
