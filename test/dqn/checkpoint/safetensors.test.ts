/** A safetensors file has the bytes that the format's description asks for, put together by hand. */
import { expect, test } from 'vitest';
import { encodeSafetensors, networkSafetensors } from '../../../lib/dqn/checkpoint/safetensors';
import { createToyNetwork } from '../../helpers/toy-network';

test('a file is the length of its head, the head, and the numbers, as the format wants it', () => {
  const bytes = encodeSafetensors({
    tensors: [
      { name: 'a', shape: [2, 1], values: Float32Array.of(1, -2) },
      { name: 'b', shape: [], values: Float32Array.of(0.5) },
    ],
    metadata: { format: 'tf' },
  });
  const head =
    '{"__metadata__":{"format":"tf"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
    '"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}';
  const length = Math.ceil(head.length / 8) * 8;
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from([length, 0, 0, 0, 0, 0, 0, 0]));
  expect(bytes.toString('latin1', 8, 8 + length)).toBe(head.padEnd(length, ' '));
  // 1 = 0x3f800000, -2 = 0xc0000000, 0.5 = 0x3f000000, little-endian
  const numbers = [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f];
  expect([...bytes.subarray(8 + length)]).toEqual(numbers);
});

test('a network has names by layer and its weights as they are', () => {
  const network = createToyNetwork({ observationShape: [2, 4, 4], actions: 3, seed: 1 });
  const bytes = networkSafetensors(network);
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__, ...tensors } = JSON.parse(bytes.toString('utf8', 8, end));
  expect(__metadata__.input).toBe('[batch, 4, 4, 2], pictures oldest first');
  const shapes = Object.entries<{ shape: number[] }>(tensors).map(([name, { shape }]) => [
    name,
    shape,
  ]);
  expect(Object.fromEntries(shapes)).toEqual({
    'layer1.kernel': [32, 32],
    'layer1.bias': [32],
    'layer2.kernel': [32, 3],
    'layer2.bias': [3],
  });
  const [start, stop] = tensors['layer2.kernel'].data_offsets as [number, number];
  const values = new Float32Array(Uint8Array.from(bytes.subarray(end + start, end + stop)).buffer);
  expect(values).toEqual(network.layers.at(-1)!.getWeights()[0]!.dataSync());
});
