/** Trains by DQN: one game, a replay memory and a target network, one agent step at a time. */
import type { Env } from '../../env/env';
import type { DqnConfig } from '../config/config';
import { createLearner } from '../learner/create-learner';
import type { Learner, LearnerOptions } from '../learner/learner';
import { ReplayBuffer } from '../replay/replay-buffer';
import type { ReplayBufferOptions } from '../replay/replay-options';
import type { TrainEvent } from './events';
import { Game } from './game';
import { seedStreams, Training } from './training';

export interface DqnTrainingOptions {
  /** Observations [stack, height, width] uint8. A reset with a seed must fix all that follows. */
  readonly env: Env;
  readonly config: DqnConfig;
  /** A whole number: equal seeds give equal trainings. */
  readonly seed: number;
  /** Default: lib's `createLearner`, with the network of Mnih et al. */
  readonly createLearner?: (options: LearnerOptions) => Learner;
  /** How the replay memory keeps pictures; defaults as `ReplayBuffer`. */
  readonly replay?: Pick<ReplayBufferOptions, 'compress' | 'maxBytes'>;
}

/** The loop of DQN, step by step. Source: Mnih et al. 2015, algorithm 1. */
export class DqnTraining extends Training<DqnConfig> {
  override readonly memory: ReplayBuffer;
  private readonly game: Game;

  constructor(options: DqnTrainingOptions) {
    const { env, config, seed } = options;
    const { network, ...random } = seedStreams(seed);
    const observationShape = env.observationSpace.shape;
    const game = new Game(env);
    const memory = new ReplayBuffer({
      ...options.replay,
      capacity: config.bufferSize,
      observationShape,
      batchSize: config.batchSize,
      nSteps: config.nSteps,
      gamma: config.gamma,
    });
    const learner = (options.createLearner ?? createLearner)({
      config,
      observationShape,
      actions: env.actionSpace.n,
      seed: network,
    });
    super({ games: [game], config, seed, learner, memory, random });
    this.game = game;
    this.memory = memory;
    this.learningFrom = config.learningStarts;
    this.nextEpisode();
  }

  /** One agent step: act, remember, then learn and copy the target network when these are due. */
  override step(): TrainEvent[] {
    const { config, memory, learner, game } = this;
    const sent = this.send(0, () => learner.qValues(game.observation));
    const { event, outcome } = this.receive(0, sent);
    memory.add({ ...outcome, nextObservation: game.observation });
    const events: TrainEvent[] = [event];
    const { agentStep } = this;
    if (agentStep >= this.learningFrom && agentStep % config.trainFrequency === 0) {
      learner.learningRate = this.stepSize;
      const { loss, meanQ } = learner.update(memory.sample(this.random.sampling));
      this.updates++;
      events.push({ type: 'update', agentStep, update: this.updates, loss, meanQ });
    }
    if (agentStep % config.targetUpdateInterval === 0) learner.syncTarget();
    if (event.terminated || event.truncated) {
      events.push(...this.endEpisode(game, sent));
      this.nextEpisode();
    }
    return events;
  }

  protected override startWithoutMemory(): void {
    this.learningFrom = this.agentStep + this.config.learningStarts;
    this.nextEpisode();
  }

  private nextEpisode(): void {
    this.startEpisode(this.game);
    this.memory.startEpisode(this.game.observation);
  }
}
