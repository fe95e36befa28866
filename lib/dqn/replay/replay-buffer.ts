/** Replay memory: a ring of single uint8 pictures, from which stacks are put together when sampled. */
import { constants } from 'node:buffer';
import type { Mt19937 } from '../../random';
import type {
  Batch,
  Outcome,
  Replay,
  ReplayArrays,
  ReplayState,
  SavedHead,
  SavedReplay,
} from './replay';
import { checkArrays, checkBatchSize, checkHead } from './saved-memory';
import { checkSlots } from './transition-ring';

export interface ReplayBufferOptions {
  /** Pictures kept: one for each transition and one more for each episode. */
  readonly capacity: number;
  /** [stack, height, width] of an observation. */
  readonly observationShape: readonly number[];
  /** Transitions in a sample. */
  readonly batchSize: number;
}

/**
 * Stores each picture once: stacks overlap, and so do an observation and the next one.
 *
 * A stack that reaches back before its episode's start repeats the first picture there, as Gymnasium's
 * FrameStackObservation does; it never mixes two episodes. A picture takes height * width + 11 bytes.
 */
export class ReplayBuffer implements Replay, SavedReplay {
  readonly capacity: number;
  private readonly stack: number;
  private readonly pictureSize: number;
  private readonly pictures: Uint8Array; // [capacity, height, width]
  /** Pictures before this one in its episode, counted up to stack - 1. */
  private readonly history: Uint8Array;
  /** 1 where a transition starts whose pictures are all still there. */
  private readonly usable: Uint8Array;
  private readonly actions: Int32Array;
  private readonly rewards: Float32Array;
  /** What ended the transition: 0 nothing, 1 terminated, 2 truncated, 3 both. */
  private readonly ends: Uint8Array;
  private readonly batch: Batch;
  private readonly slots: Int32Array;
  private next = 0; // where the next picture goes
  private filled = 0; // pictures stored
  private count = 0; // transitions that can be sampled

  /**
   * @throws RangeError when the capacity does not exceed the stack or is more than one array can hold,
   *   or the batch size is none.
   */
  constructor({ capacity, observationShape, batchSize }: ReplayBufferOptions) {
    const [stack, height, width] = observationShape as [number, number, number];
    const pictureSize = height * width;
    const most = Math.floor(constants.MAX_LENGTH / pictureSize);
    if (!Number.isInteger(capacity) || capacity <= stack || capacity > most) {
      throw new RangeError(
        `capacity must be a whole number above the stack of ${stack} pictures and at most ${most}, got ${capacity}`,
      );
    }
    checkBatchSize(batchSize);
    this.capacity = capacity;
    this.stack = stack;
    this.pictureSize = pictureSize;
    this.pictures = new Uint8Array(capacity * pictureSize);
    this.history = new Uint8Array(capacity);
    this.usable = new Uint8Array(capacity);
    this.actions = new Int32Array(capacity);
    this.rewards = new Float32Array(capacity);
    this.ends = new Uint8Array(capacity);
    this.slots = new Int32Array(batchSize);
    this.batch = {
      size: batchSize,
      observations: new Uint8Array(batchSize * stack * pictureSize),
      actions: new Int32Array(batchSize),
      rewards: new Float32Array(batchSize),
      nextObservations: new Uint8Array(batchSize * stack * pictureSize),
      terminateds: new Uint8Array(batchSize),
    };
  }

  /** Transitions that can be sampled. */
  get length(): number {
    return this.count;
  }

  /**
   * An episode begins.
   * @param observation [stack, height, width] uint8: its first picture, repeated
   * @throws RangeError when its pictures differ or the size is wrong.
   */
  startEpisode(observation: Uint8Array): void {
    this.checkSize(observation);
    for (let i = 0; i < observation.length; i++) {
      if (observation[i] !== observation[i % this.pictureSize]) {
        throw new RangeError(
          "an episode's first observation must repeat one picture, got different ones: " +
            'stack with the padding "reset"',
        );
      }
    }
    this.store({ observation, history: 0 });
  }

  /**
   * What the latest observation led to; it starts a transition to the next one.
   * @throws Error before the first episode's start.
   */
  add({ action, reward, terminated, truncated, nextObservation }: Outcome): void {
    if (this.filled === 0)
      throw new Error('add() before the first episode: call startEpisode() first');
    this.checkSize(nextObservation);
    const slot = this.slotBefore(this.next);
    this.actions[slot] = action;
    this.rewards[slot] = reward;
    this.ends[slot] = (terminated ? 1 : 0) + (truncated ? 2 : 0);
    const history = Math.min(this.history[slot]! + 1, this.stack - 1);
    this.usable[slot] = 1;
    this.count++;
    this.store({ observation: nextObservation, history });
  }

  /**
   * Transitions drawn uniformly, with replacement, among all that are stored.
   * @throws Error when none is stored.
   */
  sample(random: Mt19937): Batch {
    if (this.count === 0) throw new Error('sample() from an empty buffer: add a transition first');
    for (let i = 0; i < this.slots.length; ) {
      const slot = Math.floor(random.nextDouble() * this.filled);
      if (this.usable[slot] === 1) this.slots[i++] = slot; // a few pictures start no transition: draw again
    }
    this.slots.forEach((slot, row) => {
      this.read(slot, row);
    });
    return this.batch;
  }

  /** All that `restore` needs; the arrays are the buffer's own. */
  state(): ReplayState {
    const { capacity, stack, pictureSize, next, filled, count: length } = this;
    return {
      kind: 'ReplayBuffer',
      counters: { capacity, stack, pictureSize, next, filled, length },
      arrays: this.arrays(filled),
    };
  }

  restore(saved: SavedHead): ReplayState {
    const { capacity } = this;
    checkHead({ saved, mine: this.state(), sizes: ['capacity', 'stack', 'pictureSize'] });
    const { next, filled, length } = saved.counters;
    const isCount = (value: number | undefined): value is number =>
      Number.isInteger(value) && value! >= 0 && value! <= capacity;
    if (
      !isCount(next) ||
      !isCount(filled) ||
      !isCount(length) ||
      length > filled ||
      // a ring that is not full has never wrapped, so its next picture follows the last
      !(filled === capacity ? next < capacity : next === filled)
    ) {
      throw new RangeError(
        `a replay buffer of ${capacity} pictures cannot take over ${filled} pictures with the next ` +
          `at ${next} and ${length} transitions: use another file`,
      );
    }
    checkArrays({ saved, arrays: this.arrays(filled) });
    this.next = next;
    this.filled = filled;
    this.count = length;
    this.usable.fill(0, filled);
    return this.state();
  }

  verify(): void {
    const { capacity, stack, next, filled, count: length } = this;
    checkSlots({ capacity, stack, next, filled, length, ...this.arrays(filled) });
  }

  clear(): void {
    this.next = this.filled = this.count = 0;
    this.usable.fill(0);
  }

  /** Views of as many pictures and what belongs to them. */
  private arrays(filled: number) {
    const { pictures, history, usable, actions, rewards, ends } = this;
    return {
      pictures: pictures.subarray(0, filled * this.pictureSize),
      history: history.subarray(0, filled),
      usable: usable.subarray(0, filled),
      actions: actions.subarray(0, filled),
      rewards: rewards.subarray(0, filled),
      ends: ends.subarray(0, filled),
    } satisfies ReplayArrays;
  }

  private store({ observation, history }: { observation: Uint8Array; history: number }): void {
    const slot = this.next;
    if (this.filled === this.capacity) this.forget(slot);
    const newest = observation.subarray(observation.length - this.pictureSize);
    this.pictures.set(newest, slot * this.pictureSize);
    this.history[slot] = history;
    this.usable[slot] = 0;
    this.next = (slot + 1) % this.capacity;
    this.filled = Math.min(this.filled + 1, this.capacity);
  }

  /** The oldest picture goes, and with it each transition whose observation begins with it. */
  private forget(oldest: number): void {
    for (let age = 0; age < this.stack; age++) {
      const slot = (oldest + age) % this.capacity;
      if (this.usable[slot] === 1 && this.history[slot] === age) {
        this.usable[slot] = 0;
        this.count--;
      }
    }
  }

  /** Writes one transition into a row of the batch. */
  private read(slot: number, row: number): void {
    const { batch } = this;
    this.readStack({ newest: slot, into: batch.observations, row });
    this.readStack({ newest: (slot + 1) % this.capacity, into: batch.nextObservations, row });
    batch.actions[row] = this.actions[slot]!;
    batch.rewards[row] = this.rewards[slot]!;
    batch.terminateds[row] = this.ends[slot]! & 1;
  }

  private readStack({
    newest,
    into,
    row,
  }: {
    newest: number;
    into: Uint8Array;
    row: number;
  }): void {
    const { stack, pictureSize, pictures } = this;
    const history = this.history[newest]!;
    for (let channel = 0; channel < stack; channel++) {
      const back = Math.min(stack - 1 - channel, history);
      const start = ((newest - back + this.capacity) % this.capacity) * pictureSize;
      const picture = pictures.subarray(start, start + pictureSize);
      into.set(picture, (row * stack + channel) * pictureSize);
    }
  }

  private slotBefore(slot: number): number {
    return (slot + this.capacity - 1) % this.capacity;
  }

  private checkSize(observation: Uint8Array): void {
    const size = this.stack * this.pictureSize;
    if (observation.length !== size) {
      throw new RangeError(`an observation must have ${size} bytes, got ${observation.length}`);
    }
  }
}
