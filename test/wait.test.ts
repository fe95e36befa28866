/** A wait for another thread goes on when a wake-up comes without a change. */
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { waitWhile } from '../lib/wait';

/** Wakes the waiting thread up three times for nothing, then for a change. */
const WAKER = `
const { workerData: numbers } = require('node:worker_threads');
const sleep = new Int32Array(new SharedArrayBuffer(4));
for (let i = 0; i < 4; i++) {
  Atomics.wait(sleep, 0, 0, 50);
  if (i === 3) Atomics.store(numbers, 1, 8);
  Atomics.notify(numbers, 1);
}`;

test('a wait ends with the change, not with the first wake-up', async () => {
  const numbers = new Int32Array(new SharedArrayBuffer(8));
  numbers[1] = 7;
  const waker = new Worker(WAKER, { eval: true, workerData: numbers });
  onTestFinished(async () => void (await waker.terminate()));
  expect(waitWhile(numbers, { index: 1, value: 7 })).toBe(true);
  expect(numbers[1]).toBe(8);
});

test('a wait does not begin when the number is another one already, and ends with its time', () => {
  const numbers = new Int32Array(new SharedArrayBuffer(4));
  expect(waitWhile(numbers, { index: 0, value: 1 })).toBe(true);
  const start = performance.now();
  expect(waitWhile(numbers, { index: 0, value: 0, timeoutMs: 60 })).toBe(false);
  expect(performance.now() - start).toBeGreaterThan(59);
});
