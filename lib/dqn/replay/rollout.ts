/** The memory of PQN: the steps of several games since the last phase of learning. */
import type { Mt19937 } from '../../random';
import { GOES_ON, lambdaReturns, TERMINATED, TRUNCATED } from '../equations/lambda-returns';
import { argmax } from '../equations/policy';
import type { FitBatch, Outcome, ReplayState, SavedHead, SavedReplay } from './replay';
import { checkArrays, checkHead } from './saved-memory';

export interface RolloutOptions {
  readonly numEnvs: number;
  /** Steps of each game. */
  readonly steps: number;
  /** [stack, height, width] of an observation. */
  readonly observationShape: readonly number[];
  readonly actions: number;
}

/** What one step of one game led to; `nextObservation` is the next episode's first where one has ended. */
export interface RolloutStep extends Outcome {
  readonly game: number;
  /** Values of all actions in the episode's last observation; given where it was cut off. */
  readonly lastQ?: Float32Array;
}

/** A row is one step of one game: first the first step of all games, then the second step of all, ... */
export class Rollout implements SavedReplay {
  readonly numEnvs: number;
  readonly steps: number;
  /** Transitions in a full rollout. */
  readonly capacity: number;
  private readonly actionCount: number;
  private readonly observationSize: number;
  private readonly observations: Uint8Array; // [steps + 1, numEnvs, stack, height, width]
  private readonly qValues: Float32Array; // [steps + 1, numEnvs, actions]
  private readonly actions: Int32Array; // [steps, numEnvs]
  private readonly rewards: Float32Array; // [steps, numEnvs]
  private readonly ends: Uint8Array; // [steps, numEnvs]
  private readonly nextValues: Float32Array; // [steps, numEnvs]
  private readonly order: Int32Array;
  private done = 0; // steps of all games

  constructor({ numEnvs, steps, observationShape, actions }: RolloutOptions) {
    this.numEnvs = numEnvs;
    this.steps = steps;
    this.capacity = numEnvs * steps;
    this.actionCount = actions;
    this.observationSize = observationShape.reduce((a, b) => a * b);
    const rows = this.capacity + numEnvs;
    this.observations = new Uint8Array(rows * this.observationSize);
    this.qValues = new Float32Array(rows * actions);
    this.actions = new Int32Array(this.capacity);
    this.rewards = new Float32Array(this.capacity);
    this.ends = new Uint8Array(this.capacity);
    this.nextValues = new Float32Array(this.capacity);
    this.order = new Int32Array(this.capacity);
  }

  /** Transitions stored. */
  get length(): number {
    return this.done * this.numEnvs;
  }

  get isFull(): boolean {
    return this.done === this.steps;
  }

  /** A view of the games' current observations, [numEnvs, stack, height, width]. */
  get latest(): Uint8Array {
    const { numEnvs, observationSize, length } = this;
    return this.observations.subarray(
      length * observationSize,
      (length + numEnvs) * observationSize,
    );
  }

  /** Sets a game's current observation. */
  begin({ game, observation }: { game: number; observation: Uint8Array }): void {
    this.latest.set(observation, game * this.observationSize);
  }

  /**
   * Adds a step of all games.
   * @param qValues [numEnvs * actions] of the current observations
   * @throws Error when the rollout is full.
   */
  add(qValues: Float32Array, taken: readonly RolloutStep[]): void {
    if (this.isFull) throw new Error('add() to a full rollout: learn from it and call startOver()');
    this.qValues.set(qValues, this.length * this.actionCount);
    for (const { game, action, reward, terminated, truncated, lastQ } of taken) {
      const row = this.length + game;
      this.actions[row] = action;
      this.rewards[row] = reward;
      this.ends[row] = terminated ? TERMINATED : truncated ? TRUNCATED : GOES_ON;
      this.nextValues[row] = lastQ ? lastQ[argmax(lastQ)]! : 0;
    }
    this.done++;
    for (const { game, nextObservation } of taken) {
      this.begin({ game, observation: nextObservation });
    }
  }

  /**
   * The lambda-returns: what the values of the actions taken are fitted to.
   * @param lastQ [numEnvs * actions] of the current observations
   * @returns [steps * numEnvs], the caller's
   * @throws Error when the rollout is not full.
   */
  targets({
    lastQ,
    gamma,
    lambda,
  }: {
    lastQ: Float32Array;
    gamma: number;
    lambda: number;
  }): Float32Array {
    if (!this.isFull) {
      throw new Error(`targets() after ${this.done} of ${this.steps} steps: add the others first`);
    }
    const { rewards, ends, nextValues, numEnvs, actionCount } = this;
    this.qValues.set(lastQ, this.length * actionCount);
    ends.forEach((end, row) => {
      if (end === GOES_ON) nextValues[row] = this.bestValue(row + numEnvs);
    });
    return lambdaReturns({ rewards, ends, nextValues, numEnvs, gamma, lambda });
  }

  /** All rows once, in random order; `size` must divide their number. The next batch reuses the arrays. */
  *batches({
    size,
    targets,
    random,
  }: {
    size: number;
    targets: Float32Array;
    random: Mt19937;
  }): Generator<FitBatch, void, undefined> {
    const { order, actions, observationSize } = this;
    shuffle(order, random);
    const rows = new Int32Array(size);
    const pictures = new Uint8Array(size * observationSize);
    const copyPictures = () => this.copyPictures(rows, pictures);
    const batch = {
      ...{ size, rows, actions: new Int32Array(size), targets: new Float32Array(size) },
      get observations() {
        return copyPictures(); // only for a learner that has not kept them
      },
    };
    for (let first = 0; first < order.length; first += size) {
      rows.set(order.subarray(first, first + size));
      rows.forEach((row, i) => {
        batch.actions[i] = actions[row]!;
        batch.targets[i] = targets[row]!;
      });
      yield batch;
    }
  }

  private copyPictures(rows: Int32Array, into: Uint8Array): Uint8Array {
    const { observations, observationSize } = this;
    rows.forEach((row, i) => {
      const start = row * observationSize;
      into.set(observations.subarray(start, start + observationSize), i * observationSize);
    });
    return into;
  }

  /** Forgets everything but the current observations. */
  startOver(): void {
    this.observations.copyWithin(0, this.length * this.observationSize);
    this.done = 0;
  }

  state(): ReplayState {
    const { numEnvs, steps, observationSize, actionCount, done } = this;
    const counters = { numEnvs, steps, observationSize, actionCount, done };
    return { kind: 'Rollout', counters, arrays: this.arrays(done) };
  }

  restore(saved: SavedHead): ReplayState {
    const sizes = ['numEnvs', 'steps', 'observationSize', 'actionCount'];
    checkHead({ saved, mine: this.state(), sizes });
    const done = saved.counters.done!;
    if (done < 0 || done > this.steps) {
      throw new RangeError(
        `a rollout of ${this.steps} steps cannot take over ${done}: use another file`,
      );
    }
    checkArrays({ saved, arrays: this.arrays(done) });
    this.done = done;
    return this.state();
  }

  verify(): void {
    const { actionCount, done } = this;
    const { actions, ends } = this.arrays(done);
    const areActions = actions.every((action) => action >= 0 && action < actionCount);
    if (areActions && ends.every((end) => end <= TRUNCATED)) return;
    throw new RangeError(`a saved rollout must have actions below ${actionCount} and known ends`);
  }

  clear(): void {
    this.done = 0;
  }

  /** Views of the first `done` steps of all games, and of the observations after them. */
  private arrays(done: number) {
    const { observations, qValues, actions, rewards, ends, nextValues, numEnvs } = this;
    const length = done * numEnvs;
    return {
      observations: observations.subarray(0, (length + numEnvs) * this.observationSize),
      qValues: qValues.subarray(0, length * this.actionCount),
      actions: actions.subarray(0, length),
      rewards: rewards.subarray(0, length),
      ends: ends.subarray(0, length),
      nextValues: nextValues.subarray(0, length),
    };
  }

  /** max over a of Q(s, a) */
  private bestValue(row: number): number {
    const { qValues, actionCount } = this;
    return qValues[argmax(qValues, row * actionCount, (row + 1) * actionCount)]!;
  }
}

/** Fills with 0 ... length - 1 in random order (Fisher and Yates). */
function shuffle(order: Int32Array, random: Mt19937): void {
  for (let i = 0; i < order.length; i++) {
    const j = Math.floor(random.nextDouble() * (i + 1));
    order[i] = order[j]!;
    order[j] = i;
  }
}
