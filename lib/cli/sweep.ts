/**
 * npm run sweep: trains settings times seeds, and shows the table.
 * Exit codes: 0 it ended as wanted, 1 some trials have not finished, 2 wrong arguments, 130 left by Ctrl-C.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'node:path';
import { parseArgs } from 'node:util';
import { SYSTEM_CLOCK } from '../display/clock';
import { encodeTable } from '../display/table';
import { userPath } from '../setup/user-path.mjs';
import { checkSweep } from '../sweep/check-sweep';
import { runLocally } from '../sweep/local';
import { problemLines, SweepProgress } from '../sweep/progress';
import { runOnRay } from '../sweep/ray';
import { serveRay, setUpRay } from '../sweep/ray-process';
import { resultsPath, sweepTable } from '../sweep/results';
import type { Sweep } from '../sweep/spec';
import { type RunTrials, runSweep } from '../sweep/sweep';
import { isFinished, type TrialState } from '../sweep/trial';
import { messageOf } from '../text';
import { runCommand, UsageError } from './arguments';
import { onCtrlC, StatusLine } from './terminal';

const ADDRESS = /^[^\s:]+:\d+$/;

const USAGE = `usage: npm run sweep -- SWEEP.json [--ray local | --ray HOST:PORT]
       npm run sweep -- --worker HOST:PORT | --worker PORT
  SWEEP.json  {"preset": "quick", "vary": {"learningRate": [0.0001, 0.0005]}, "seeds": [1, 2, 3], "steps": 3000}
              The sweep has the file's name unless it says "name". README.md lists what else it may hold.
  --ray       on Ray: on this machine, or on the cluster with this head, of which this machine is a node
  --worker    makes this machine a node of that cluster and a worker of sweeps, until Ctrl-C; with a port alone
              the cluster is new, and its head is here
The same command again goes on where it was. Ctrl-C stops the trials after a checkpoint; another one leaves them
to themselves.
`;

function readArguments(args: string[]) {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { ray: { type: 'string' }, worker: { type: 'string' } },
  });
  const { ray, worker } = values;
  const [file] = positionals;
  if (worker === undefined ? positionals.length !== 1 : file !== undefined || ray !== undefined) {
    throw new UsageError('name one SWEEP.json, or give --worker alone');
  }
  if (ray !== undefined && ray !== 'local' && !ADDRESS.test(ray)) {
    throw new UsageError(`--ray must be local or HOST:PORT, got ${ray}`);
  }
  if (worker !== undefined && !ADDRESS.test(worker) && !/^\d+$/.test(worker)) {
    throw new UsageError(`--worker must be HOST:PORT or PORT, got ${worker}`);
  }
  return { file, ray, worker };
}

async function readSweep(file: string): Promise<Sweep> {
  const path = userPath(file);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read as JSON (${messageOf(error)}): mend it`);
  }
  return checkSweep(content, { subject: path, name: parse(path).name });
}

/** Shows how far the trials are. */
function createView(sweep: Sweep): (states: readonly TrialState[]) => void {
  const progress = new SweepProgress(sweep, SYSTEM_CLOCK);
  const shown = new StatusLine();
  let finished = -1;
  return (states) => {
    const now = states.filter(isFinished).length;
    shown.show({
      line: (options) => progress.line(states, options),
      messages: problemLines(states),
      isNews: now !== finished,
      isOver: now === states.length,
    });
    finished = now;
  };
}

/** The first Ctrl-C stops the trials; a full disk may keep them from that, so a second one lets go of them. */
function createStop(): AbortSignal {
  const stop = new AbortController();
  onCtrlC({
    first() {
      console.log(
        '\nstopping the trials after a checkpoint each; Ctrl-C leaves them to themselves',
      );
      stop.abort();
    },
    second() {
      console.log('\nleft: the trials go on until they can stop; the same command follows them');
      process.exit(130);
    },
  });
  return stop.signal;
}

async function main(args: string[]): Promise<number> {
  const { file, ray, worker } = readArguments(args);
  if (worker !== undefined) return serveRay(worker);
  const sweep = await readSweep(file!);
  const { name, settings, seeds, trials } = sweep;
  const count = (list: readonly unknown[], noun: string) =>
    `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
  const size = `${count(settings, 'setting')} x ${count(seeds, 'seed')}`;
  console.log(`sweep ${name}: ${size}, ${count(trials, 'run')}`);
  if (ray !== undefined) await setUpRay();
  const signal = createStop();
  const run: RunTrials =
    ray === undefined ? runLocally : (options) => runOnRay({ ...options, address: ray });
  const results = await runSweep({ sweep, signal, onLook: createView(sweep), run });
  if (process.stdout.isTTY === true) console.log();
  console.log(encodeTable(sweepTable(results)).bundle['text/plain']);
  console.log(resultsPath(name));
  const finished = results.settings.reduce((sum, { trials: ended }) => sum + ended.length, 0);
  if (finished === trials.length) return 0;
  console.log(`${finished} of ${trials.length} trials have finished: the same command goes on`);
  return signal.aborted ? 0 : 1;
}

runCommand(main, { usage: USAGE });
