/** npm run runs: lists the runs in runs/. */
import { formatDuration } from '../display/progress';
import { encodeTable, type TableRow } from '../display/table';
import type { RunStatus } from '../runs/record/status';
import { listRuns } from '../runs/start';

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

async function main(): Promise<void> {
  const runs = await listRuns();
  if (runs.length === 0) {
    console.log('no runs yet; start one with: npm run train -- --preset quick --name first');
    return;
  }
  console.log(encodeTable(runs.map(rowOf)).bundle['text/plain']);
  for (const { name, message } of runs) if (message !== null) console.log(`${name}: ${message}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
