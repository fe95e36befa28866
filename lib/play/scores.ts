/** The scores beside which a player's own stands. */
import type { ScoreRow } from '../display/messages';
import { loadEvaluations } from '../runs/results/evaluations';

/** Mnih et al. 2015, extended data table 2: a professional tester after two hours of practice. */
const HUMAN = { name: 'professional player (Mnih et al. 2015)', score: 31.8 };

/** In `notebooks/results/evaluations.json`, by the names there. */
const NAMES: Readonly<Record<string, string>> = {
  random: 'random play',
  'fast-seed11': 'a quarter of an hour of training',
  pretrained: 'the agent that comes along',
};

/** Mean scores of whole games, lowest first. */
export async function knownScores(): Promise<ScoreRow[]> {
  const evaluations = await loadEvaluations();
  const rows = Object.entries(NAMES).flatMap(([key, name]) => {
    const evaluation = evaluations[key];
    return evaluation ? [{ name, score: evaluation.mean }] : [];
  });
  return [...rows, HUMAN].sort((a, b) => a.score - b.score);
}
