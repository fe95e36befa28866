/** Runs and an agent that version 0.1.0 made are listed, resumed, exported and evaluated. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { exportAgent, loadAgent } from '../../lib/runs/results/agent';
import { readCourse } from '../../lib/runs/results/course';
import { attach, listRuns } from '../../lib/runs/start';
import { call } from '../cli/call';
import { folderOfAll } from '../helpers/folder';
import { until } from './kill';

/** What version 0.1.0 made; the archive's folder has the script that made it. */
const ARCHIVE = fileURLToPath(new URL('../fixtures/v0.1.0/runs/runs.tar.gz', import.meta.url));

const runsFolder = folderOfAll();
beforeAll(() => {
  execFileSync('tar', ['xzf', ARCHIVE, '-C', runsFolder]);
});

test("version 0.1.0's runs are listed as they ended", async () => {
  const runs = await listRuns({ runsFolder });
  const ended = ([name, step]: [string, number]) =>
    expect.objectContaining({ name, state: 'finished', agentStep: step, checkpointStep: step });
  expect(runs).toEqual([ended(['compressed', 400]), ended(['fast', 910]), ended(['plain', 400])]);
});

test.each([
  ['compressed', 'dqn', 1, 440],
  ['plain', 'dqn', 1, 440],
  ['fast', 'pqn', 5, 960], // 480 steps a game: the rollout that was under way ends
])(
  "version 0.1.0's run %s goes on and can be evaluated",
  async (name, method, rows, totalSteps) => {
    const run = await attach(name, { runsFolder });
    expect((await run.config()).values).toMatchObject({
      method: { value: method },
      networkWidth: { value: 1 / 32, source: expect.stringMatching(/^edited, was/) },
    });
    const before = await run.metrics();
    expect(before).toHaveLength(rows);
    const { updates } = await run.status();
    await run.resume({ totalSteps });
    const status = await until(run, ({ state }) => state === 'finished');
    expect(status).toMatchObject({
      agentStep: totalSteps,
      checkpointStep: totalSteps,
      message: null,
    });
    expect(status.updates).toBeGreaterThan(updates);
    expect((await run.metrics()).slice(0, rows)).toEqual(before);
    const { changes } = await run.config();
    expect(changes).toEqual([{ agentStep: expect.any(Number), values: { totalSteps } }]);

    const exported = await exportAgent({ run, folder: join(runsFolder, `${name}-agent`) });
    expect(exported).toMatchObject({ agentStep: totalSteps, updates: status.updates });
    const game = ['--episodes', '1', '--epsilon', '0.5'];
    const { code, stdout } = await call(runsFolder, 'evaluate', name, ...game);
    expect([code, JSON.parse(stdout.trim().split('\n').at(-1)!)]).toMatchObject([
      0,
      { episodes: 1 },
    ]);
  },
  180_000,
);

test("version 0.1.0's exported agent is read and loaded", async () => {
  const folder = join(runsFolder, 'agent');
  const { info, course, network } = await loadAgent(folder);
  expect(info).toMatchObject({ agentStep: 400, seed: 1, config: { bufferSize: 60 } });
  expect(course.rows).toMatchObject([{ agentStep: 275, episodes: 1, meanReturn: 4 }]);
  expect(course.command).toContain('npm run train -- --preset quick --name compressed --seed 1');
  expect(await readCourse(join(folder, 'course.json'))).toEqual(course);
  expect(network.inputs[0]!.shape.slice(1)).toEqual([84, 84, 4]);
  network.dispose();
});
