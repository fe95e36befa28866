/** Ends runs the hard way, and looks at what they have become. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isLive, type RunStatus } from '../../lib/runs/record/status';
import type { Run } from '../../lib/runs/run';

/** Waits until a run is as wanted, or has finished. @throws Error when it fails */
export async function until(
  run: Run,
  isWanted: (status: RunStatus) => boolean,
): Promise<RunStatus> {
  for (;;) {
    const status = await run.status();
    if (isWanted(status) || status.state === 'finished') return status;
    if (status.state === 'failed') throw new Error(status.message!);
    await setTimeout(20);
  }
}

/** Waits until a run has finished. @throws Error when it fails */
export function finish(run: Run): Promise<RunStatus> {
  return until(run, ({ state }) => state === 'finished');
}

/** Whether there is a process of this id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** kill -9, and waits until the process is gone. @returns false when the run had ended by itself */
export async function killHard(run: Run): Promise<boolean> {
  const { state, pid } = await run.status();
  if (isLive(state)) process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await setTimeout(10);
  return (await run.status()).state === 'lost';
}

/** The metrics of a run, without what depends on the machine. */
export async function courseOf(run: Run): Promise<object[]> {
  const rows = await run.metrics();
  return rows.map(({ stepsPerSecond, memoryBytes, seconds, ...row }) => row);
}

/** Digests of network, target network, optimizer and random generators in the newest checkpoint. */
export async function weightsOf(run: Run): Promise<Record<string, string>> {
  const [newest] = await run.checkpoints();
  const files = ['network/weights.bin', 'target.bin', 'adam.bin', 'random.bin'];
  return Object.fromEntries(
    files.map((file) => {
      const bytes = readFileSync(join(newest!, file));
      return [file, createHash('sha256').update(bytes).digest('hex')];
    }),
  );
}
