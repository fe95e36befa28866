/** Runs the tools of the set-up (npm, pip, the compiler): output to a log, ended with us. */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { Stopped } from './errors.mjs';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let stopping = false;

/** From now on Ctrl-C, SIGTERM, a closed terminal and the end of our parent end the tools too. */
export function stopWithSignals() {
  const stop = () => {
    stopping = true;
    for (const child of running) child.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  if (process.channel) {
    process.on('disconnect', stop);
    process.channel.unref(); // the listener alone would keep this process alive
  }
}

/** @throws Stopped when we were told to end */
export function throwIfStopped() {
  if (stopping) throw new Stopped();
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
 * @param {(pid: number) => void} [options.onStart]
 * @returns {Promise<ToolResult>}
 * @throws the spawn error (ENOENT when there is no such command); {@link Stopped} after a signal to us
 */
export async function runTool({ command, args, cwd, env = process.env, log, onLine, onStart }) {
  throwIfStopped();
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, `${[command, ...args].join(' ')}\n`);
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  if (child.pid !== undefined) onStart?.(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    stream.on('data', (chunk) => {
      const text = decoder.write(chunk);
      output += text;
      appendFileSync(log, text);
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    });
  }
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (stopping) reject(new Stopped());
        else resolve({ code, signal, output });
      });
    });
  } finally {
    running.delete(child);
  }
}

/**
 * Runs a program that shows its own output and learns of our end by its IPC channel.
 * @param {object} options
 * @param {string[]} options.args arguments of node
 * @param {string} options.cwd
 * @param {(pid: number) => void} options.onStart
 * @returns {Promise<number>} its exit code
 */
export async function runNode({ args, cwd, onStart }) {
  throwIfStopped();
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  running.add(child);
  if (child.pid !== undefined) onStart(child.pid);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        if (stopping) reject(new Stopped());
        else resolve(code ?? 1);
      });
    });
  } finally {
    running.delete(child);
  }
}
