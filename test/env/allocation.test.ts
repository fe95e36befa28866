/** A step of Breakout allocates next to nothing, measured by the use of Node's heap. */
import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { makeBreakout } from '../../lib/env/breakout';
import { VectorBreakout } from '../../lib/env/vector';

const STEPS = 1000;

/** The least that a thousand calls have allocated in several rounds without a collection, per call. */
async function measureAllocation(play: (steps: number) => void): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  play(4 * STEPS); // until all is compiled and translated

  const bytesPerStep: number[] = [];
  for (let round = 0; round < 8; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = collections;
    const heap = process.memoryUsage().heapUsed;
    play(STEPS);
    const used = process.memoryUsage().heapUsed - heap;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (collections === before) bytesPerStep.push(used / STEPS);
  }
  observer.disconnect();
  return Math.min(...bytesPerStep);
}

describe('in the steady state', () => {
  it('a step allocates next to nothing', { timeout: 120_000 }, async () => {
    const env = makeBreakout();
    env.reset();
    const bytesPerStep = await measureAllocation((steps) => {
      for (let i = 0; i < steps; i++) {
        const { terminated, truncated } = env.step(i % 4);
        if (terminated || truncated) env.reset();
      }
    });
    // Four frames a step: one object of the smallest size in each would be 64 bytes
    expect(bytesPerStep).toBeLessThan(64);
  });

  it('nor does a step of a vector environment', { timeout: 120_000 }, async () => {
    const vector = new VectorBreakout({ numEnvs: 2 });
    vector.reset();
    const actions = [0, 0];
    const bytesPerStep = await measureAllocation((steps) => {
      for (let i = 0; i < steps; i++) {
        actions.fill(i % 4);
        vector.step(actions);
      }
    });
    expect(bytesPerStep).toBeLessThan(2 * 64);
  });
});
