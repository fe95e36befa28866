/** A cluster of three Ray nodes on this machine, one of them killed in the middle, computes what this machine alone does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../../lib/files/root';
import { listRuns } from '../../lib/runs/start';
import { loadSweep } from '../../lib/sweep/results';
import { folderOfAll } from '../helpers/folder';

const folder = folderOfAll();
const nodes: ChildProcess[] = [];
const file = join(folder, 'rates.json');
const sweep = {
  vary: { learningRate: [1e-4, 1e-3] },
  seeds: [1, 2, 3],
  steps: 1500,
  set: { learningStarts: 200, bufferSize: 600, batchSize: 16 },
  checkpointSeconds: 2,
  ray: { cpus: Math.max(1, Math.floor(availableParallelism() / 2)) }, // two on each node
};
writeFileSync(file, JSON.stringify(sweep));

afterAll(() => {
  for (const node of nodes) killTree(node.pid!);
});

/** Starts the command, whose output is collected. */
function start(runsFolder: string, ...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'lib/cli/sweep.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, BREAKOUT_RUNS: runsFolder, INIT_CWD: ROOT },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { said: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text.said += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, text, ended };
}

/** A node of a cluster, when it is there. @returns what it has said */
async function startNode(address: string): Promise<string> {
  const { child, text, ended } = start(folder, '--worker', address);
  nodes.push(child);
  let hasEnded = false;
  ended.then(() => {
    hasEnded = true;
  });
  while (!text.said.includes('Ray runtime started')) {
    if (hasEnded) throw new Error(text.said);
    await setTimeout(100);
  }
  return text.said;
}

/** kill -9 for a process and all below it. */
function killTree(pid: number): void {
  const tree = [pid];
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        return [[Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)![1])] as const];
      } catch {
        return []; // it has just ended
      }
    });
  for (const one of tree) {
    tree.push(...parents.flatMap(([child, parent]) => (parent === one ? [child] : [])));
  }
  for (const one of tree) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {} // it has ended with its parent
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function weightsIn(runsFolder: string): Promise<string[][]> {
  const { settings } = await loadSweep('rates', { runsFolder });
  return settings.map(({ trials }) => trials.map(({ weights }) => weights));
}

test.skipIf(process.platform !== 'linux')('no trial is lost with a node', async () => {
  const [alone, cluster] = [join(folder, 'alone'), join(folder, 'cluster')] as const;
  const local = start(alone, file);
  expect(await local.ended, local.text.said).toBe(0);

  const port = await freePort();
  const said = await startNode(String(port));
  const address = `${/Local node IP: (\S+)/.exec(said)![1]}:${port}`;
  await Promise.all([startNode(address), startNode(address)]);
  const asked = start(cluster, file, '--ray', address);
  const runs = () => listRuns({ runsFolder: cluster });
  const kept = async () =>
    (await runs()).filter(
      ({ name }) =>
        readdirSync(join(cluster, name, 'checkpoints'), { encoding: 'utf8' }).length > 0,
    );
  // all six are at work
  while ((await kept().catch(() => [])).length < 6) await setTimeout(200);
  expect((await runs()).map(({ state }) => state)).toEqual(Array(6).fill('running'));
  killTree(nodes[2]!.pid!);
  expect(await asked.ended, asked.text.said).toBe(0);
  expect(await weightsIn(cluster)).toEqual(await weightsIn(alone));
  const events = (await runs()).map(({ name }) =>
    readFileSync(join(cluster, name, 'events.log'), 'utf8'),
  );
  expect(events.filter((text) => text.includes(': resumed from ')).length).toBeGreaterThan(0);
});

test('an address without a cluster is refused', async () => {
  const { ended, text } = start(folder, join(folder, 'rates.json'), '--ray', '127.0.0.1:1');
  expect(await ended).toBe(1);
  expect(text.said).toContain('the Ray cluster 127.0.0.1:1 cannot be joined');
  expect(text.said).toContain('--worker 127.0.0.1:1');
});
