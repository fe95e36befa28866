/** npm run runs: lists the runs in runs/. */
import { parseArgs } from 'node:util';
import { formatDuration } from '../display/progress';
import { encodeTable, type TableRow } from '../display/table';
import type { RunStatus } from '../runs/record/status';
import { listRuns } from '../runs/start';
import { printable } from '../text';
import { runCommand } from './arguments';

function rowOf(status: RunStatus): TableRow {
  const { name, state, agentStep, totalSteps, episode, meanReturn } = status;
  const { stepsPerSecond, secondsLeft } = status;
  const isRunning = state === 'running';
  return {
    name,
    state,
    'agent steps': agentStep,
    of: totalSteps,
    episode,
    'mean return': meanReturn === null ? '-' : Number(meanReturn.toFixed(2)),
    'steps/s': isRunning ? Math.round(stepsPerSecond) : '-',
    left: isRunning && secondsLeft !== null ? formatDuration(secondsLeft) : '-',
  };
}

async function main(args: string[]): Promise<number> {
  parseArgs({ args }); // the command takes no arguments
  const runs = await listRuns();
  if (runs.length === 0) {
    console.log('no runs yet; start one with: npm run train -- --preset quick --name first');
    return 0;
  }
  console.log(encodeTable(runs.map(rowOf)).bundle['text/plain']);
  for (const { name, message } of runs) {
    if (message !== null) console.log(`${name}: ${printable(message)}`);
  }
  return 0;
}

runCommand(main, { usage: 'usage: npm run runs\n' });
