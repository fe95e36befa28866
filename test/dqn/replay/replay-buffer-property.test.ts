/** Random play comes back from the replay memory as from a plain reference that forgets nothing. */
import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { blockBytesFor } from '../../../lib/dqn/replay/compressed-pictures';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import { Mt19937 } from '../../../lib/random';
import { copyState, type PictureKind, pick, RandomPlay } from '../../helpers/random-play';
import { ReplayReference, rowOf } from '../../helpers/replay-reference';

/** Each case is made from a seed of its own: set REPLAY_SEED to a failing one to run it alone. */
const SEED = process.env.REPLAY_SEED;
const SEEDS =
  SEED === undefined ? Array.from({ length: 1000 }, (_, i) => 1000 + i) : [Number(SEED)];

const KINDS: readonly PictureKind[] = ['moves', 'moves', 'moves', 'noise', 'still'];

/** The actions, which name the transitions, that a generator's state draws. */
function draw(memory: ReplayBuffer, state: Uint32Array): Int32Array {
  const random = new Mt19937(0);
  random.restore(state);
  return memory.sample(random).actions;
}

/** Plays a plain and a compressed memory over their capacity. @returns how many rows were compared */
function runCase(seed: number): number {
  const random = new Mt19937(seed);
  const stack = 1 + pick(random, 5);
  const capacity = stack + 1 + pick(random, pick(random, 2) === 0 ? 12 : 250);
  // now and then large enough for lengths and skips of two and three bytes
  const large = pick(random, 40) === 0;
  const [height, width] = large
    ? [1 + pick(random, 200), 1 + pick(random, 200)]
    : [1 + pick(random, 9), 1 + pick(random, 9)];
  const pictureSize = height * width;
  const nSteps = pick(random, 2) === 0 ? 1 : 1 + pick(random, 6);
  const gamma = 0.5; // keeps sums exact
  const blocks = pick(random, 3) === 0 ? 2 + pick(random, 3) : 1000;
  const batchSize = 1 + pick(random, 6);
  const create = (compress: boolean) =>
    new ReplayBuffer({
      capacity,
      observationShape: [stack, height, width],
      batchSize,
      compress,
      maxBytes: blocks * blockBytesFor(pictureSize),
      nSteps,
      gamma,
    });
  const reference = new ReplayReference({ stack, pictureSize, nSteps, gamma });
  const episodeLength = 1 + pick(random, 30);
  const play = new RandomPlay({ random, reference, pictureSize, episodeLength });
  let rows = 0;
  let compressed = create(true);
  let plain = create(false);
  const sampling = new Mt19937(seed);
  let kind: PictureKind = 'moves';
  const total = large ? 40 : 1 + pick(random, 4 * capacity);
  for (let i = 0; i < total; i++) {
    if (pick(random, 20) === 0) kind = KINDS[pick(random, KINDS.length)]!;
    play.step({ memories: [compressed, plain], kind });
    if (pick(random, 100) === 0) {
      const copies = [create(true), create(false)] as const;
      copyState({ from: compressed, to: copies[0] });
      copyState({ from: plain, to: copies[1] });
      [compressed, plain] = copies;
    }
    if (pick(random, 12) > 0 && i < total - 1) continue;

    const most = Math.min(i + 1, capacity);
    const sure = Math.min(most, 31 * (blocks - 1)); // whatever the pictures are
    assert.ok(
      compressed.pictures >= sure && compressed.pictures <= most,
      `keeps ${sure} to ${most} pictures, got ${compressed.pictures}`,
    );
    assert.equal(plain.pictures, most);
    const before = sampling.save();
    for (const memory of [plain, compressed]) {
      const alive = new Set(reference.alive(memory.pictures));
      assert.equal(memory.length, alive.size);
      if (alive.size === 0) continue;
      sampling.restore(before); // both draw with equal numbers
      const batch = memory.sample(sampling);
      for (let row = 0; row < batch.size; row++) {
        const action = batch.actions[row]!;
        assert.ok(alive.has(action), `draws only what is left, got number ${action}`);
        assert.deepEqual(rowOf({ batch, row }), reference.row(action));
        rows++;
      }
    }
    if (compressed.pictures < most || plain.length === 0) continue;
    assert.deepEqual([...draw(compressed, before)], [...draw(plain, before)]);
  }
  return rows;
}

test(`holds what a plain reference does, in ${SEEDS.length} random cases of play`, () => {
  let rows = 0;
  for (const seed of SEEDS) {
    try {
      rows += runCase(seed);
    } catch (error) {
      throw new Error(`the case of seed ${seed} fails: run it with REPLAY_SEED=${seed}`, {
        cause: error,
      });
    }
  }
  expect(rows).toBeGreaterThan(0);
}, 300_000);
