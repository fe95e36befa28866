/** Replay memory for a million transitions of play in a tenth of a gigabyte. */
import type { Mt19937 } from '../../random';
import { MIN_PICTURES_PER_BLOCK, PictureStore, type PictureStoreCounters } from './picture-store';
import type { Outcome, Replay, ReplayState, SavedHead, SavedReplay, SpanBatch } from './replay';
import type { ReplayBufferOptions } from './replay-buffer';
import { checkArrays, checkBatchSize, checkHead } from './saved-memory';
import { type Span, TransitionRing, type TransitionRingCounters } from './transition-ring';

type ReplayMemoryCounters = ReplayState['counters'] & PictureStoreCounters & TransitionRingCounters;

/** More than 4 million pictures of Breakout. */
const DEFAULT_MAX_BYTES = 450_000_000;

export interface ReplayMemoryOptions extends ReplayBufferOptions {
  /**
   * Most bytes for pictures, up to 2 GiB; 450 million unless told. Play takes a fraction of it; pictures
   * that have little in common reach it, and then the memory keeps fewer of them: see `pictures`.
   */
  readonly maxBytes?: number;
  /** Transitions from an observation to the next one; 1 unless told, at most 255. */
  readonly nSteps?: number;
  /** What a reward counts one step later; needed when `nSteps` is more than 1. */
  readonly gamma?: number;
}

/**
 * A `ReplayBuffer` with compressed pictures: to the last bit the same batches for the same play and
 * the same seed. Breakout takes about 100 bytes a transition in place of 7,067.
 *
 * When pictures do not compress, `maxBytes` is reached before `capacity`: then the oldest pictures go
 * earlier, some dozens at once, as if the capacity were smaller.
 *
 * With `nSteps` n, next observations come n steps later and rewards are the discounted sum on the way
 * (Sutton 1988; Hessel et al. 2018). A row takes fewer steps where its episode ends, and where play has
 * not gone on yet; its `steps` tells how many.
 */
export class ReplayMemory implements Replay, SavedReplay {
  readonly capacity: number;
  readonly nSteps: number;
  readonly gamma: number;
  private readonly stack: number;
  private readonly pictureSize: number;
  private readonly store: PictureStore;
  private readonly ring: TransitionRing;
  private readonly batch: SpanBatch;
  private readonly slots: Int32Array;
  private readonly span: Span = { steps: 0, reward: 0, terminated: false, truncated: false };

  /** @throws RangeError when an option is out of its range. */
  constructor(options: ReplayMemoryOptions) {
    const { capacity, observationShape, batchSize, maxBytes = DEFAULT_MAX_BYTES } = options;
    const { nSteps = 1, gamma = nSteps === 1 ? 1 : Number.NaN } = options;
    const [stack, height, width] = observationShape as [number, number, number];
    const pictureSize = height * width;
    if (stack >= MIN_PICTURES_PER_BLOCK) {
      throw new RangeError(
        `an observation must stack fewer than ${MIN_PICTURES_PER_BLOCK} pictures, got ${stack}`,
      );
    }
    if (!Number.isInteger(capacity) || capacity <= stack) {
      throw new RangeError(
        `capacity must be a whole number above the stack of ${stack} pictures, got ${capacity}`,
      );
    }
    if (!Number.isInteger(nSteps) || nSteps < 1 || nSteps > 255) {
      throw new RangeError(`nSteps must be a whole number of 1 to 255, got ${nSteps}`);
    }
    if (!(gamma >= 0 && gamma <= 1)) {
      throw new RangeError(`gamma must be 0 to 1 for ${nSteps} steps, got ${options.gamma}`);
    }
    checkBatchSize(batchSize);
    this.capacity = capacity;
    this.nSteps = nSteps;
    this.gamma = gamma;
    this.stack = stack;
    this.pictureSize = pictureSize;
    this.store = new PictureStore({ capacity, pictureSize, maxBytes });
    this.ring = new TransitionRing({ capacity, stack });
    this.slots = new Int32Array(batchSize);
    this.batch = {
      size: batchSize,
      observations: new Uint8Array(batchSize * stack * pictureSize),
      actions: new Int32Array(batchSize),
      rewards: new Float32Array(batchSize),
      nextObservations: new Uint8Array(batchSize * stack * pictureSize),
      terminateds: new Uint8Array(batchSize),
      truncateds: new Uint8Array(batchSize),
      steps: new Uint8Array(batchSize),
    };
  }

  /** Transitions that can be sampled. */
  get length(): number {
    return this.ring.length;
  }

  /** Pictures kept now: `capacity` when full, or fewer when they fill `maxBytes`. */
  get pictures(): number {
    return this.ring.filled;
  }

  /** Bytes of memory in use, all included. */
  get residentBytes(): number {
    const { observations, nextObservations } = this.batch;
    const batch = observations.length + nextObservations.length;
    return this.store.residentBytes + this.ring.residentBytes + batch;
  }

  /**
   * An episode begins.
   * @param observation [stack, height, width] uint8: its first picture, repeated
   * @throws RangeError when its pictures differ or the size is wrong.
   */
  startEpisode(observation: Uint8Array): void {
    this.checkSize(observation);
    for (let i = this.pictureSize; i < observation.length; i++) {
      if (observation[i] !== observation[i - this.pictureSize]) {
        throw new RangeError(
          "an episode's first observation must repeat one picture, got different ones: " +
            'stack with the padding "reset"',
        );
      }
    }
    this.push({ observation, history: 0 });
  }

  /**
   * What the latest observation led to; it starts a transition to the next one.
   * @throws Error before the first episode's start.
   */
  add({ nextObservation, ...outcome }: Outcome): void {
    const { ring } = this;
    if (ring.filled === 0) {
      throw new Error('add() before the first episode: call startEpisode() first');
    }
    this.checkSize(nextObservation);
    const history = Math.min(ring.historyOf(ring.newest) + 1, this.stack - 1);
    ring.record(outcome);
    this.push({ observation: nextObservation, history });
  }

  /**
   * Transitions drawn uniformly, with replacement, among all that are stored.
   * @throws Error when none is stored.
   */
  sample(random: Mt19937): SpanBatch {
    const { ring, slots, batch } = this;
    if (ring.length === 0) throw new Error('sample() from an empty memory: add a transition first');
    for (let row = 0; row < slots.length; row++) slots[row] = ring.draw(random);
    for (let row = 0; row < slots.length; row++) this.read({ slot: slots[row]!, row });
    return batch;
  }

  clear(): void {
    this.ring.clear();
    this.store.clear();
  }

  state(): ReplayState {
    const { ring, store, capacity, stack, pictureSize } = this;
    const arrays = { ...store.arrays(ring.reach), ...ring.arrays() };
    const counters = { capacity, stack, pictureSize, ...store.counters(), ...ring.counters() };
    return { kind: 'ReplayMemory', counters, arrays };
  }

  restore(saved: SavedHead): ReplayState {
    const { ring, store } = this;
    const sizes = ['capacity', 'stack', 'pictureSize', 'blocks'];
    checkHead({ saved, mine: this.state(), sizes });
    const counters = saved.counters as ReplayMemoryCounters;
    if (!ring.fits(counters) || !store.fits(counters)) {
      throw new RangeError(
        `a memory of ${this.capacity} pictures cannot take over ${JSON.stringify(counters)}: ` +
          'these are not the counters of one',
      );
    }
    const { reach, touchedBlocks } = counters;
    const arrays = { ...store.arrays(reach, touchedBlocks), ...ring.arrays(reach) };
    checkArrays({ saved, arrays });
    ring.restore(counters);
    store.restore(counters);
    return this.state();
  }

  verify(): void {
    const { ring, store } = this;
    ring.verify();
    store.verify({ first: ring.oldest, count: ring.filled });
  }

  private push({ observation, history }: { observation: Uint8Array; history: number }): void {
    const { ring, store } = this;
    if (ring.filled === this.capacity) this.forget();
    while (store.full) this.forget();
    const picture = observation.subarray(observation.length - this.pictureSize);
    store.write({ slot: ring.next, picture });
    ring.push(history);
  }

  private forget(): void {
    this.store.free(this.ring.oldest);
    this.ring.forget();
  }

  /** Writes one transition into a row of the batch. */
  private read({ slot, row }: { slot: number; row: number }): void {
    const { batch, ring, span, nSteps: steps, gamma } = this;
    ring.follow({ slot, steps, gamma, span });
    this.readStack({ newest: slot, into: batch.observations, row });
    const next = ring.slotAfter(slot, span.steps);
    this.readStack({ newest: next, into: batch.nextObservations, row });
    batch.actions[row] = ring.actionOf(slot);
    batch.rewards[row] = span.reward;
    batch.terminateds[row] = span.terminated ? 1 : 0;
    batch.truncateds[row] = span.truncated ? 1 : 0;
    batch.steps[row] = span.steps;
  }

  /** A stack that reaches back before its episode's start repeats the first picture there. */
  private readStack({
    newest,
    into,
    row,
  }: {
    newest: number;
    into: Uint8Array;
    row: number;
  }): void {
    const { stack, pictureSize, ring, store } = this;
    const history = ring.historyOf(newest);
    const start = row * stack * pictureSize;
    const at = start + (stack - 1 - history) * pictureSize;
    const slot = ring.slotAfter(newest, this.capacity - history);
    store.read({ slot, count: history + 1, into, at });
    for (let to = start; to < at; to += pictureSize) into.copyWithin(to, at, at + pictureSize);
  }

  private checkSize(observation: Uint8Array): void {
    const size = this.stack * this.pictureSize;
    if (observation.length !== size) {
      throw new RangeError(`an observation must have ${size} bytes, got ${observation.length}`);
    }
  }
}
