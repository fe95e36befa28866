/** A run without a process has the status that its last files allow: lost, ended or removed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { pathsIn, type RunPaths } from '../../../lib/runs/record/folder';
import { emptyStatus, readLastStatus, startingStatus } from '../../../lib/runs/record/status';
import { folderOfTest } from '../../helpers/folder';

let paths: RunPaths;
beforeEach(() => {
  paths = pathsIn(folderOfTest(), 'toy');
});

const write = (status: object) =>
  writeFileSync(paths.status, JSON.stringify({ ...emptyStatus('toy'), ...status }));

test('a run whose process is gone is lost, unless it has ended as it should', async () => {
  for (const state of ['starting', 'running', 'paused', 'waiting']) {
    write({ state, agentStep: 7, message: null });
    expect(await readLastStatus(paths)).toMatchObject({
      state: 'lost',
      agentStep: 7,
      message: expect.stringMatching(/ended without a word .*: resume it/),
    });
  }
  for (const state of ['stopped', 'finished', 'failed']) {
    write({ state, message: 'as it was' });
    expect(await readLastStatus(paths)).toMatchObject({ state, message: 'as it was' });
  }
});

test('a run killed before it wrote anything is lost at step 0', async () => {
  expect(await readLastStatus(paths)).toMatchObject({ name: 'toy', state: 'lost', agentStep: 0 });
});

test.each([
  ['{"state": "runn', 'must be JSON, and is none'],
  ['null', 'must be an object, got null'],
  [{ meanReturn: undefined, meanXeturn: 3 }, 'meanReturn must be a number or null, got undefined'],
  [{ state: 'dreaming' }, 'state must be one of starting, running'],
  [{ agentStep: -1 }, 'agentStep must be a whole number of at least 0, got -1'],
])('a damaged status is unreadable, and says where: %j', async (content, reason) => {
  if (typeof content === 'string') writeFileSync(paths.status, content);
  else write(content);
  const { state, message } = await readLastStatus(paths);
  expect([state, message]).toEqual(['unreadable', expect.stringContaining(reason)]);
  expect(message).toMatch(/^\/.*\/status.json:? .*: remove the file, or resume the run/);
  expect(await startingStatus(paths)).toMatchObject({ state: 'starting', agentStep: 0 });
});

test('a run that starts shows where it was before', async () => {
  expect(await startingStatus(paths)).toMatchObject({ state: 'starting', agentStep: 0 });
  write({ state: 'failed', agentStep: 7, message: 'the loss must be finite' });
  const starting = { state: 'starting', agentStep: 7, message: null, pid: process.pid };
  expect(await startingStatus(paths)).toMatchObject(starting);
});

test("without a process there is neither speed nor time left, and the name is the folder's", async () => {
  for (const state of ['running', 'paused', 'stopped']) {
    write({ state, name: 'original', agentStep: 7, stepsPerSecond: 100, secondsLeft: 60 });
    const rest = { name: 'toy', agentStep: 7, stepsPerSecond: 0, secondsLeft: null };
    expect(await readLastStatus(paths)).toMatchObject(rest);
  }
});

test('a run whose folder was removed is told as removed, not as one to resume', async () => {
  const gone = pathsIn(join(paths.folder, 'gone'), 'gone');
  await expect(readLastStatus(gone)).rejects.toThrow(
    /the run gone was removed: there is no folder/,
  );
});
