/** The browser of a test file, which is skipped where there is none. */
import type { Browser } from 'playwright-core';
import { beforeAll, type RunnerTask, type RunnerTestCase, type RunnerTestSuite } from 'vitest';
import { findChromium, launchChromium } from './chromium';

let suite: RunnerTestSuite | undefined;
// runs before the hook of the importing file that launches the browser
// biome-ignore lint/correctness/noEmptyPattern: vitest insists on a pattern
beforeAll(({}, file) => {
  suite = file as RunnerTestSuite;
});

/**
 * Called by a file's `beforeAll`. Without a Chromium it skips the tests of that file and says so; in
 * CI, which brings one, it fails.
 */
export async function launchBrowser(): Promise<Browser> {
  return launchChromium(findOrSkip());
}

function findOrSkip(): string {
  try {
    return findChromium();
  } catch (error) {
    if (process.env.CI || process.env.CHROMIUM_PATH) throw error;
    const { message } = error as Error;
    console.warn(`Skipped: ${message}`);
    // a hook has no skip() of its own, but takes a test's as meant for all of them
    return firstTest(suite?.tasks ?? [])?.context.skip(message) ?? '';
  }
}

function firstTest(tasks: readonly RunnerTask[]): RunnerTestCase | undefined {
  for (const task of tasks) {
    const found = task.type === 'test' ? task : firstTest(task.tasks);
    if (found) return found;
  }
  return undefined;
}
