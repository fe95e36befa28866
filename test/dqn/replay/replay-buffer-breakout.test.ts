/** Pictures of played Breakout come back exactly from compressed memory, in a fraction of the bytes. */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import { makeBreakout } from '../../../lib/env/breakout';
import { Mt19937 } from '../../../lib/random';
import { BallPlayer } from '../../helpers/ball-player';

const CAPACITY = 2500;

test('keeps played Breakout exactly, in a fraction of its bytes', () => {
  const env = makeBreakout({ seed: 1 });
  const observationShape = env.observationSpace.shape;
  const options = { capacity: CAPACITY, observationShape, batchSize: 32 };
  const memory = new ReplayBuffer({ ...options, compress: true });
  const buffer = new ReplayBuffer(options);
  const [forMemory, forBuffer] = [new Mt19937(2), new Mt19937(2)];
  const player = new BallPlayer(3);
  let fresh = true;
  for (let i = 0; i < 4000; i++) {
    if (fresh) {
      const { observation } = env.reset();
      memory.startEpisode(observation);
      buffer.startEpisode(observation);
      fresh = false;
    } else {
      const action = player.act(env, i < 1500 ? 1 : 0.02);
      const { observation: nextObservation, ...result } = env.step(action);
      memory.add({ action, ...result, nextObservation });
      buffer.add({ action, ...result, nextObservation });
      fresh = result.terminated || result.truncated;
    }
    if (i % 50 === 49) {
      const equal = isDeepStrictEqual(memory.sample(forMemory), buffer.sample(forBuffer));
      expect(equal, `the batch after ${i} pictures`).toBe(true);
    }
  }
  const batchBytes = 2 * 32 * 4 * 84 * 84;
  const bytesPerPicture = (memory.residentBytes - batchBytes) / CAPACITY;
  expect(memory.pictures).toBe(CAPACITY);
  expect(bytesPerPicture).toBeLessThan(500); // most of it is the unused part of the newest block
});
