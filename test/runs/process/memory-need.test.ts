/** The memory that a replay memory needs is that worked out by hand, and too little is refused. */
import { expect, test } from 'vitest';
import { createConfig } from '../../../lib/dqn/config/presets';
import { checkMemory, replayBytes } from '../../../lib/runs/process/memory-need';

const observationShape = [4, 84, 84];
const config = createConfig('nature'); // 1,000,000 pictures

test('a million plain pictures take 7 GB, compressed ones at most 0.5', () => {
  // 84 * 84 bytes and 20 beside them
  expect(replayBytes({ config, replay: 'plain', observationShape })).toBe(7_076_000_000);
  expect(replayBytes({ config, replay: 'compressed', observationShape })).toBe(470_000_000);
});

test('few pictures take no more compressed than plain', () => {
  const few = createConfig('quick', { bufferSize: 3000 });
  const sizes = (['plain', 'compressed'] as const).map((replay) =>
    replayBytes({ config: few, replay, observationShape }),
  );
  expect(sizes).toEqual([21_228_000, 21_228_000]);
});

test('too little memory is told with what is needed and what is free', () => {
  const check = (freeBytes: number) => () =>
    checkMemory({ config, replay: 'plain', observationShape, freeBytes });
  expect(check(7.5e9)).toThrow(
    'a replay memory of 1000000 pictures needs 7.9 GB of memory (7.1 GB for itself), 7.5 GB are free: ' +
      "choose replay: 'compressed', a smaller bufferSize, or end other programs",
  );
});

test('plain pictures that fit the memory but not one array are told with the field to change', () => {
  const check = (bufferSize: number, replay: 'plain' | 'compressed') => () =>
    checkMemory({
      config: createConfig('nature', { bufferSize }),
      replay,
      observationShape,
      freeBytes: 64e9,
      arrayBytes: 2 ** 32, // Node 20's
    });
  // 2^32 bytes / (84 * 84) = 608697.9
  expect(check(650_000, 'plain')).toThrow(
    'bufferSize must be at most the 608697 plain pictures that one array can hold, got 650000: ' +
      "choose replay: 'compressed' or a smaller bufferSize",
  );
  expect(check(608_697, 'plain')).not.toThrow();
  expect(check(1_000_000, 'compressed')).not.toThrow();
});
