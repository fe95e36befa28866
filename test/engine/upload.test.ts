/** Bytes of observations become TensorFlow tensors in the layout that a plain loop works out. */
import { expect, test } from 'vitest';
import { nodeBackend } from '../../lib/engine/binding';
import { tf } from '../../lib/engine/tensorflow';
import { observationTensor } from '../../lib/engine/upload';

const SHAPE = [2, 3, 4, 5] as const; // batch, stack, height, width

test('turns [batch, stack, height, width] bytes into [batch, height, width, stack] floats', () => {
  const observations = Uint8Array.from({ length: 120 }, (_, i) => (i * 37) % 256);
  const tensor = observationTensor({ observations, shape: SHAPE });
  expect(tensor.shape).toEqual([2, 4, 5, 3]);
  expect(tensor.dtype).toBe('float32');
  const at = tensor.arraySync();
  for (let b = 0; b < 2; b++)
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 5; x++) {
          expect(at[b]![y]![x]![c]).toBe(observations[((b * 3 + c) * 4 + y) * 5 + x]);
        }
});

test('lets the bytes be reused at once', () => {
  const memory = new ArrayBuffer(120 + 64);
  for (let offset = 0; offset < 64; offset++) {
    // one of 64 offsets is aligned so that TensorFlow uses the array's own memory
    const observations = new Uint8Array(memory, offset, 120).fill(7);
    const tensor = observationTensor({ observations, shape: SHAPE });
    observations.fill(9);
    expect(new Set(tensor.dataSync())).toEqual(new Set([7]));
    tensor.dispose();
  }
});

test('leaves one tensor and one handle', () => {
  const observations = new Uint8Array(120);
  observationTensor({ observations, shape: SHAPE }).dispose();
  const { binding } = nodeBackend();
  const before = [binding.getNumOfTensors(), tf.memory().numTensors] as const;
  const tensor = observationTensor({ observations, shape: SHAPE });
  expect([binding.getNumOfTensors(), tf.memory().numTensors]).toEqual([
    before[0] + 1,
    before[1] + 1,
  ]);
  tensor.dispose();
  expect([binding.getNumOfTensors(), tf.memory().numTensors]).toEqual(before);
});

test('refuses bytes that do not fill the shape', () => {
  const observations = new Uint8Array(119);
  expect(() => observationTensor({ observations, shape: SHAPE })).toThrow(
    /120 bytes for the shape \[2,3,4,5\], got 119/,
  );
});
