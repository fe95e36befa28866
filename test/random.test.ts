/** The generators give the numbers of the C++ standard, of NumPy and of Gymnasium's seeding. */
import { describe, expect, it } from 'vitest';
import { Mt19937, Pcg64, seedSequence } from '../lib/random';

describe('Mt19937', () => {
  it('gives the 10,000th output that the C++ standard states for the seed 5489', () => {
    const random = new Mt19937(5489);
    for (let i = 1; i < 10_000; i++) random.nextUint32();
    expect(random.nextUint32()).toBe(4123659995);
  });

  it("starts ALE's own generator with NumPy's numbers", () => {
    const random = new Mt19937(4753849);
    const outputs = [3205607096, 2794184854, 4236690624, 2047087177];
    expect(outputs.map(() => random.nextUint32())).toEqual(outputs);
  });

  it('makes one double of one output', () => {
    const random = new Mt19937(2669555309);
    const doubles = [0.50275383, 0.73690801, 0.94568121, 0.25357211, 0.03590246, 0.70276604];
    for (const double of doubles) expect(random.nextDouble()).toBeCloseTo(double, 8);
  });

  it('goes on from a saved state as if it had not been saved', () => {
    const random = new Mt19937(7);
    for (let i = 0; i < 1000; i++) random.nextUint32();
    const saved = random.save();
    const next = [random.nextUint32(), random.nextUint32()];
    const other = new Mt19937(0);
    other.restore(saved);
    expect([other.nextUint32(), other.nextUint32()]).toEqual(next);
  });

  it('refuses a state that is none', () => {
    expect(() => new Mt19937(0).restore(new Uint32Array(3))).toThrow(/must be 625 words.*got 3/);
  });
});

// NumPy 2.4: SeedSequence(seed).generate_state(2), then Generator(PCG64(SeedSequence(word 0)))
// .integers(1, 31) six times, as Gymnasium seeds an Atari environment.
const NUMPY = [
  { seed: 0, words: [2968811710, 3677149159], draws: [22, 1, 1, 30, 12, 24] },
  { seed: 1, words: [1835504127, 1731038949], draws: [5, 23, 30, 5, 2, 13] },
  { seed: 42, words: [3444837047, 2669555309], draws: [11, 29, 18, 22, 1, 15] },
  { seed: 123456789, words: [1315320158, 1391606125], draws: [1, 4, 1, 5, 23, 1] },
];

describe('seedSequence and Pcg64', () => {
  it.each(NUMPY)("equal NumPy's for seed $seed", ({ seed, words, draws }) => {
    expect(seedSequence(seed, 2)).toEqual(words);
    const random = new Pcg64(words[0]!);
    expect(draws.map(() => random.integers(1, 31))).toEqual(draws);
  });

  it('keeps the owed half of an output across save and restore', () => {
    const random = new Pcg64(2968811710);
    random.integers(1, 31);
    const other = new Pcg64(1);
    other.restore(random.save());
    expect([1, 1, 30, 12, 24].map(() => other.integers(1, 31))).toEqual([1, 1, 30, 12, 24]);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuse the seed %s', (seed) => {
    expect(() => seedSequence(seed, 2)).toThrow(RangeError);
  });

  it('refuse an empty range', () => {
    const saved = { ...new Pcg64(0).save(), increment: 4n };
    expect(() => new Pcg64(0).restore(saved)).toThrow('increment must be odd, got 4');
    expect(() => new Pcg64(0).integers(3, 3)).toThrow(/low < high, got 3, 3/);
  });
});
