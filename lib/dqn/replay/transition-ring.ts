/**
 * The transitions of a replay memory: for each picture its place in an episode, and what followed it.
 *
 * Environments give whole stacks of pictures, as Gymnasium's interface asks for; a memory takes the
 * newest picture out of each and builds the stacks again when it samples. Neighbouring stacks share all
 * pictures but one, so each picture is stored once and not once for every stack that it is in.
 */
import type { Mt19937 } from '../../random';
import { TERMINATED, TRUNCATED } from '../equations/lambda-returns';
import type { Outcome } from './replay';

/** Where the ring stands; the meaning is that of `TransitionRing`'s fields. */
export interface TransitionRingCounters {
  readonly next: number;
  readonly filled: number;
  readonly reach: number;
  readonly length: number;
}

/** Some transitions in a row, from one observation to a later one. */
export interface Span {
  /** Transitions in the row. */
  steps: number;
  /** R = r_1 + gamma r_2 + ... + gamma^(steps - 1) r_steps */
  reward: number;
  terminated: boolean;
  truncated: boolean;
}

/**
 * A ring of slots, one for each picture: the transition that starts with it, if there is one, and
 * whether the pictures of its observation are all still there.
 */
export class TransitionRing {
  readonly capacity: number;
  readonly stack: number;
  /** Where the next picture goes. */
  next = 0;
  /** Pictures in the ring; the oldest is in slot `next - filled`. */
  filled = 0;
  /** Slots that have ever been used: from 0 on. */
  reach = 0;
  /** Transitions that can be sampled. */
  length = 0;
  /** Pictures before this one in its episode, counted up to stack - 1. */
  private readonly history: Uint8Array;
  /** 1 where a transition starts whose pictures are all still there. */
  private readonly usable: Uint8Array;
  private readonly actions: Int32Array;
  private readonly rewards: Float32Array;
  private readonly ends: Uint8Array; // sums of TERMINATED and TRUNCATED

  constructor({ capacity, stack }: { capacity: number; stack: number }) {
    this.capacity = capacity;
    this.stack = stack;
    this.history = new Uint8Array(capacity);
    this.usable = new Uint8Array(capacity);
    this.actions = new Int32Array(capacity);
    this.rewards = new Float32Array(capacity);
    this.ends = new Uint8Array(capacity);
  }

  get residentBytes(): number {
    return this.capacity * (3 + this.actions.BYTES_PER_ELEMENT + this.rewards.BYTES_PER_ELEMENT);
  }

  /** The oldest picture's slot. */
  get oldest(): number {
    return this.slotAfter(this.next, this.capacity - this.filled);
  }

  /** The newest picture's slot. */
  get newest(): number {
    return this.slotAfter(this.next, this.capacity - 1);
  }

  slotAfter(slot: number, steps: number): number {
    return (slot + steps) % this.capacity;
  }

  /** Pictures of the same episode that a stack takes from before this slot: up to stack - 1. */
  historyOf(slot: number): number {
    return this.history[slot]!;
  }

  actionOf(slot: number): number {
    return this.actions[slot]!;
  }

  /**
   * A picture takes the next slot; forget the oldest first when the ring is full.
   * @param history pictures before it in its episode, up to stack - 1
   */
  push(history: number): void {
    const slot = this.next;
    this.history[slot] = history;
    this.usable[slot] = 0;
    this.next = this.slotAfter(slot, 1);
    this.filled++;
    this.reach = Math.max(this.reach, slot + 1);
  }

  /** How the transition to the newest picture ended; nothing if the picture starts an episode. */
  get latestEnd(): { readonly terminated: boolean; readonly truncated: boolean } {
    const slot = this.slotAfter(this.next, this.capacity - 2);
    const end = this.usable[slot] === 1 ? this.ends[slot]! : 0;
    return { terminated: (end & TERMINATED) !== 0, truncated: (end & TRUNCATED) !== 0 };
  }

  /** What followed the newest picture: it now starts a transition. */
  record({ action, reward, terminated, truncated }: Outcome): void {
    const slot = this.newest;
    this.actions[slot] = action;
    this.rewards[slot] = reward;
    this.ends[slot] = (terminated ? TERMINATED : 0) + (truncated ? TRUNCATED : 0);
    this.usable[slot] = 1;
    this.length++;
  }

  /** The oldest picture goes, and with it each transition whose observation begins with it. */
  forget(): void {
    const { oldest } = this;
    for (let age = 0; age < this.stack; age++) {
      const slot = this.slotAfter(oldest, age);
      if (this.usable[slot] === 1 && this.history[slot] === age) {
        this.usable[slot] = 0;
        this.length--;
      }
    }
    this.filled--;
  }

  /** The slot of a transition, all equally likely; there must be one. */
  draw(random: Mt19937): number {
    for (;;) {
      const slot = Math.floor(random.nextDouble() * this.reach);
      if (this.usable[slot] === 1) return slot; // a few pictures start no transition: draw again
    }
  }

  /**
   * Follows an episode from a transition on for at most `steps` transitions: it stops where the
   * episode ends, by itself or cut off, and where nothing more is known yet.
   */
  follow({
    slot,
    steps,
    gamma,
    span,
  }: {
    slot: number;
    steps: number;
    gamma: number;
    /** Receives the result. */
    span: Span;
  }): void {
    let discount = 1;
    let reward = 0;
    let ends = 0;
    let count = 0;
    while (ends === 0 && count < steps && this.usable[slot] === 1) {
      reward += discount * this.rewards[slot]!;
      ends = this.ends[slot]!;
      discount *= gamma;
      slot = this.slotAfter(slot, 1);
      count++;
    }
    span.steps = count;
    span.reward = reward;
    span.terminated = (ends & TERMINATED) !== 0;
    span.truncated = (ends & TRUNCATED) !== 0;
  }

  clear(): void {
    this.restore({ next: 0, filled: 0, reach: 0, length: 0 });
  }

  counters(): TransitionRingCounters {
    const { next, filled, reach, length } = this;
    return { next, filled, reach, length };
  }

  /** Views of all slots ever used, `reach` of them. */
  arrays(reach = this.reach) {
    const { history, usable, actions, rewards, ends } = this;
    return {
      history: history.subarray(0, reach),
      usable: usable.subarray(0, reach),
      actions: actions.subarray(0, reach),
      rewards: rewards.subarray(0, reach),
      ends: ends.subarray(0, reach),
    };
  }

  /** Whether counters can be those of a ring of this capacity. */
  fits({ next, filled, reach, length }: TransitionRingCounters): boolean {
    const { capacity } = this;
    const inOrder = 0 <= length && length <= filled && filled <= reach && reach <= capacity;
    // a ring that has not wrapped yet has used the slots before the next one
    const isReached = reach === capacity || reach === next;
    return inOrder && isReached && next >= 0 && next < capacity;
  }

  /**
   * @throws RangeError when the arrays were filled with what a ring cannot hold. A wrong number of
   *   transitions, for example, would let a search for one go on for ever.
   */
  verify(): void {
    const { capacity, stack, next, filled, reach, length, history, usable, ends } = this;
    let transitions = 0;
    for (let slot = 0; slot < reach; slot++) {
      if (usable[slot] === 0) continue;
      const age = (slot - next + filled + capacity) % capacity; // 0: the oldest picture
      const before = history[slot]!;
      const isWhole = usable[slot] === 1 && ends[slot]! <= TERMINATED + TRUNCATED && before < stack;
      const isThere = before <= age && age < filled - 1;
      const goesOn = history[(slot + 1) % capacity] === Math.min(before + 1, stack - 1);
      if (!isWhole || !isThere || !goesOn) {
        throw new RangeError(`a saved memory cannot have such a transition in slot ${slot}`);
      }
      transitions++;
    }
    if (transitions === length) return;
    throw new RangeError(
      `a saved memory says that it has ${length} transitions, and ${transitions} were found`,
    );
  }

  /** Takes over counters that fit; what `arrays` gives is to be filled next. */
  restore({ next, filled, reach, length }: TransitionRingCounters): void {
    this.next = next;
    this.filled = filled;
    this.reach = reach;
    this.length = length;
    this.usable.fill(0, reach);
  }
}
