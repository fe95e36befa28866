/** Ends this process together with the children that cells have started. */
import { spawnSync } from 'node:child_process';

/** How often the parent process is looked for, in ms. */
const PARENT_CHECK_INTERVAL = 1000;

/**
 * Sends a signal to the kernel's process group: Jupyter starts each kernel as the leader of one.
 * Children started with `detached` (a long run of its own) are in another group and stay alive.
 */
export function killProcessGroup(signal: NodeJS.Signals): void {
  try {
    process.kill(-process.pid, signal);
  } catch {
    process.kill(process.pid, signal); // not a group's leader, so nobody else is in it
  }
}

/** SIGINT for the others in the process group, as Ctrl-C in a terminal sends it. */
export function interruptChildren(): void {
  for (const pid of listGroup()) {
    try {
      if (pid !== process.pid) process.kill(pid, 'SIGINT');
    } catch {
      // has ended in the meantime
    }
  }
}

/** The processes of the group that this process leads. */
function listGroup(): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,pgid='], { encoding: 'utf8' });
  const rows = (stdout ?? '').split('\n').map((row) => row.trim().split(/\s+/).map(Number));
  return rows.filter(([, group]) => group === process.pid).map(([pid]) => pid!);
}

/** Calls `onGone` once the process that started the kernel no longer exists. */
export function watchParent(parentPid: number, onGone: () => void): void {
  if (parentPid <= 1) return; // started by init: there is nobody to outlive
  const timer = setInterval(() => {
    if (process.ppid === parentPid) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_INTERVAL);
}
