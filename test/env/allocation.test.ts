import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { makeBreakout } from '../../lib/env/make';

const STEPS = 1000;

describe('in the steady state', () => {
  it('a step allocates next to nothing', { timeout: 120_000 }, async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let collections = 0;
    const observer = new PerformanceObserver((list) => {
      collections += list.getEntries().length;
    });
    observer.observe({ entryTypes: ['gc'] });
    const env = makeBreakout();
    env.reset();
    const play = (steps: number) => {
      for (let i = 0; i < steps; i++) {
        const { terminated, truncated } = env.step(i % 4);
        if (terminated || truncated) env.reset();
      }
    };
    play(4000); // until all is compiled and translated

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
    // Four frames a step: one object of the smallest size in each would be 64 bytes
    expect(Math.min(...bytesPerStep)).toBeLessThan(64);
  });
});
