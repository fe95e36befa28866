/** Failures of the set-up, each in one sentence and the command that mends it. */
import { existsSync, readFileSync } from 'node:fs';

/**
 * What a machine lacks, as packages of its system. The names of one system are separated by spaces.
 * @typedef {{ debian: string, fedora: string, arch: string, macos: string }} SystemPackages
 */

/** A failure the reader can mend; anything else that is thrown is a bug of the set-up. */
export class SetupError extends Error {
  /**
   * @param {string} message one sentence: what is wrong, with what was expected and found
   * @param {string | SystemPackages} mend what to do, a command where one exists; or what to install
   */
  constructor(message, mend) {
    super(message);
    this.name = 'SetupError';
    this.packages = typeof mend === 'string' ? undefined : mend;
    this.mend = typeof mend === 'string' ? mend : installCommand([mend]);
  }
}

/** The set-up was ended from outside: nothing is wrong, nothing to mend. */
export class Stopped extends Error {}

/** What failing tools print, and what it means; the first match wins. */
const MEANINGS = [
  {
    pattern: /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i,
    sentence: 'the disk is full',
    mend: 'free some space (df -h . ~ shows how much there is), then run the command again',
  },
  {
    pattern: /DO NOT MATCH THE HASHES|EINTEGRITY|BadZipFile|Bad CRC-32/i,
    sentence: 'a downloaded file is corrupt',
    mend: 'run the command again; if it stays so: npm cache clean --force; .venv/bin/python -m pip cache purge',
  },
  {
    pattern:
      /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|ConnectTimeout|ReadTimeout|Max retries exceeded|name resolution|Connection (refused|reset|broken|to .* timed out)|IncompleteRead|from versions: none/i,
    sentence: 'the package index cannot be reached',
    mend: 'check the network and the proxy (npm config list; python3 -m pip config list), then run the command again',
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_HAS_EXPIRED/i,
    sentence: 'the certificate of the package index is not trusted',
    mend: 'behind a company proxy, name its certificates: npm config set cafile FILE; export PIP_CERT=FILE',
  },
  {
    pattern: /EACCES|EPERM|EROFS|Permission denied|Read-only file system/,
    sentence: 'a file cannot be written',
    mend: 'make the project folder yours: sudo chown -R "$(id -u)" . (and the caches: ~/.npm, ~/.cache/pip)',
  },
  {
    pattern: /^ENOENT$/, // of Node's own file functions: the output of a tool is longer
    sentence: 'a file is missing',
    mend: 'rm -rf node_modules, or git restore the file if it is one of the project; then run the command again',
  },
];

/**
 * Turns the output of a tool that failed into a sentence.
 * @param {object} options
 * @param {string} options.what what was being done, as "npm packages"
 * @param {string} options.output what the tool printed
 * @param {string} options.log file with the whole output
 * @returns {SetupError}
 */
export function explainFailure({ what, output, log }) {
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(output));
  if (meaning)
    return new SetupError(`${what}: ${meaning.sentence} (details: ${log}).`, meaning.mend);
  const lines = output.trim().split('\n');
  const last = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'no output';
  return new SetupError(`${what} failed: ${last.trim()}`, `read the whole output in ${log}`);
}

/**
 * Turns what Node's own file functions throw into a sentence; other values pass unchanged.
 * @param {unknown} error
 */
export function explainFileError(error) {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(String(error.code)));
  if (!meaning) return error;
  const where = 'path' in error ? `: ${error.path}` : '';
  return new SetupError(`${capitalise(meaning.sentence)}${where} (${error.code}).`, meaning.mend);
}

/**
 * Looks at all that a machine must have, and reports what it lacks in one go, with one command.
 * @param {readonly (() => unknown)[]} checks each throws a SetupError for what is missing
 * @throws SetupError
 */
export function requireAll(checks) {
  /** @type {SetupError[]} */
  const failures = [];
  for (const check of checks) {
    try {
      check();
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 0) return;
  const packages = failures.flatMap((failure) => failure.packages ?? []);
  const mends = failures.filter((failure) => !failure.packages).map(({ mend }) => mend);
  if (packages.length > 0) mends.unshift(installCommand(packages));
  // Two stages that lack the same compiler lack it once.
  const messages = new Set(failures.map(({ message }) => message));
  throw new SetupError([...messages].join(' '), [...new Set(mends)].join('\n  and: '));
}

/**
 * The command that installs system packages here.
 * @param {readonly SystemPackages[]} packages
 */
function installCommand(packages) {
  /** @param {keyof SystemPackages} system */
  const names = (system) => [...new Set(packages.map((each) => each[system]))];
  if (process.platform === 'darwin') return names('macos').join(' && ');
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const family = release.match(/^ID(_LIKE)?=.*$/gm)?.join(' ') ?? '';
  if (/fedora|rhel|centos/.test(family)) return `sudo dnf install ${names('fedora').join(' ')}`;
  if (/arch/.test(family)) return `sudo pacman -S ${names('arch').join(' ')}`;
  return `sudo apt update && sudo apt install ${names('debian').join(' ')}`;
}

/** @param {string} text */
function capitalise(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
