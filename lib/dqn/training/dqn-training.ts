/** DQN in progress: agent, environment and replay memory, one agent step at a time. */
import type { Env } from '../../env/env';
import type { DqnConfig } from '../config/config';
import { selectAction } from '../equations/policy';
import { createLearner } from '../learner/create-learner';
import type { Learner, LearnerOptions } from '../learner/learner';
import type { Replay, SavedReplay } from '../replay/replay';
import { ReplayBuffer } from '../replay/replay-buffer';
import type { ReplayBufferOptions } from '../replay/replay-options';
import type { StepEvent, TrainEvent } from './events';
import { Game } from './game';
import { seedStreams, Training } from './training';

export interface DqnTrainingOptions {
  /** Observations [stack, height, width] uint8. A reset with a seed must fix all that follows. */
  readonly env: Env;
  readonly config: DqnConfig;
  /** A whole number: equal seeds give equal trainings. */
  readonly seed: number;
  /** Makes what learns; lib's `createLearner` with Mnih et al.'s network unless told. */
  readonly createLearner?: (options: LearnerOptions) => Learner;
  /** Makes what remembers; default: a `ReplayBuffer`, which compresses more than 1 GB of pictures. */
  readonly createReplay?: (options: ReplayBufferOptions) => Replay & SavedReplay;
}

/** The loop of DQN (Mnih et al. 2015, algorithm 1), taken apart into steps. */
export class DqnTraining extends Training<DqnConfig> {
  override readonly buffer: Replay & SavedReplay;
  private readonly game: Game;

  constructor(options: DqnTrainingOptions) {
    const { env, config, seed } = options;
    const { network, ...random } = seedStreams(seed);
    const observationShape = env.observationSpace.shape;
    const game = new Game(env);
    const createReplay = options.createReplay ?? ((sizes) => new ReplayBuffer(sizes));
    const buffer = createReplay({
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
    super({ games: [game], config, seed, learner, buffer, random });
    this.game = game;
    this.buffer = buffer;
    this.learningFrom = config.learningStarts;
    this.nextEpisode();
  }

  /** One agent step: act, remember, learn when it is time to, copy the target network when it is time to. */
  override step(): TrainEvent[] {
    const { config, buffer, learner, game } = this;
    const taken = this.act();
    const events: TrainEvent[] = [taken];
    const { agentStep } = this;
    if (agentStep >= this.learningFrom && agentStep % config.trainFrequency === 0) {
      learner.learningRate = this.stepSize;
      const { loss, meanQ } = learner.update(buffer.sample(this.random.sampling));
      this.updates++;
      events.push({ type: 'update', agentStep, update: this.updates, loss, meanQ });
    }
    if (agentStep % config.targetUpdateInterval === 0) learner.syncTarget();
    if (taken.terminated || taken.truncated) {
      events.push(...this.endEpisode(game));
      this.nextEpisode();
    }
    return events;
  }

  protected override startWithoutMemory(): void {
    this.learningFrom = this.agentStep + this.config.learningStarts;
    this.nextEpisode();
  }

  private act(): StepEvent {
    const { game, config, learner, buffer, epsilon } = this;
    const action = selectAction({
      qValues: () => learner.qValues(game.observation),
      actions: game.env.actionSpace.n,
      epsilon,
      random: this.random.exploration,
    });
    const { episode } = game;
    const move = game.step(action, config.maxEpisodeSteps);
    const { reward, terminated, truncated, lifeLost, observation } = move;
    this.agentStep++;
    buffer.add({
      action,
      reward: config.clipRewards ? Math.sign(reward) : reward,
      terminated: terminated || (config.lifeLossIsTerminal && lifeLost),
      truncated,
      nextObservation: observation,
    });
    const { agentStep } = this;
    return {
      type: 'step',
      agentStep,
      episode,
      action,
      reward,
      epsilon,
      terminated,
      truncated,
      observation,
    };
  }

  private nextEpisode(): void {
    this.startEpisode(this.game);
    this.buffer.startEpisode(this.game.observation);
  }
}
