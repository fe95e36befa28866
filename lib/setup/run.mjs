/** Runs the tools of the set-up (npm, pip, the compiler): output to a log, ended with us. */
import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Stopped } from './errors.mjs';

const stopper = new AbortController();
/** Aborted when a signal, or the end of our parent, asks us to end. */
export const stopped = stopper.signal;
setMaxListeners(0, stopped); // whatever runs or waits listens

/** From now on Ctrl-C, SIGTERM, a closed terminal and the end of our parent end the tools too. */
export function stopWithSignals() {
  const stop = () => stopper.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  if (process.channel) {
    process.on('disconnect', stop);
    process.channel.unref(); // the listener alone would keep this process alive
  }
}

/** @throws Stopped when we were asked to end */
export function throwIfStopped() {
  if (stopped.aborted) throw new Stopped();
}

/**
 * @typedef {object} ToolResult
 * @property {number | null} code exit code; null when a signal ended the tool
 * @property {NodeJS.Signals | null} signal
 * @property {string} output standard output and error, in order of arrival
 */

/**
 * Runs a tool to its end, whatever its exit code.
 * @param {object} options
 * @param {string} options.command
 * @param {string[]} options.args
 * @param {string} options.cwd
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} options.log file that receives the whole output
 * @param {(line: string) => void} [options.onLine]
 * @param {number} [options.lock] file descriptor of the lock, which the tool then holds, too
 * @returns {Promise<ToolResult>}
 * @throws the spawn error (ENOENT when there is no such command); {@link Stopped} after a signal to us
 */
export async function runTool({ command, args, cwd, env = process.env, log, onLine, lock }) {
  throwIfStopped();
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, `${[command, ...args].join(' ')}\n`);
  const child = spawn(command, args, {
    ...{ cwd, env, signal: stopped },
    stdio: ['ignore', 'pipe', 'pipe', lock ?? 'ignore'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue; // for the type: both are pipes
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      appendFileSync(log, text);
    });
    if (onLine) createInterface({ input: stream }).on('line', onLine);
  }
  return { ...(await endOf(child)), output };
}

/**
 * Runs a program that shows its own output and learns of our end by its IPC channel.
 * @param {object} options
 * @param {string[]} options.args arguments of node
 * @param {string} options.cwd
 * @param {number} options.lock file descriptor of the lock, which the program then holds, too
 * @returns {Promise<number>} its exit code
 */
export async function runNode({ args, cwd, lock }) {
  throwIfStopped();
  const child = spawn(process.execPath, args, {
    ...{ cwd, signal: stopped },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', lock],
  });
  return (await endOf(child)).code ?? 1;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
function endOf(child) {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      if (!stopped.aborted) reject(error); // else it has been asked to end: wait until it has
    });
    child.on('close', (code, signal) => {
      if (stopped.aborted) reject(new Stopped());
      else resolve({ code, signal });
    });
  });
}
