/** The programs around Ray: its set-up, a node of a cluster, and Tune with its news. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../files/root';

/** Ray's own Python; `setUpRay` makes it. */
const PYTHON = join(ROOT, '.ray/bin/python');
/** The secret by which the nodes of a cluster know each other; relative to the project's folder. */
const TOKEN = '.cache/ray-token';
/** How much of what Tune printed goes into the error. */
const TAIL_LENGTH = 4000;

/**
 * The environment of Ray's processes: the nodes of a cluster know each other by a token, a secret that this
 * clone keeps. Whoever has it may run programs on the cluster.
 * @param makesToken whether it is made when it is missing: by the head, which others copy it from
 * @throws Error when it is missing otherwise
 */
export async function rayVariables(makesToken: boolean): Promise<NodeJS.ProcessEnv> {
  const { RAY_AUTH_MODE, RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH } = process.env;
  if (RAY_AUTH_MODE || RAY_AUTH_TOKEN || RAY_AUTH_TOKEN_PATH) return process.env; // the user's own way
  const path = join(ROOT, TOKEN);
  if (!existsSync(path)) {
    if (!makesToken) {
      throw new Error(
        `${path} is missing, the secret of the Ray cluster: copy ${TOKEN} from the clone in which its head ` +
          'was started, readable by you alone (chmod 600)',
      );
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  }
  return { ...process.env, RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN_PATH: path };
}

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
  const isHead = /^\d+$/.test(address);
  const env = { ...(await rayVariables(isHead)), BREAKOUT_ROOT: ROOT };
  const place = isHead
    ? ['--head', `--port=${address}`, '--include-dashboard=false']
    : [`--address=${address}`];
  const resources = JSON.stringify({ breakout: 1_000_000 }); // tune.py asks for it
  const child = spawn(
    PYTHON,
    [
      ...['-m', 'ray.scripts.scripts', 'start', ...place, '--block', '--disable-usage-stats'],
      `--resources=${resources}`,
    ],
    { cwd: ROOT, env, stdio: 'inherit' },
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

/** @throws Error when the cluster's secret is missing */
export async function startTune(job: TuneJob, onNews: (news: TuneNews) => void): Promise<Tune> {
  const child = spawn(PYTHON, [join(ROOT, 'lib/sweep/ray/tune.py')], {
    cwd: ROOT,
    env: await rayVariables(job.address === 'local'),
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
