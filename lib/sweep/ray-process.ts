/** The programs around Ray: its set-up, a node of a cluster, and Tune with its news. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../files/root';

/** Ray's own Python; `setUpRay` makes it. */
const PYTHON = join(ROOT, '.ray/bin/python');
/** How much of what Tune printed goes into the error. */
const TAIL_LENGTH = 4000;

/** Makes Ray's environment in .ray unless it is there, with a progress bar. @throws Error when that fails. */
export async function setUpRay(): Promise<void> {
  const args = ['--import', 'tsx', join(ROOT, 'lib/setup/ray.ts'), ROOT];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if ((await endOf(child)) !== 0) throw new Error('Ray is not set up, see above');
}

/**
 * Makes this machine a node of a cluster and a worker of sweeps, until it is ended.
 * @param address of the cluster's head, HOST:PORT; or a port alone, for a new cluster with its head here
 * @returns the exit code of `ray start`
 */
export async function serveRay(address: string): Promise<number> {
  await setUpRay();
  const place = /^\d+$/.test(address) ? ['--head', `--port=${address}`] : [`--address=${address}`];
  const resources = JSON.stringify({ breakout: 1_000_000 }); // tune.py asks for it
  const child = spawn(
    PYTHON,
    [
      ...['-m', 'ray.scripts.scripts', 'start', ...place, '--block', `--resources=${resources}`],
      ...['--include-dashboard=false', '--disable-usage-stats'],
    ],
    { cwd: ROOT, env: { ...process.env, BREAKOUT_ROOT: ROOT }, stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return endOf(child);
}

/** What tune.py is to do. */
export interface TuneJob {
  /** 'local', or HOST:PORT of the cluster's head. */
  readonly address: string;
  /** The runs folder, absolute. */
  readonly runs: string;
  /** Names of the runs. */
  readonly trials: readonly string[];
  readonly steps: number;
  /** The file of a run's process, relative to the repository. */
  readonly program: string;
  /** Environment variables of that process. */
  readonly variables: Readonly<Record<string, string>>;
  readonly ray: object;
}

/** A line of what tune.py prints. */
export interface TuneNews {
  readonly trial: string;
  readonly state?: 'running' | 'ended' | 'failed';
  /** Why it has failed. */
  readonly message?: string;
  readonly agentStep?: number;
  readonly meanReturn?: number;
  readonly seconds?: number;
}

/** Tune at work. */
export interface Tune {
  /** Ends the trials. */
  stop(): void;
  /** Rejects with what Tune said when it has failed. */
  readonly ended: Promise<void>;
}

export function startTune(job: TuneJob, onNews: (news: TuneNews) => void): Tune {
  const child = spawn(PYTHON, [join(ROOT, 'lib/sweep/ray/tune.py')], {
    cwd: ROOT,
    detached: true, // a Ctrl-C reaches us alone, and ends its input
    stdio: 'pipe',
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said = (said + text).slice(-TAIL_LENGTH);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) onNews(JSON.parse(line) as TuneNews);
  });
  child.stdin.on('error', () => {}); // it has ended, and its end says why
  child.stdin.write(`${JSON.stringify(job)}\n`);
  const ended = endOf(child).then((code) => {
    if (code !== 0) throw new Error(said.trim() || `Ray has ended with exit code ${code}`);
  });
  return { stop: () => child.stdin.end(), ended };
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
