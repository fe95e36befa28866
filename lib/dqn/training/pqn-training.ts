/** PQN in progress: many games played at once, learned from, and forgotten. */
import type { Env } from '../../env/env';
import type { PqnConfig } from '../config/config';
import { GOES_ON, TERMINATED, TRUNCATED } from '../equations/lambda-returns';
import { selectAction } from '../equations/policy';
import { createLearner } from '../learner/create-learner';
import type { Learner, LearnerOptions } from '../learner/learner';
import { Rollout, type RolloutStep } from '../replay/rollout';
import type { StepEvent, TrainEvent } from './events';
import { Game } from './game';
import { seedStreams, Training } from './training';

export interface PqnTrainingOptions {
  /** Makes one of the games: observations [stack, height, width] uint8. A reset with a seed must fix all that follows. */
  readonly createEnv: () => Env;
  readonly config: PqnConfig;
  /** A whole number: equal seeds give equal trainings. */
  readonly seed: number;
  /** Makes what learns; lib's `createLearner` unless told. */
  readonly createLearner?: (options: LearnerOptions) => Learner;
}

/**
 * Parallel Q-learning (PQN): `numEnvs` games go on together for `rolloutSteps` steps; then the network
 * learns the lambda-returns of all of them, in shuffled batches, `epochs` times over. There is neither
 * a replay memory nor a target network: layer normalization keeps the values in check.
 * Source: Gallici et al. 2024, Simplifying Deep Temporal Difference Learning, algorithm 1.
 */
export class PqnTraining extends Training<PqnConfig> {
  override readonly buffer: Rollout;

  constructor(options: PqnTrainingOptions) {
    const { createEnv, config, seed } = options;
    const { network, ...random } = seedStreams(seed);
    const games = Array.from({ length: config.numEnvs }, () => new Game(createEnv()));
    const { observationSpace, actionSpace } = games[0]!.env;
    const shape = { observationShape: observationSpace.shape, actions: actionSpace.n };
    const buffer = new Rollout({ ...shape, numEnvs: config.numEnvs, steps: config.rolloutSteps });
    const learner = (options.createLearner ?? createLearner)({ ...shape, config, seed: network });
    super({ games, config, seed, learner, buffer, random });
    this.buffer = buffer;
    this.startWithoutMemory();
  }

  /** One agent step in each game; when all are done, the learning. */
  override step(): TrainEvent[] {
    const events = this.act();
    if (this.buffer.isFull) events.push(...this.learn());
    return events;
  }

  protected override startWithoutMemory(): void {
    this.games.forEach((game, i) => {
      this.startEpisode(game);
      this.buffer.begin({ game: i, observation: game.observation });
    });
  }

  private act(): TrainEvent[] {
    const { games, config, learner, buffer } = this;
    const qValues = learner.qValues(buffer.latest);
    const actions = qValues.length / games.length;
    const events: TrainEvent[] = [];
    const taken = games.map((game, i): RolloutStep => {
      const { epsilon } = this;
      const action = selectAction({
        qValues: () => qValues.subarray(i * actions, (i + 1) * actions),
        actions,
        epsilon,
        random: this.random.exploration,
      });
      const { episode } = game;
      const move = game.step(action, config.maxEpisodeSteps);
      this.agentStep++;
      const { agentStep } = this;
      const { lifeLost, ...outcome } = move;
      const step: StepEvent = { type: 'step', agentStep, episode, action, epsilon, ...outcome };
      events.push(step);
      const { reward, terminated, truncated } = move;
      const isTerminal = terminated || (config.lifeLossIsTerminal && lifeLost);
      const end = isTerminal ? TERMINATED : truncated ? TRUNCATED : GOES_ON;
      const lastValue = end === TRUNCATED ? Math.max(...learner.qValues(game.observation)) : 0;
      if (terminated || truncated) {
        events.push(...this.endEpisode(game));
        this.startEpisode(game);
      }
      return {
        game: i,
        action,
        reward: config.clipRewards ? Math.sign(reward) : reward,
        end,
        nextObservation: game.observation,
        lastValue,
      };
    });
    buffer.add(qValues, taken);
    return events;
  }

  private learn(): TrainEvent[] {
    const { config, buffer, learner, agentStep } = this;
    const { epochs, batchSize: size, gamma, lambda } = config;
    const targets = buffer.targets({ lastQ: learner.qValues(buffer.latest), gamma, lambda });
    const events: TrainEvent[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const batch of buffer.batches({ size, targets, random: this.random.sampling })) {
        learner.learningRate = this.stepSize;
        const { loss, meanQ } = learner.fit(batch);
        this.updates++;
        events.push({ type: 'update', agentStep, update: this.updates, loss, meanQ });
      }
    }
    buffer.startOver();
    return events;
  }
}
