/** Seeded random generators that give the same numbers as NumPy's and the C++ standard library's. */

const MT_WORDS = 624;
const MT_SHIFT = 397;

/**
 * MT19937, the 32-bit Mersenne Twister with single-word seeding: `std::mt19937` in C++, the raw
 * output of NumPy's legacy `RandomState(seed)`.
 * Source: Matsumoto and Nishimura 1998, with the initialisation of their 2002 reference code.
 */
export class Mt19937 {
  /** The length of a saved state. */
  static readonly STATE_WORDS = MT_WORDS + 1;
  private readonly words = new Uint32Array(MT_WORDS);
  private index = MT_WORDS;

  /** @param seed a whole number; its lowest 32 bits count. */
  constructor(seed: number) {
    this.seed(seed);
  }

  /** Starts again as a new generator with this seed would. */
  seed(seed: number): void {
    const words = this.words;
    words[0] = seed >>> 0;
    for (let i = 1; i < MT_WORDS; i++) {
      const previous = words[i - 1]! ^ (words[i - 1]! >>> 30);
      words[i] = Math.imul(previous, 1812433253) + i;
    }
    this.index = MT_WORDS;
  }

  /** A whole number in [0, 2^32). */
  nextUint32(): number {
    if (this.index >= MT_WORDS) this.twist();
    let value = this.words[this.index++]!;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    value ^= value >>> 18;
    return value >>> 0;
  }

  /** A number in [0, 1) made of one 32-bit output. */
  nextDouble(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }

  /** The state as 625 words: the 624 of the algorithm, then the position among them. */
  save(): Uint32Array {
    const state = new Uint32Array(MT_WORDS + 1);
    state.set(this.words);
    state[MT_WORDS] = this.index;
    return state;
  }

  /** Takes over what `save` returned. @throws RangeError when it is not such a state. */
  restore(state: Uint32Array): void {
    if (state.length !== MT_WORDS + 1 || state[MT_WORDS]! > MT_WORDS) {
      throw new RangeError(
        `a Mersenne Twister's state must be 625 words with a position of at most 624, got ` +
          `${state.length} words and position ${state[MT_WORDS]}`,
      );
    }
    this.words.set(state.subarray(0, MT_WORDS));
    this.index = state[MT_WORDS]!;
  }

  private twist(): void {
    const words = this.words;
    for (let i = 0; i < MT_WORDS; i++) {
      const next = i + 1 < MT_WORDS ? i + 1 : 0;
      const far = i + MT_SHIFT < MT_WORDS ? i + MT_SHIFT : i + MT_SHIFT - MT_WORDS;
      const mixed = (words[i]! & 0x80000000) | (words[next]! & 0x7fffffff);
      words[i] = words[far]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
    this.index = 0;
  }
}

/**
 * The first `count` 32-bit words of NumPy's `SeedSequence(seed).generate_state(count)`.
 *
 * @param seed a whole number from 0 to Number.MAX_SAFE_INTEGER
 * @throws RangeError when the seed is not such a number.
 */
export function seedSequence(seed: number, count: number): number[] {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${seed}`,
    );
  }
  const entropy = [seed >>> 0, Math.floor(seed / 0x1_0000_0000)];
  let hashConstant = 0x43b0d7e5;
  const hash = (word: number): number => {
    let value = word ^ hashConstant;
    hashConstant = Math.imul(hashConstant, 0x931e8875);
    value = Math.imul(value, hashConstant);
    return value ^ (value >>> 16);
  };
  const mix = (a: number, b: number): number => {
    const value = Math.imul(0xca01f9dd, a) - Math.imul(0x4973f715, b);
    return value ^ (value >>> 16);
  };

  const pool = [0, 1, 2, 3].map((i) => hash(entropy[i] ?? 0));
  for (let source = 0; source < 4; source++) {
    for (let target = 0; target < 4; target++) {
      if (source !== target) pool[target] = mix(pool[target]!, hash(pool[source]!));
    }
  }

  const words: number[] = [];
  let outputConstant = 0x8b51f9dd;
  for (let i = 0; i < count; i++) {
    let value = pool[i % 4]! ^ outputConstant;
    outputConstant = Math.imul(outputConstant, 0x58f38ded);
    value = Math.imul(value, outputConstant);
    words.push((value ^ (value >>> 16)) >>> 0);
  }
  return words;
}

const PCG_MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const MASK_64 = (1n << 64n) - 1n;
const MASK_128 = (1n << 128n) - 1n;

/** The whole state of a `Pcg64`. `half` is the unused half of the last 64-bit output, or null. */
export interface Pcg64State {
  readonly state: bigint;
  readonly increment: bigint;
  readonly half: number | null;
}

/**
 * NumPy's `Generator(PCG64(SeedSequence(seed)))`: a 128-bit linear congruential generator with the
 * XSL-RR output. Gymnasium's `np_random` is one; it draws a few numbers an episode, so BigInt is fast enough.
 * Source: O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient ... Generators".
 */
export class Pcg64 {
  private state = 0n;
  private increment = 1n;
  private half: number | null = null;

  constructor(seed: number) {
    // 8 words are 4 numbers of 64 bits, low word first
    const words = seedSequence(seed, 8).map(BigInt);
    const quad = (i: number) => words[2 * i]! | (words[2 * i + 1]! << 32n);
    const start = (quad(0) << 64n) | quad(1);
    this.increment = ((((quad(2) << 64n) | quad(3)) << 1n) | 1n) & MASK_128;
    this.advance();
    this.state = (this.state + start) & MASK_128;
    this.advance();
  }

  /** A whole number in [0, 2^32): each 64-bit output serves two requests, its low half first. */
  nextUint32(): number {
    if (this.half !== null) {
      const value = this.half;
      this.half = null;
      return value;
    }
    const output = this.nextUint64();
    this.half = Number(output >> 32n);
    return Number(output & 0xffffffffn);
  }

  /**
   * NumPy's `integers(low, high)`: a whole number in [low, high), all equally likely (Lemire 2019).
   *
   * @throws RangeError when the range is empty or not below 2^32 wide.
   */
  integers(low: number, high: number): number {
    const range = high - low;
    if (!Number.isInteger(low) || !Number.isInteger(high) || range < 1 || range >= 0x1_0000_0000) {
      throw new RangeError(
        `integers(low, high) needs whole numbers, low < high, got ${low}, ${high}`,
      );
    }
    if (range === 1) return low; // NumPy draws nothing here
    const threshold = (0x1_0000_0000 - range) % range;
    for (;;) {
      const product = BigInt(this.nextUint32()) * BigInt(range);
      if (Number(product & 0xffffffffn) >= threshold) return low + Number(product >> 32n);
    }
  }

  save(): Pcg64State {
    return { state: this.state, increment: this.increment, half: this.half };
  }

  /** @throws RangeError when the increment is even: numbers then repeat early, or are all the same. */
  restore(saved: Pcg64State): void {
    if ((saved.increment & 1n) === 0n) {
      throw new RangeError(`a PCG64's increment must be odd, got ${saved.increment}`);
    }
    this.state = saved.state;
    this.increment = saved.increment;
    this.half = saved.half;
  }

  private advance(): void {
    this.state = (this.state * PCG_MULTIPLIER + this.increment) & MASK_128;
  }

  private nextUint64(): bigint {
    this.advance();
    const folded = (this.state >> 64n) ^ (this.state & MASK_64);
    const rotation = this.state >> 122n;
    return ((folded >> rotation) | (folded << (64n - rotation))) & MASK_64;
  }
}
