/** The settings of the tests: two processes at most, and with SLOW=1 the slow tests only. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const slow = process.env.SLOW === '1';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    include: [slow ? 'test/**/*.slow.test.ts' : 'test/**/*.test.ts'],
    exclude: slow ? [] : ['test/**/*.slow.test.ts'],
    pool: 'forks', // TensorFlow's and ZeroMQ's addons, each in a process of its own
    maxWorkers: 2,
    testTimeout: slow ? 900_000 : 60_000,
    hookTimeout: slow ? 900_000 : 120_000,
  },
});
