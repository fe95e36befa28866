/** The scores beside which a player's own stands. */
import type { ScoreRow } from '../display/messages';
import { loadEvaluations } from '../runs/results/evaluations';

/** Mnih et al. 2015, extended data table 2: a professional tester after two hours of practice. */
const HUMAN = { name: 'professional player (Mnih et al. 2015)', score: 31.8 };

/** What is shown, and the evaluations in `notebooks/results/evaluations.json` whose mean it is. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  'random play': ['random'],
  'preset fast, trained to 40 (two seeds)': ['fast-seed11', 'fast-seed12'],
  'the agent that comes along': ['pretrained'],
};

/** Mean scores of whole games, lowest first. */
export async function knownScores(): Promise<ScoreRow[]> {
  const evaluations = await loadEvaluations();
  const rows = Object.entries(SHOWN).flatMap(([name, keys]) => {
    const means = keys.flatMap((key) => evaluations[key]?.mean ?? []);
    const total = means.reduce((sum, mean) => sum + mean, 0);
    return means.length > 0 ? [{ name, score: total / means.length }] : [];
  });
  return [...rows, HUMAN].sort((a, b) => a.score - b.score);
}
