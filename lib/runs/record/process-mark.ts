/** Tells a process that works in a run's folder from a later one that has got the same number. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isMissing, withFile } from '../../files/disk';
import type { RunPaths } from './folder';

/** Identifies a folder, which differs from its copies, whatever paths lead to it. */
export async function identifyFolder({ folder }: RunPaths): Promise<string> {
  const look = () => stat(folder, { bigint: true });
  const { dev, ino } = await withFile(folder, 'read', look).catch((error) => {
    if (isMissing(error)) return { dev: 0, ino: 0 }; // so nobody runs it
    throw error;
  });
  return `${dev}:${ino}`;
}

/** A text that only this process in this very folder has; undefined when no such process lives. */
export async function markProcess(paths: RunPaths, pid: number): Promise<string | undefined> {
  const start = await (process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid));
  return start && `${pid} ${start} ${await identifyFolder(paths)}`;
}

/** The boot, and the clock ticks from it to the start of the process. */
async function startOnLinux(pid: number): Promise<string | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    // the name before the last bracket may have any characters; see proc_pid_stat(5)
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0]!, fields[19]!];
    return hasEnded(state) ? undefined : `${boot.trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}

/** The date and second of the start. */
async function startElsewhere(pid: number): Promise<string | undefined> {
  try {
    const args = ['-o', 'stat=,lstart=', '-p', String(pid)];
    const { stdout } = await promisify(execFile)('ps', args, {
      env: { ...process.env, LC_ALL: 'C' },
    });
    const [state, ...start] = stdout.trim().split(/\s+/);
    return hasEnded(state!) ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}

/** A zombie has ended: only its parent has not looked yet. */
function hasEnded(state: string): boolean {
  return state.startsWith('Z') || state.startsWith('X');
}
