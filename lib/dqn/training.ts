/** A training in progress: agent, environment and memory, one agent step at a time. */
import type { Env, StepResult } from '../env/env';
import { Mt19937, seedSequence } from '../random';
import { selectAction } from './agent';
import { CONFIG_FIELDS, ConfigError, type ConfigKey, checkConfig, type DqnConfig } from './config';
import { createLearner } from './create-learner';
import { createReplay } from './create-replay';
import type { StepEvent, TrainEvent } from './events';
import type { Learner, LearnerState } from './learner';
import type { QNetworkOptions } from './network';
import type { Replay, ReplayState, SavedReplay } from './replay';
import type { ReplayBufferOptions } from './replay-buffer';
import { epsilonAt } from './schedule';

export interface LearnerOptions extends Omit<QNetworkOptions, 'inputDivisor'> {
  readonly config: DqnConfig;
}

export interface TrainingOptions {
  /** Observations [stack, height, width] uint8. A reset with a seed must fix all that follows. */
  readonly env: Env;
  readonly config: DqnConfig;
  /** A whole number: equal seeds give equal trainings. */
  readonly seed: number;
  /** Makes what learns; lib's `createLearner` with Mnih et al.'s network unless told. */
  readonly createLearner?: (options: LearnerOptions) => Learner;
  /** Makes what remembers; lib's `createReplay` unless told: compressed above 1 GB of pictures. */
  readonly createReplay?: (options: ReplayBufferOptions) => Replay & SavedReplay;
}

/** Plain numbers of a training, as they go into a file. */
export interface TrainingCounters {
  readonly agentStep: number;
  /** Number of the running episode; the first is 1. */
  readonly episode: number;
  readonly updates: number;
  readonly learningFrom: number;
  readonly episodeSeed: number;
  readonly episodeReturn: number;
  readonly recentReturns: readonly number[];
  readonly solved: boolean;
}

/** All that a training needs to go on as if it had never stopped. */
export interface TrainingState {
  readonly counters: TrainingCounters;
  /** States of the three generators, 625 words each. */
  readonly random: Readonly<Record<RandomStream, Uint32Array>>;
  /** Actions since the running episode's reset. */
  readonly episodeActions: readonly number[];
  readonly learner: LearnerState;
  /** Left out when the memory is not kept. */
  readonly buffer?: ReplayState;
}

type RandomStream = 'exploration' | 'sampling' | 'episodes';

/**
 * The loop of DQN (Mnih et al. 2015, algorithm 1), taken apart into steps.
 *
 * Each episode is reset with a seed of its own. So its seed and actions are enough to bring any
 * environment back to where a saved training left it, and to watch any episode again.
 */
export class Training {
  readonly env: Env;
  readonly seed: number;
  readonly learner: Learner;
  readonly buffer: Replay & SavedReplay;
  /** Agent steps done. */
  agentStep = 0;
  /** Number of the running episode; the first is 1. */
  episode = 0;
  /** Gradient steps done. */
  updates = 0;
  /** The mean return has exceeded the config's `solvedReturn`. */
  solved = false;
  private readonly random: Readonly<Record<RandomStream, Mt19937>>;
  private currentConfig: DqnConfig;
  private observation: Uint8Array = new Uint8Array(0);
  private lives = 0;
  private learningFrom: number;
  private episodeSeed = 0;
  private episodeActions: number[] = [];
  private episodeReturn = 0;
  private recentReturns: number[] = [];

  constructor({
    env,
    config,
    seed,
    createLearner: create = createLearner,
    createReplay: remember = createReplay,
  }: TrainingOptions) {
    const [exploration, sampling, episodes, network] = seedSequence(seed, 4) as [
      number,
      number,
      number,
      number,
    ];
    const observationShape = env.observationSpace.shape;
    this.env = env;
    this.currentConfig = config;
    this.seed = seed;
    this.random = {
      exploration: new Mt19937(exploration),
      sampling: new Mt19937(sampling),
      episodes: new Mt19937(episodes),
    };
    this.learningFrom = config.learningStarts;
    this.buffer = remember({
      capacity: config.bufferSize,
      observationShape,
      batchSize: config.batchSize,
    });
    this.learner = create({
      config,
      observationShape,
      actions: env.actionSpace.n,
      seed: network,
    });
    // fixed from now on, so that a training resumed on another machine computes as it did
    if (config.engine === 'auto') {
      this.currentConfig = { ...config, engine: this.learner.engine.name };
    }
    this.startEpisode();
  }

  /** What holds for the next step; `engine` names the one that computes, also where "auto" chose it. */
  get config(): DqnConfig {
    return this.currentConfig;
  }

  /** All steps are done, or it is solved. */
  get finished(): boolean {
    return this.solved || this.agentStep >= this.config.totalSteps;
  }

  /** Probability of a random action at the next step. */
  get epsilon(): number {
    return epsilonAt(this.agentStep + 1, this.config);
  }

  /** Mean return of the last `solvedEpisodes` episodes, or of all while there are fewer; NaN before the first. */
  get meanReturn(): number {
    const { recentReturns } = this;
    return recentReturns.reduce((sum, value) => sum + value, 0) / recentReturns.length;
  }

  /**
   * One agent step: act, remember, learn when it is time to, copy the target network when it is time to.
   * @returns what happened, in order
   * @throws Error when the loss is not finite.
   */
  step(): TrainEvent[] {
    const { config, buffer, learner } = this;
    const taken = this.act();
    const events: TrainEvent[] = [taken];
    const { agentStep } = this;
    if (agentStep >= this.learningFrom && agentStep % config.trainFrequency === 0) {
      const { loss, meanQ } = learner.update(buffer.sample(this.random.sampling));
      this.updates++;
      events.push({ type: 'update', agentStep, update: this.updates, loss, meanQ });
    }
    if (agentStep % config.targetUpdateInterval === 0) learner.syncTarget();
    if (taken.terminated || taken.truncated) events.push(...this.endEpisode());
    return events;
  }

  /**
   * Changes values between two steps: those that CONFIG_FIELDS marks as changeable.
   * @throws ConfigError naming all that are wrong, unknown or fixed; nothing is changed then.
   */
  change(edits: Partial<DqnConfig>): void {
    const config = checkConfig({ ...this.config, ...edits });
    const fixed = (Object.keys(edits) as ConfigKey[]).filter(
      (field) => !CONFIG_FIELDS[field].changeable && edits[field] !== this.config[field],
    );
    if (fixed.length > 0) {
      throw new ConfigError(
        fixed.map((field) => ({
          field,
          expected: `${this.config[field]} until the end, as it cannot change while training`,
          got: edits[field],
        })),
      );
    }
    this.currentConfig = config;
    this.learner.learningRate = config.learningRate;
    if (edits.solvedReturn !== undefined) this.solved = false;
    this.recentReturns.splice(0, this.recentReturns.length - config.solvedEpisodes);
  }

  /** @param keepReplay false leaves the replay buffer out; its arrays are otherwise views, valid until the next step */
  state({ keepReplay }: { keepReplay: boolean }): TrainingState {
    const { exploration, sampling, episodes } = this.random;
    const { agentStep, episode, updates, learningFrom, episodeSeed, episodeReturn, solved } = this;
    return {
      counters: {
        agentStep,
        episode,
        updates,
        learningFrom,
        episodeSeed,
        episodeReturn,
        recentReturns: [...this.recentReturns],
        solved,
      },
      random: {
        exploration: exploration.save(),
        sampling: sampling.save(),
        episodes: episodes.save(),
      },
      episodeActions: [...this.episodeActions],
      learner: this.learner.state(),
      ...(keepReplay ? { buffer: this.buffer.state() } : {}),
    };
  }

  /**
   * Takes over a state. With the replay buffer's the training goes on bit for bit; without, it starts a
   * new episode and plays `learningStarts` steps before it learns again.
   */
  restore(state: TrainingState): void {
    const { counters, random, learner, buffer } = state;
    this.agentStep = counters.agentStep;
    this.episode = counters.episode;
    this.updates = counters.updates;
    this.learningFrom = counters.learningFrom;
    this.recentReturns = [...counters.recentReturns];
    this.solved = counters.solved;
    for (const stream of Object.keys(this.random) as RandomStream[]) {
      this.random[stream].restore(random[stream]);
    }
    this.learner.restore(learner);
    if (buffer === undefined) {
      this.learningFrom = this.agentStep + this.config.learningStarts;
      this.buffer.clear();
      this.episode--; // the new one takes its number
      this.startEpisode();
      return;
    }
    const { arrays } = this.buffer.restore(buffer.counters);
    for (const [name, values] of Object.entries(buffer.arrays)) arrays[name]!.set(values);
    this.replayEpisode({ seed: counters.episodeSeed, actions: state.episodeActions });
    this.episodeReturn = counters.episodeReturn;
  }

  /** Frees the learner's tensors. */
  dispose(): void {
    this.learner.dispose();
  }

  private act(): StepEvent {
    const { env, config, learner, buffer, observation, epsilon } = this;
    const action = selectAction({
      qValues: () => learner.qValues(observation),
      actions: env.actionSpace.n,
      epsilon,
      random: this.random.exploration,
    });
    const result = env.step(action);
    this.agentStep++;
    this.episodeActions.push(action);
    this.episodeReturn += result.reward;
    const { terminated } = result;
    const truncated = result.truncated || this.episodeActions.length >= config.maxEpisodeSteps;
    const lifeLost = result.info.lives < this.lives;
    buffer.add({
      action,
      reward: config.clipRewards ? Math.sign(result.reward) : result.reward,
      terminated: terminated || (config.lifeLossIsTerminal && lifeLost),
      truncated,
      nextObservation: result.observation,
    });
    this.follow(result);
    const { agentStep, episode } = this;
    const { reward, observation: next } = result;
    return {
      type: 'step',
      agentStep,
      episode,
      action,
      reward,
      epsilon,
      terminated,
      truncated,
      observation: next,
    };
  }

  private endEpisode(): TrainEvent[] {
    const { config, agentStep, episode, recentReturns } = this;
    recentReturns.push(this.episodeReturn);
    if (recentReturns.length > config.solvedEpisodes) recentReturns.shift();
    const { meanReturn } = this;
    const events: TrainEvent[] = [
      {
        type: 'episode',
        agentStep,
        episode,
        return: this.episodeReturn,
        length: this.episodeActions.length,
        meanReturn,
        epsilon: this.epsilon,
      },
    ];
    const enough = recentReturns.length === config.solvedEpisodes;
    if (enough && config.solvedReturn !== null && meanReturn > config.solvedReturn) {
      this.solved = true;
      events.push({ type: 'solved', agentStep, episode, meanReturn });
    }
    this.startEpisode();
    return events;
  }

  private startEpisode(): void {
    this.episode++;
    this.replayEpisode({ seed: this.random.episodes.nextUint32(), actions: [] });
    this.episodeReturn = 0;
    this.buffer.startEpisode(this.observation);
  }

  private replayEpisode({ seed, actions }: { seed: number; actions: readonly number[] }): void {
    this.episodeSeed = seed;
    this.episodeActions = [...actions];
    this.follow(this.env.reset({ seed }));
    for (const action of actions) this.follow(this.env.step(action));
  }

  private follow({
    observation,
    info,
  }: Pick<StepResult<Uint8Array>, 'observation' | 'info'>): void {
    this.observation = observation;
    this.lives = info.lives;
  }
}
