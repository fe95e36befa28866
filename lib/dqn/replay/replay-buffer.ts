/** Replay memory: a ring of single uint8 pictures, from which stacks are put together when sampled. */
import type { Mt19937 } from '../../random';
import { CompressedPictures, DEFAULT_MAX_BYTES } from './compressed-pictures';
import type { PictureStore, PictureStoreCounters } from './picture-store';
import { PlainPictures } from './plain-pictures';
import type { Outcome, Replay, ReplayState, SavedHead, SavedReplay, SpanBatch } from './replay';
import { checkOptions, type ReplayBufferOptions } from './replay-options';
import { checkArrays, checkHead, fromVersion010 } from './saved-memory';
import { type Span, TransitionRing, type TransitionRingCounters } from './transition-ring';

/** Kinds in a saved state. */
const PLAIN = 'plain ReplayBuffer';
const COMPRESSED = 'compressed ReplayBuffer';

/** Most bytes of pictures kept plain by default: 141,723 pictures of 84x84. */
const MAX_PLAIN_BYTES = 1_000_000_000;

/**
 * Stores each picture once: stacks overlap, and so do an observation and the next one.
 *
 * A stack that reaches back before its episode's start repeats the first picture there, as Gymnasium's
 * FrameStackObservation does; it never mixes two episodes. A plain picture takes height * width + 11
 * bytes.
 *
 * With `nSteps` n, next observations come n steps later and rewards are the discounted sum on the way
 * (Sutton 1988; Hessel et al. 2018). A row takes fewer steps where its episode ends, and where play has
 * not gone on yet; its `steps` says how many.
 */
export class ReplayBuffer implements Replay, SavedReplay {
  readonly capacity: number;
  readonly nSteps: number;
  readonly gamma: number;
  private readonly maxBytes: number;
  private readonly stack: number;
  private readonly pictureSize: number;
  private store: PictureStore;
  private readonly ring: TransitionRing;
  private readonly batch: SpanBatch;
  private readonly slots: Int32Array;
  private readonly span: Span = { steps: 0, reward: 0, terminated: false, truncated: false };

  /** @throws RangeError when an option is out of its range. */
  constructor(options: ReplayBufferOptions) {
    const { capacity, observationShape, batchSize, maxBytes = DEFAULT_MAX_BYTES } = options;
    const { nSteps = 1, gamma = 1 } = options;
    const [stack, height, width] = observationShape as [number, number, number];
    const pictureSize = height * width;
    const { compress = capacity * pictureSize > MAX_PLAIN_BYTES } = options;
    checkOptions({ ...options, nSteps, compress });
    this.capacity = capacity;
    this.nSteps = nSteps;
    this.gamma = gamma;
    this.maxBytes = maxBytes;
    this.stack = stack;
    this.pictureSize = pictureSize;
    this.store = this.createStore(compress);
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

  /** Whether pictures are kept compressed: as in the options, or as in a state that `restore` took over. */
  get compress(): boolean {
    return this.store instanceof CompressedPictures;
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
   * @param observation [stack, height, width] uint8, copied: its first picture, repeated
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
   * @throws Error before an episode's start, and after its end.
   * @throws RangeError when the observation's size is wrong, the action is not a whole number of at
   *   least 0 or the reward is not finite.
   */
  add(outcome: Outcome): void {
    const { ring } = this;
    const { action, reward, nextObservation } = outcome;
    this.checkSize(nextObservation);
    if (!Number.isInteger(action) || action < 0) {
      throw new RangeError(
        `an action must be a whole number of at least 0, got ${action}: pass its number in the action space`,
      );
    }
    if (!Number.isFinite(reward)) {
      throw new RangeError(`a reward must be a finite number, got ${reward}: check what made it`);
    }
    this.checkEpisode(nextObservation);
    const history = Math.min(ring.historyOf(ring.newest) + 1, this.stack - 1);
    ring.record(outcome);
    this.push({ observation: nextObservation, history });
  }

  /**
   * Transitions drawn uniformly, with replacement, among all that are stored.
   * @returns arrays that belong to the buffer and are reused by the next sample: copy them to keep them
   * @throws Error when none is stored.
   */
  sample(random: Mt19937): SpanBatch {
    const { ring, slots, batch } = this;
    if (ring.length === 0) throw new Error('sample() from an empty buffer: add a transition first');
    for (let row = 0; row < slots.length; row++) slots[row] = ring.draw(random);
    for (let row = 0; row < slots.length; row++) this.read({ slot: slots[row]!, row });
    return batch;
  }

  clear(): void {
    this.ring.clear();
    this.store.clear();
  }

  state(): ReplayState {
    return this.stateWith(this.store);
  }

  private stateWith(store: PictureStore): ReplayState {
    const { ring, capacity, stack, pictureSize } = this;
    return {
      kind: store instanceof CompressedPictures ? COMPRESSED : PLAIN,
      counters: { capacity, stack, pictureSize, ...store.counters(), ...ring.counters() },
      arrays: { ...store.arrays(ring.reach), ...ring.arrays() },
    };
  }

  restore(head: SavedHead): ReplayState {
    const { ring } = this;
    const saved = fromVersion010(head);
    const isOther = saved.kind === (this.compress ? PLAIN : COMPRESSED);
    const store = isOther ? this.createStore(!this.compress) : this.store;
    const sizes = ['capacity', 'stack', 'pictureSize', 'blocks'];
    checkHead({ saved, mine: this.stateWith(store), sizes });
    const counters = saved.counters as PictureStoreCounters & TransitionRingCounters;
    if (!ring.fits(counters) || !store.fits(counters)) {
      throw new RangeError(
        `a replay buffer of ${this.capacity} pictures cannot take over the counters ` +
          `${JSON.stringify(counters)}, as none can have them: use another file`,
      );
    }
    const { reach } = counters;
    checkArrays({ saved, arrays: { ...store.arrays(reach, counters), ...ring.arrays(reach) } });
    this.store = store;
    ring.restore(counters);
    store.restore(counters);
    return this.state();
  }

  verify(): void {
    const { ring, store } = this;
    ring.verify();
    store.verify({ first: ring.oldest, count: ring.filled });
  }

  private createStore(compress: boolean): PictureStore {
    const { capacity, pictureSize, maxBytes } = this;
    return compress
      ? new CompressedPictures({ capacity, pictureSize, maxBytes })
      : new PlainPictures({ capacity, pictureSize });
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
      throw new RangeError(
        `an observation must have ${size} bytes, got ${observation.length}: pass whole stacks of the ` +
          'shape that the buffer was created with',
      );
    }
  }

  /** @throws Error unless an episode is going on that the next observation belongs to. */
  private checkEpisode(nextObservation: Uint8Array): void {
    const { ring } = this;
    if (ring.filled === 0) {
      throw new Error('add() before the first episode: call startEpisode() first');
    }
    const { terminated, truncated } = ring.latestEnd;
    if (!truncated && (!terminated || this.continuesNewest(nextObservation))) return;
    throw new Error(
      "add() after the episode's end: expected the next episode's start, got another transition: call " +
        'startEpisode() with the first observation of each episode',
    );
  }

  /**
   * Whether an observation is the latest one moved on by one picture, as when a transition was
   * terminal for learning only, as after a lost life. Always true for a stack of one picture.
   */
  private continuesNewest(nextObservation: Uint8Array): boolean {
    const { stack, pictureSize, ring, store } = this;
    if (stack === 1) return true;
    const newest = new Uint8Array(pictureSize);
    store.read({ slot: ring.newest, count: 1, into: newest, at: 0 });
    const start = (stack - 2) * pictureSize;
    return newest.every((byte, i) => byte === nextObservation[start + i]);
  }
}
