/** Trains by PQN: plays many games at once, learns from their latest steps, and forgets these. */
import type { Env } from '../../env/env';
import type { PqnConfig } from '../config/config';
import { createLearner } from '../learner/create-learner';
import type { Learner, LearnerOptions } from '../learner/learner';
import { Rollout, type RolloutStep } from '../replay/rollout';
import type { TrainEvent } from './events';
import { Game } from './game';
import { seedStreams, Training } from './training';

export interface PqnTrainingOptions {
  /**
   * Makes the environment of one game, with memory of its own: observations [stack, height, width]
   * uint8. A reset with a seed must fix all that follows. The first one made is game 0.
   */
  readonly createEnv: () => Env;
  readonly config: PqnConfig;
  /** A whole number: equal seeds give equal trainings. */
  readonly seed: number;
  /** Default: lib's `createLearner`. */
  readonly createLearner?: (options: LearnerOptions) => Learner;
}

/**
 * Parallel Q-learning (PQN): `numEnvs` games go on together for `rolloutSteps` steps; then the network
 * learns the lambda-returns of all of them, in shuffled batches, `epochs` times over. There is no replay
 * memory and no target network: layer normalization keeps the values in check.
 * Source: Gallici et al. 2024, Simplifying Deep Temporal Difference Learning, algorithm 1.
 *
 * Where it differs from CleanRL's pqn.py: nothing of the next episode counts at an episode's end, as in
 * the paper; an episode that was cut off counts the value of its last observation; the learning rate
 * falls after each rollout, not before it; RAdam's first five updates change nothing (`rectification`).
 * Otherwise each rollout's targets, losses and updates are CleanRL's: test/dqn/training/pqn-phases.test.ts.
 *
 * The games are separate environments and not a `VectorBreakout`. Each episode must begin with a reset
 * by its own seed, so that seed and actions can restore it (`Game`). A vector of environments resets by
 * itself, and spends a step on it that is no transition. `BreakoutPool` has such environments in several threads.
 */
export class PqnTraining extends Training<PqnConfig> {
  override readonly memory: Rollout;

  constructor(options: PqnTrainingOptions) {
    const { createEnv, config, seed } = options;
    const { network, ...random } = seedStreams(seed);
    const games = Array.from({ length: config.numEnvs }, () => new Game(createEnv()));
    const { observationSpace, actionSpace } = games[0]!.env;
    const shape = { observationShape: observationSpace.shape, actions: actionSpace.n };
    const memory = new Rollout({ ...shape, numEnvs: config.numEnvs, steps: config.rolloutSteps });
    const learner = (options.createLearner ?? createLearner)({ ...shape, config, seed: network });
    super({ games, config, seed, learner, memory, random });
    this.memory = memory;
    this.startWithoutMemory();
  }

  /** One agent step in each game; then the learning, when the rollout is full. */
  override step(): TrainEvent[] {
    const events = this.act();
    if (this.memory.isFull) events.push(...this.learn());
    return events;
  }

  protected override startWithoutMemory(): void {
    this.games.forEach((game, i) => {
      this.startEpisode(game);
      this.memory.begin({ game: i, observation: game.observation });
    });
  }

  private act(): TrainEvent[] {
    const { games, learner, memory } = this;
    const { latest, length: first } = memory;
    const qValues =
      learner.store?.qValues({ first, observations: latest }) ?? learner.qValues(latest);
    const actions = qValues.length / games.length;
    const events: TrainEvent[] = [];
    const taken: RolloutStep[] = [];
    const own = (i: number) => () => qValues.subarray(i * actions, (i + 1) * actions);
    const sent = games.map((_, i) => this.send(i, own(i)));
    for (const [i, game] of games.entries()) {
      const { event, outcome } = this.receive(i, sent[i]!);
      events.push(event);
      const isCutOff = outcome.truncated && !outcome.terminated;
      const lastQ = isCutOff ? learner.qValues(game.observation) : undefined;
      if (event.terminated || event.truncated) {
        events.push(...this.endEpisode(game, event));
        this.startEpisode(game);
      }
      taken.push({
        ...outcome,
        game: i,
        nextObservation: game.observation,
        ...(lastQ && { lastQ }),
      });
    }
    memory.add(qValues, taken);
    return events;
  }

  private learn(): TrainEvent[] {
    const { config, memory, learner, agentStep } = this;
    const { epochs, batchSize: size, gamma, lambda } = config;
    const targets = memory.targets({ lastQ: learner.qValues(memory.latest), gamma, lambda });
    const events: TrainEvent[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const batch of memory.batches({ size, targets, random: this.random.sampling })) {
        learner.learningRate = this.stepSize;
        const { loss, meanQ } = learner.fit(batch);
        this.updates++;
        events.push({ type: 'update', agentStep, update: this.updates, loss, meanQ });
      }
    }
    memory.startOver();
    return events;
  }
}
