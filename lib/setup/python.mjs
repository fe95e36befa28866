/** Finds the Python from which the project's own environment is made. */
import { spawnSync } from 'node:child_process';
import { SetupError } from './errors.mjs';

/** Oldest Python that the locked JupyterLab runs on. */
const OLDEST = [3, 10];
const CANDIDATES = ['python3', 'python', ...[14, 13, 12, 11, 10].map((n) => `python3.${n}`)];

const PROBE = `
import importlib.util as u, json, sys
has = lambda name: u.find_spec(name) is not None
print(json.dumps({"path": sys.executable, "version": list(sys.version_info[:3]),
                  "venv": has("venv") and has("ensurepip")}))
`;

/**
 * @typedef {object} Python
 * @property {string} path the interpreter itself, behind any shim
 * @property {number[]} version
 * @property {boolean} venv whether it can make virtual environments with pip
 */

/**
 * The first fit Python: the one named by PYTHON if that is set, else the usual names on the PATH.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Python}
 * @throws SetupError which says what is missing about the best one found
 */
export function findPython(env) {
  const names = env.PYTHON ? [env.PYTHON] : CANDIDATES;
  /** @type {Python[]} */
  const found = [];
  for (const name of names) {
    const python = probe(name, env);
    if (python && isNewEnough(python) && python.venv) return python;
    if (python) found.push(python);
  }
  throw explainMissing({ env, found });
}

/**
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Python | undefined}
 */
function probe(command, env) {
  // -I: no module of the current folder or of PYTHONPATH in place of Python's own.
  const { status, stdout } = spawnSync(command, ['-I', '-c', PROBE], { env, encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout);
  // Python 2 and Pythons before 3.4 fail on the probe, yet deserve to be named.
  const old = spawnSync(command, ['-V'], { env, encoding: 'utf8' });
  const version = /^Python (\d+)\.(\d+)\.(\d+)/m.exec(`${old.stdout}${old.stderr}`);
  if (!version) return undefined;
  return { path: command, version: version.slice(1).map(Number), venv: false };
}

/** @param {Python} python */
function isNewEnough({ version: [major = 0, minor = 0] }) {
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** @param {{ env: NodeJS.ProcessEnv, found: Python[] }} options */
function explainMissing({ env, found }) {
  const oldest = OLDEST.join('.');
  const other = { fedora: 'python3', arch: 'python', macos: 'brew install python@3.13' };
  const bare = found.find(isNewEnough);
  if (bare) {
    const [major, minor] = bare.version;
    return new SetupError(
      `Python ${bare.version.join('.')} (${bare.path}) has no venv module with pip.`,
      { ...other, debian: `python${major}.${minor}-venv` },
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
  return new SetupError(`Python ${oldest} or newer was not found on the PATH.`, {
    ...other,
    debian: 'python3 python3-venv',
  });
}
