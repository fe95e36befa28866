/** An agent exported from a real run has its weights, settings and course; a damaged one is refused. */
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readWeights } from '../../../lib/engine/weights';
import { sha256 } from '../../../lib/files/flushed';
import { exportAgent, loadAgent, readAgent } from '../../../lib/runs/results/agent';
import type { Run } from '../../../lib/runs/run';
import { startRun } from '../../../lib/runs/start';
import { folderOfAll } from '../../helpers/folder';
import { until } from '../kill';
import { TOY } from '../toy';

const folder = folderOfAll();
let run: Run;
beforeAll(async () => {
  run = await startToy('one');
});

async function startToy(name: string): Promise<Run> {
  const values = { totalSteps: 400, learningStarts: 50, bufferSize: 200, batchSize: 4 };
  const program = { program: TOY, runsFolder: join(folder, 'runs') };
  const started = await startRun({ name, preset: 'quick', seed: 3, ...values, ...program });
  await until(started, ({ state }) => state === 'finished');
  return started;
}

test("an exported agent is the checkpoint's network with its settings and course", async () => {
  const to = join(folder, 'agent');
  await exportAgent({ run, folder: to });
  expect(readdirSync(to).sort()).toEqual([
    ...['agent.json', 'course.json', 'model.json', 'weights.bin', 'weights.safetensors'],
  ]);
  const { info, course, network } = await loadAgent(to);
  expect(info).toMatchObject({ seed: 3, agentStep: 400, config: { totalSteps: 400 } });
  const weights = Buffer.concat(readWeights(network).map((w) => Buffer.from(w.buffer)));
  const [checkpoint] = await run.checkpoints();
  expect(weights.equals(readFileSync(join(checkpoint!, 'network/weights.bin')))).toBe(true);
  const metrics = await run.metrics();
  const { agentStep, seconds } = metrics.at(-1)!;
  expect(course.rows.at(-1)).toMatchObject({ agentStep, episodes: metrics.length, seconds });
  expect(course.command).toContain('npm run train -- --preset quick --name one --seed 3 --set');
  expect(readFileSync(join(to, 'course.json'), 'utf8')).not.toContain(folder);
  network.dispose();
});

test('an export takes the place of an earlier one, and of nothing else', async () => {
  const to = join(folder, 'again');
  await exportAgent({ run, folder: to });
  writeFileSync(join(to, 'README.md'), 'mine');
  await exportAgent({ run, folder: to });
  expect(readFileSync(join(to, 'README.md'), 'utf8')).toBe('mine');
  expect(readdirSync(folder).filter((name) => name.startsWith('.again'))).toEqual([]);
  await expect(exportAgent({ run, folder })).rejects.toThrow(/has files and no agent.json among/);
  const file = join(to, 'README.md');
  await expect(exportAgent({ run, folder: file })).rejects.toThrow(/ENOTDIR.*name another folder/);
});

test("another run's checkpoint is refused", async () => {
  const other = await startToy('other');
  const [checkpoint] = await other.checkpoints();
  const to = join(folder, 'mixed');
  await expect(exportAgent({ run, folder: to, checkpoint: checkpoint! })).rejects.toThrow(
    'it was made by another run',
  );
});

test('the weights are those that were verified, whatever file the model names', async () => {
  const agent = join(folder, 'hostile');
  await exportAgent({ run, folder: agent });
  const weights = readFileSync(join(agent, 'weights.bin'));
  writeFileSync(join(folder, 'outside.bin'), Buffer.alloc(weights.length));
  const info = JSON.parse(readFileSync(join(agent, 'agent.json'), 'utf8'));
  const model = JSON.parse(readFileSync(join(agent, 'model.json'), 'utf8'));
  const writeModel = (changed: object) => {
    const text = JSON.stringify(changed);
    writeFileSync(join(agent, 'model.json'), text);
    info.files['model.json'].sha256 = sha256(text);
    writeFileSync(join(agent, 'agent.json'), JSON.stringify(info));
  };
  const [{ weights: specs }] = model.weightsManifest;
  writeModel({ ...model, weightsManifest: [{ paths: ['../outside.bin'], weights: specs }] });
  const { network } = await loadAgent(agent);
  const loaded = readWeights(network).map((values) => Buffer.from(values.buffer));
  expect(Buffer.concat(loaded).equals(weights)).toBe(true);
  network.dispose();
  for (const wrong of [
    { ...model, weightsManifest: undefined },
    { ...model, weightsManifest: [{ paths: ['weights.bin'], weights: specs.slice(1) }] },
    { ...model, modelTopology: { class_name: 'Sequential', config: 7 } },
    { ...model, modelTopology: null },
  ]) {
    writeModel(wrong);
    await expect(loadAgent(agent)).rejects.toThrow(
      /^the agent in .*hostile cannot be used: no network can be made of its model.json \(.+\). Export it again.$/,
    );
  }
});

test('an agent of the course is found by name, wherever the notebook lies', async () => {
  const { network, info } = await loadAgent('early-agent');
  expect(info.agentStep).toBeGreaterThan(0);
  network.dispose();
  await expect(loadAgent('no-agent')).rejects.toThrow('the agent in no-agent cannot be used');
});

test('a damaged agent is refused with what is wrong', async () => {
  const whole = join(folder, 'whole');
  await exportAgent({ run, folder: whole });
  let copies = 0;
  const spoil = (change: (path: string) => void) => {
    const copy = join(folder, `copy-${copies++}`);
    cpSync(whole, copy, { recursive: true });
    change(copy);
    return expect(readAgent(copy)).rejects;
  };
  await spoil((path) => rmSync(join(path, 'weights.bin'))).toThrow(
    /weights.bin cannot be read \(ENOENT/,
  );
  await spoil((path) => {
    const weights = readFileSync(join(path, 'weights.bin'));
    weights[5]! ^= 1;
    writeFileSync(join(path, 'weights.bin'), weights);
  }).toThrow('weights.bin does not match its checksum');
  for (const file of ['weights.bin', 'agent.json', 'course.json']) {
    const copy = join(folder, `pipe-${file}`);
    cpSync(whole, copy, { recursive: true });
    rmSync(join(copy, file));
    execFileSync('mkfifo', [join(copy, file)]);
    await expect(loadAgent(copy)).rejects.toThrow(`${file} must be a file, and is none`);
  }
  await spoil((path) => writeFileSync(join(path, 'agent.json'), '{"format":9}')).toThrow(
    'agent.json: format must be 1, got 9. Export it again',
  );
  await spoil((path) => writeFileSync(join(path, 'agent.json'), '{"format":1}')).toThrow(
    'agent.json: seed must be a whole number of at least 0, got undefined',
  );
  await spoil((path) => writeFileSync(join(path, 'agent.json'), '{')).toThrow(
    'agent.json must be JSON, and is none',
  );
  await spoil((path) => rmSync(join(path, 'agent.json'))).toThrow(/agent.json.*Export it again/);
});
