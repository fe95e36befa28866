/** Chromium for the tests: the machine's own, driven by playwright-core. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { beforeAll, type RunnerTask, type RunnerTestCase, type RunnerTestSuite } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @throws Error when the machine has no Chromium, with what to do. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const { CHROMIUM_PATH, PATH = '' } = env;
  if (CHROMIUM_PATH) {
    if (existsSync(CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new Error(`CHROMIUM_PATH names no file: ${CHROMIUM_PATH}`);
  }
  const files = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = files.find((file) => existsSync(file));
  if (found) return found;
  throw new Error(
    'the browser tests need Chromium and found none: install it (Debian: apt-get install chromium) ' +
      'or set CHROMIUM_PATH to a Chrome or Chromium program',
  );
}

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
  return chromium.launch({
    executablePath: findOrSkip(),
    args: [
      '--no-sandbox', // containers run the tests as root
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
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
