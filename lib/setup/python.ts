/** Finds the Python from which the project's own environment is made. */
import { spawnSync } from 'node:child_process';
import { SetupError, systemInstall } from './errors.mjs';

/** Oldest Python that the locked JupyterLab runs on. */
const OLDEST = [3, 10] as const;
const CANDIDATES = ['python3', 'python', ...[14, 13, 12, 11, 10].map((n) => `python3.${n}`)];

const PROBE = `
import importlib.util as u, json, sys
has = lambda name: u.find_spec(name) is not None
print(json.dumps({"path": sys.executable, "version": list(sys.version_info[:3]),
                  "venv": has("venv") and has("ensurepip")}))
`;

export interface Python {
  /** The interpreter itself, behind any shim. */
  readonly path: string;
  readonly version: readonly number[];
  /** Whether it can make virtual environments with pip. */
  readonly venv: boolean;
}

/**
 * The first fit Python: the one named by PYTHON if that is set, else the usual names on the PATH.
 * @throws SetupError which says what is missing about the best one found
 */
export function findPython(env: NodeJS.ProcessEnv): Python {
  const names = env.PYTHON ? [env.PYTHON] : CANDIDATES;
  const found: Python[] = [];
  for (const name of names) {
    const python = probe(name, env);
    if (python && isNewEnough(python) && python.venv) return python;
    if (python) found.push(python);
  }
  throw explainMissing({ env, found });
}

function probe(command: string, env: NodeJS.ProcessEnv): Python | undefined {
  // -I: no module of the current folder or of PYTHONPATH in place of Python's own.
  const { status, stdout } = spawnSync(command, ['-I', '-c', PROBE], { env, encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout) as Python;
  // Python 2 and Pythons before 3.4 fail on the probe, yet deserve to be named.
  const old = spawnSync(command, ['-V'], { env, encoding: 'utf8' });
  const version = /^Python (\d+)\.(\d+)\.(\d+)/m.exec(`${old.stdout}${old.stderr}`);
  if (!version) return undefined;
  return { path: command, version: version.slice(1).map(Number), venv: false };
}

function isNewEnough({ version: [major = 0, minor = 0] }: Python): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function explainMissing({ env, found }: { env: NodeJS.ProcessEnv; found: Python[] }): SetupError {
  const oldest = OLDEST.join('.');
  const install = systemInstall({
    debian: 'python3 python3-venv',
    fedora: 'python3',
    arch: 'python',
    macos: 'brew install python@3.13',
  });
  const bare = found.find(isNewEnough);
  if (bare) {
    const [major, minor] = bare.version;
    return new SetupError(
      `Python ${bare.version.join('.')} (${bare.path}) has no venv module with pip.`,
      systemInstall({
        debian: `python${major}.${minor}-venv`,
        fedora: 'python3',
        arch: 'python',
        macos: 'brew install python@3.13',
      }),
    );
  }
  const old = found[0];
  if (old) {
    return new SetupError(
      `Python ${old.version.join('.')} (${old.path}) is too old: ${oldest} or newer is needed.`,
      `install a newer one, then run: PYTHON=/path/to/python3.12 npm run setup`,
    );
  }
  if (env.PYTHON) {
    return new SetupError(
      `PYTHON=${env.PYTHON} is not a Python that runs: ${oldest} or newer is needed.`,
      'unset PYTHON, or set it to the path of a Python',
    );
  }
  return new SetupError(`Python ${oldest} or newer was not found on the PATH.`, install);
}
