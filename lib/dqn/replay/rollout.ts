/** What several games played since the last phase of learning: the memory of PQN. */
import type { Mt19937 } from '../../random';
import { GOES_ON, lambdaReturns, TRUNCATED } from '../equations/lambda-returns';
import type { FitBatch, ReplayState, SavedHead, SavedReplay } from './replay';
import { checkArrays, checkHead } from './saved-memory';

export interface RolloutOptions {
  readonly numEnvs: number;
  /** Steps of each game. */
  readonly steps: number;
  /** [stack, height, width] of an observation. */
  readonly observationShape: readonly number[];
  readonly actions: number;
}

/** What one step of one game led to. */
export interface RolloutStep {
  readonly game: number;
  readonly action: number;
  readonly reward: number;
  /** GOES_ON, TERMINATED or TRUNCATED. */
  readonly end: number;
  /** The first of the next episode where one has ended. */
  readonly nextObservation: Uint8Array;
  /** Of the observation that a truncated episode ended with. */
  readonly lastValue?: number;
}

/** Rows are steps: all games' first one, then all games' second one, and so on. */
export class Rollout implements SavedReplay {
  readonly numEnvs: number;
  readonly steps: number;
  /** Transitions when it is full. */
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

  /** The games' latest observations, [numEnvs, stack, height, width]; its own memory, to be filled and read. */
  get latest(): Uint8Array {
    const { numEnvs, observationSize, length } = this;
    return this.observations.subarray(
      length * observationSize,
      (length + numEnvs) * observationSize,
    );
  }

  /** A game's latest observation is this one. */
  begin({ game, observation }: { game: number; observation: Uint8Array }): void {
    this.latest.set(observation, game * this.observationSize);
  }

  /** Adds a step of all games. @param qValues [numEnvs * actions] of the latest observations */
  add(qValues: Float32Array, taken: readonly RolloutStep[]): void {
    if (this.isFull) throw new Error('add() to a full rollout: learn from it and call startOver()');
    this.qValues.set(qValues, this.length * this.actionCount);
    for (const { game, action, reward, end, lastValue = 0 } of taken) {
      const row = this.length + game;
      this.actions[row] = action;
      this.rewards[row] = reward;
      this.ends[row] = end;
      this.nextValues[row] = lastValue;
    }
    this.done++;
    for (const { game, nextObservation } of taken) {
      this.begin({ game, observation: nextObservation });
    }
  }

  /**
   * What the values of the actions taken shall become.
   * @param lastQ [numEnvs * actions] of the latest observations
   * @returns [steps * numEnvs]
   * @throws Error when it is not full.
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
    if (!this.isFull)
      throw new Error(`targets() after ${this.done} of ${this.steps} steps: add all`);
    const { rewards, ends, nextValues, numEnvs, actionCount } = this;
    this.qValues.set(lastQ, this.length * actionCount);
    ends.forEach((end, row) => {
      if (end === GOES_ON) nextValues[row] = this.bestValue(row + numEnvs);
    });
    return lambdaReturns({ rewards, ends, nextValues, numEnvs, gamma, lambda });
  }

  /** All rows once, in random order; `size` divides their number. */
  *batches({
    size,
    targets,
    random,
  }: {
    size: number;
    targets: Float32Array;
    random: Mt19937;
  }): Generator<FitBatch, void, undefined> {
    const { order, observations, observationSize, actions } = this;
    shuffle(order, random);
    const batch = {
      size,
      observations: new Uint8Array(size * observationSize),
      actions: new Int32Array(size),
      targets: new Float32Array(size),
    };
    for (let first = 0; first < order.length; first += size) {
      for (let i = 0; i < size; i++) {
        const row = order[first + i]!;
        const start = row * observationSize;
        const observation = observations.subarray(start, start + observationSize);
        batch.observations.set(observation, i * observationSize);
        batch.actions[i] = actions[row]!;
        batch.targets[i] = targets[row]!;
      }
      yield batch;
    }
  }

  /** Forgets all but the latest observations. */
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

  /** Views of as many steps of all games, and of the observations that follow. */
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

  private bestValue(row: number): number {
    const { qValues, actionCount } = this;
    let best = qValues[row * actionCount]!;
    for (let i = 1; i < actionCount; i++) {
      best = Math.max(best, qValues[row * actionCount + i]!);
    }
    return best;
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
