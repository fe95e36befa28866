/** The base class of all trainings: playing, counting, ending, changing and saving. */
import { Mt19937, seedSequence } from '../../random';
import { mean } from '../../statistics';
import { ConfigError, findProblems } from '../config/check-config';
import {
  CONFIG_FIELDS,
  type ConfigEdits,
  type ConfigKey,
  fieldsOf,
  type TrainingConfig,
} from '../config/config';
import { epsilonAt, learningRateAt } from '../config/schedule';
import { selectAction } from '../equations/policy';
import { rectification } from '../equations/radam';
import type { Learner, LearnerState } from '../learner/learner';
import type { Outcome, ReplayState, SavedReplay } from '../replay/replay';
import { headOf } from '../replay/saved-memory';
import type { EpisodeEvent, SolvedEvent, StepEvent, TrainEvent } from './events';
import type { Game, GameState } from './game';

/** The plain numbers of a training, as saved in a checkpoint. */
export interface TrainingCounters {
  readonly agentStep: number;
  /** Episodes started. */
  readonly episodes: number;
  readonly updates: number;
  readonly learningFrom: number;
  readonly recentReturns: readonly number[];
  readonly solved: boolean;
}

/** Everything a training needs to go on as if it had never stopped. */
export interface TrainingState {
  readonly counters: TrainingCounters;
  /** States of the three generators, 625 words each. */
  readonly random: Readonly<Record<RandomStream, Uint32Array>>;
  readonly games: readonly GameState[];
  readonly learner: LearnerState;
  /** The content of the memory; absent when it was not kept. */
  readonly buffer?: ReplayState;
}

export type RandomStream = 'exploration' | 'sampling' | 'episodes';

/** Derives the seeds of the generators and of the network's first weights from a training's seed. */
export function seedStreams(seed: number): Readonly<Record<RandomStream | 'network', number>> {
  const [exploration, sampling, episodes, network] = seedSequence(seed, 4);
  return {
    exploration: exploration!,
    sampling: sampling!,
    episodes: episodes!,
    network: network!,
  };
}

export interface TrainingOptions {
  readonly games: readonly Game[];
  readonly config: TrainingConfig;
  readonly seed: number;
  readonly learner: Learner;
  readonly memory: SavedReplay;
  readonly random: Readonly<Record<RandomStream, number>>;
}

/** An agent step that has begun. */
export interface Sent {
  readonly action: number;
  /** Its number, from 1. */
  readonly agentStep: number;
  /** The probability with which its action was random. */
  readonly epsilon: number;
}

/** What one agent step in one game led to. */
export interface Played {
  readonly event: StepEvent;
  /** What is learned from the step. */
  readonly outcome: Omit<Outcome, 'nextObservation'>;
}

/** A training in progress, advanced step by step. */
export abstract class Training<Config extends TrainingConfig = TrainingConfig> {
  readonly seed: number;
  readonly learner: Learner;
  /** What the training learns from: a replay memory for DQN, a rollout for PQN. */
  readonly memory: SavedReplay;
  /** Agent steps done. */
  agentStep = 0;
  /** Episodes started. */
  episodes = 0;
  /** Gradient steps done. */
  updates = 0;
  /** Whether the mean return has exceeded the config's `solvedReturn`. */
  solved = false;
  protected readonly games: readonly Game[];
  protected readonly random: Readonly<Record<RandomStream, Mt19937>>;
  /** The agent step before which there is no update. */
  protected learningFrom = 0;
  private currentConfig: Config;
  private recentReturns: number[] = [];

  constructor({ games, config, seed, learner, memory, random }: TrainingOptions) {
    this.games = games;
    this.seed = seed;
    this.learner = learner;
    this.memory = memory;
    this.random = {
      exploration: new Mt19937(random.exploration),
      sampling: new Mt19937(random.sampling),
      episodes: new Mt19937(random.episodes),
    };
    // fixed from now on, so that a training resumed on another machine computes the same
    const engine = config.engine === 'auto' ? learner.engine.name : config.engine;
    this.currentConfig = { ...config, engine } as Config;
  }

  /**
   * The smallest advance: one agent step in each game, and the learning that is due after it.
   * @returns what happened, in order
   * @throws Error when the loss is not finite.
   */
  abstract step(): TrainEvent[];

  /** Starts new episodes after `restore` without the memory. */
  protected abstract startWithoutMemory(): void;

  /** The values for the next step; `engine` is the actual one, also where "auto" chose it. */
  get config(): Config {
    return this.currentConfig;
  }

  /** Whether all steps are done, or the game is solved. */
  get finished(): boolean {
    return this.solved || this.agentStep >= this.config.totalSteps;
  }

  /** Probability of a random action at the next step. */
  get epsilon(): number {
    return epsilonAt(this.agentStep + 1, this.config);
  }

  /** Adam's step size for the next update, without RAdam's rectification. */
  get learningRate(): number {
    return learningRateAt(this.agentStep, this.config);
  }

  /** Mean return of the last `solvedEpisodes` episodes, or of all while there are fewer; NaN before the first. */
  get meanReturn(): number {
    return mean(this.recentReturns);
  }

  /**
   * Changes values between two steps; CONFIG_FIELDS marks the changeable ones.
   * @returns the values, checked
   * @throws ConfigError that names all wrong, unknown and fixed values; nothing has changed then.
   */
  change(edits: Readonly<Record<string, unknown>>): ConfigEdits {
    const before = this.config as unknown as Readonly<Record<string, unknown>>;
    const ofMethod = fieldsOf(this.config.method);
    const isFixed = ([field, value]: [string, unknown]) =>
      ofMethod.includes(field as ConfigKey) &&
      !CONFIG_FIELDS[field as ConfigKey].changeable &&
      value !== before[field];
    const fixed = Object.entries(edits).filter(isFixed);
    const others = Object.entries(edits).filter((edit) => !isFixed(edit));
    const config = { ...before, ...Object.fromEntries(others) };
    const problems = [
      ...fixed.map(([field, got]) => ({
        field,
        expected: `${before[field]} until the end, as it cannot change while training`,
        got,
      })),
      ...findProblems(config),
    ];
    if (problems.length > 0) throw new ConfigError(problems);
    this.currentConfig = config as unknown as Config;
    if (edits.solvedReturn !== undefined) this.solved = false;
    this.recentReturns.splice(0, this.recentReturns.length - this.config.solvedEpisodes);
    return edits;
  }

  /** @param keepReplay true includes the memory's arrays, as views valid until the next step */
  state({ keepReplay }: { keepReplay: boolean }): TrainingState {
    const { exploration, sampling, episodes: ofEpisodes } = this.random;
    const { agentStep, episodes, updates, learningFrom, recentReturns, solved } = this;
    return {
      counters: {
        agentStep,
        episodes,
        updates,
        learningFrom,
        recentReturns: [...recentReturns],
        solved,
      },
      random: {
        exploration: exploration.save(),
        sampling: sampling.save(),
        episodes: ofEpisodes.save(),
      },
      games: this.games.map((game) => game.state()),
      learner: this.learner.state(),
      ...(keepReplay ? { buffer: this.memory.state() } : {}),
    };
  }

  /**
   * Takes over a state. With the memory's content the training goes on bit for bit. Without it, the
   * training starts new episodes and plays as long as at its beginning before it learns again.
   * @throws RangeError when games, memory or network are of another size; the counters are then as before,
   *   but the training is of no more use.
   */
  restore(state: TrainingState): void {
    const { counters, random, learner, buffer } = state;
    if (state.games.length !== this.games.length) {
      throw new RangeError(
        `a training with ${this.games.length} games cannot take over ${state.games.length}: create ` +
          'it with the config it was saved with',
      );
    }
    const saved = buffer && this.memory.restore(headOf(buffer));
    this.learner.restore(learner);
    this.agentStep = counters.agentStep;
    this.episodes = counters.episodes;
    this.updates = counters.updates;
    this.learningFrom = counters.learningFrom;
    this.recentReturns = [...counters.recentReturns];
    this.solved = counters.solved;
    for (const stream of Object.keys(this.random) as RandomStream[]) {
      this.random[stream].restore(random[stream]);
    }
    if (buffer === undefined || saved === undefined) {
      this.memory.clear();
      this.episodes -= this.games.length; // the new episodes take their numbers
      this.startWithoutMemory();
      return;
    }
    for (const [name, values] of Object.entries(buffer.arrays)) saved.arrays[name]!.set(values);
    this.memory.verify();
    this.games.forEach((game, i) => {
      game.restore(state.games[i]!);
    });
  }

  /** Frees the learner's tensors. */
  dispose(): void {
    this.learner.dispose();
  }

  /** The learner's step size for the next update. */
  protected get stepSize(): number {
    const isRectified = this.config.optimizer === 'radam';
    return this.learningRate * (isRectified ? rectification(this.updates + 1) : 1);
  }

  /**
   * Begins an agent step in one game.
   * @param index the game's
   * @param qValues of its observation; called only when the action is not random
   */
  protected send(index: number, qValues: () => ArrayLike<number>): Sent {
    const { epsilon } = this;
    const game = this.games[index]!;
    const actions = game.env.actionSpace.n;
    const action = selectAction({ qValues, actions, epsilon, random: this.random.exploration });
    game.send(action);
    this.agentStep++;
    return { action, agentStep: this.agentStep, epsilon };
  }

  /**
   * Ends the agent step. What is learned from it follows the config: `clipRewards` leaves the reward's sign,
   * `lifeLossIsTerminal` makes a lost life an end.
   */
  protected receive(index: number, sent: Sent): Played {
    const { config } = this;
    const game = this.games[index]!;
    const { episode } = game;
    const { lifeLost, ...move } = game.receive(config.maxEpisodeSteps);
    const { action } = sent;
    return {
      event: { type: 'step', game: index, episode, ...sent, ...move },
      outcome: {
        action,
        reward: config.clipRewards ? Math.sign(move.reward) : move.reward,
        terminated: move.terminated || (config.lifeLossIsTerminal && lifeLost),
        truncated: move.truncated,
      },
    };
  }

  /** Starts the next episode in a game. */
  protected startEpisode(game: Game): void {
    this.episodes++;
    game.start({ episode: this.episodes, seed: this.random.episodes.nextUint32() });
  }

  /** Counts the episode that has ended in a game with an agent step. */
  protected endEpisode(game: Game, { agentStep }: Pick<Sent, 'agentStep'>): TrainEvent[] {
    const { config, recentReturns } = this;
    const { episode, length } = game;
    recentReturns.push(game.return);
    if (recentReturns.length > config.solvedEpisodes) recentReturns.shift();
    const { meanReturn } = this;
    const epsilon = epsilonAt(agentStep + 1, config);
    const ended: EpisodeEvent = {
      type: 'episode',
      agentStep,
      episode,
      return: game.return,
      length,
      meanReturn,
      epsilon,
    };
    const { solvedReturn, solvedEpisodes } = config;
    const isEnough = recentReturns.length === solvedEpisodes;
    if (!isEnough || solvedReturn === null || !(meanReturn > solvedReturn)) return [ended];
    this.solved = true;
    const solved: SolvedEvent = { type: 'solved', agentStep, episode, meanReturn };
    return [ended, solved];
  }
}
