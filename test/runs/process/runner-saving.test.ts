/** A run in this process keeps its state: beside the training, on slow, full and failing disks. */
import { describe, expect, test } from 'vitest';
import { type Snapshot, writeSnapshot } from '../../../lib/dqn/checkpoint/checkpoint';
import { listCheckpoints } from '../../../lib/dqn/checkpoint/checkpoint-list';
import { readCheckpoint } from '../../../lib/dqn/checkpoint/read-checkpoint';
import type { Runner } from '../../../lib/runs/process/runner';
import { findUsable } from '../../../lib/runs/record/checkpoints';
import { createRunner, readEvents, readJson, startRunner } from './toy-runner';

/** What a disk that cannot be written says. */
const readOnly = async () => {
  throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
};

describe('a checkpoint while the training goes on', () => {
  /** Writes when it is let. */
  function slowDisk() {
    const writes: { snapshot: Snapshot; go: () => void }[] = [];
    const save = async (snapshot: Snapshot) => {
      await new Promise<void>((go) => writes.push({ snapshot, go }));
      return writeSnapshot(snapshot);
    };
    return { writes, save };
  }

  const soon = <T>(value: () => T) => expect.poll(value, { timeout: 30_000 });

  test('is written beside the training, one at a time, with the state of when it was asked for', async () => {
    const { writes, save } = slowDisk();
    const { paths, runner, training, running } = await startRunner({
      save,
      checkpointSeconds: 0.1,
    });
    await soon(() => writes.length).toBe(1);
    const { agentStep } = writes[0]!.snapshot;
    await soon(() => training.agentStep).toBeGreaterThan(agentStep + 300);
    expect(writes).toHaveLength(1); // others were due meanwhile
    expect(await runner.pause()).toMatchObject({ state: 'paused', saving: true });
    writes[0]!.go();
    await soon(() => runner.status().checkpointStep).toBe(agentStep);
    expect(runner.status().saving).toBe(false);
    const [newest] = await listCheckpoints(paths.checkpoints);
    expect((await readCheckpoint(newest!)).counters.agentStep).toBe(agentStep);
    const stopped = runner.stop();
    await soon(() => writes.length).toBe(2);
    writes[1]!.go();
    const { agentStep: last } = await stopped;
    expect(writes[1]!.snapshot).toMatchObject({ isCopy: false, agentStep: last });
    await running;
  });

  test('is replied when it is written, and the training goes on meanwhile', async () => {
    const { writes, save } = slowDisk();
    const { runner, training, running } = await startRunner({ save });
    const asked = [runner.checkpoint(), runner.checkpoint()];
    for (let i = 0; i < 2; i++) {
      await soon(() => writes.length).toBe(i + 1);
      const { agentStep } = writes[i]!.snapshot;
      await soon(() => training.agentStep).toBeGreaterThan(agentStep + 100);
      writes[i]!.go();
    }
    const steps = writes.map(({ snapshot }) => String(snapshot.agentStep));
    const names = (await Promise.all(asked)).map((path) => path.replace(/.*checkpoint-0*/, ''));
    expect(names).toEqual(steps);
    const stopped = runner.stop();
    await soon(() => writes.length).toBe(3);
    writes[2]!.go();
    await stopped;
    await running;
  });

  test('ends the run when it fails unasked, and is otherwise told to whoever asked', async () => {
    const asked = await startRunner({ save: readOnly });
    await expect(asked.runner.checkpoint()).rejects.toThrow('EROFS');
    expect(asked.runner.status()).toMatchObject({ state: 'running', saving: false });
    const failing = expect(asked.running).rejects.toThrow('EROFS');
    await expect(asked.runner.stop()).rejects.toThrow('EROFS');
    await failing;
    const { running } = await startRunner({ save: readOnly, checkpointSeconds: 0.1 });
    await expect(running).rejects.toThrow('EROFS');
  });
});

test.each([
  ['stop', (runner: Runner) => runner.stop()],
  ['checkpoint', (runner: Runner) => runner.checkpoint().then(() => runner.stop())],
])(
  'a full disk at a %s makes the run wait with a message and go on when there is room',
  async (_, ask) => {
    const full = () =>
      Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    let failures = 3;
    const seen: string[] = [];
    const { paths, runner } = await createRunner({
      totalSteps: 100_000,
      save: async (snapshot) => {
        if (failures-- > 0) throw full();
        return writeSnapshot(snapshot);
      },
    });
    const poll = setInterval(() => seen.push(runner.status().state), 2);
    const stopped = ask(runner);
    await runner.run();
    clearInterval(poll);
    await stopped;
    expect(seen).toContain('waiting');
    expect(runner.status()).toMatchObject({ state: 'stopped', message: null });
    expect(readEvents(paths).filter((line) => /full|room/.test(line))).toEqual([
      expect.stringMatching(/the disk of .* is full: free some space/),
      expect.stringMatching(/the disk has room again, going on/),
    ]);
    const [newest] = await listCheckpoints(paths.checkpoints);
    const { counters } = await readCheckpoint(newest!);
    expect(counters.agentStep).toBe(runner.status().agentStep);
  },
);

test('a failing training keeps the last good checkpoint and says why', async () => {
  const { runner, training, running } = await startRunner();
  const kept = await runner.checkpoint();
  training.learner.update = () => {
    throw new Error('the loss must be finite, got NaN');
  };
  await expect(running).rejects.toThrow('got NaN');
  await runner.fail(new Error('the loss must be finite, got NaN'));
  expect(runner.status()).toMatchObject({
    state: 'failed',
    message: expect.stringContaining('NaN'),
  });
  expect((await readCheckpoint(kept)).counters.agentStep).toBeLessThan(training.agentStep + 1);
  await expect(runner.pause()).rejects.toThrow('the run has ended');
});

test('a training that diverges is not saved: the last good checkpoint stays, and is gone on from', async () => {
  const { paths, runner, training, running } = await startRunner();
  await runner.pause();
  // how far it came before the pause depends on the machine; it learns at every fourth step from 20 on
  while (training.agentStep < 40 || training.agentStep % 4 !== 0) training.step();
  const { agentStep } = training;
  const kept = await runner.checkpoint();
  // float32 makes an infinite step of it; the loss is still finite in the update that takes it
  Object.defineProperty(training, 'learningRate', { value: 1e39 });
  while (training.agentStep < agentStep + 4) training.step();
  const areFinite = training.learner.state().weights.every((array) => array.every(Number.isFinite));
  expect(areFinite).toBe(false);
  await expect(runner.checkpoint()).rejects.toThrow(
    /weights must be finite to be saved, got .*: the training has diverged, go on from the last checkpoint/,
  );
  expect(await listCheckpoints(paths.checkpoints)).toEqual([kept]);
  const failing = expect(running).rejects.toThrow('weights must be finite');
  await expect(runner.stop()).rejects.toThrow('weights must be finite');
  await failing;
  await runner.fail(new Error('diverged'));
  const usable = await findUsable(paths);
  expect(usable).toMatchObject({ path: kept, info: { counters: { agentStep } }, damages: [] });
});

test('a stop whose checkpoint fails ends the run all the same, and says why', async () => {
  const { paths, runner, running } = await startRunner({ save: readOnly });
  const failing = expect(running).rejects.toThrow('EROFS');
  await expect(runner.stop()).rejects.toThrow('EROFS');
  await failing;
  await runner.fail(new Error('EROFS'));
  expect(readJson(paths.status)).toMatchObject({ state: 'failed', message: 'EROFS' });
});
