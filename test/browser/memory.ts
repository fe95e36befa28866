/** How much memory processes take, and whether it grows. */
import { execFileSync } from 'node:child_process';
import type { SourceCell } from '../../lib/notebook/percent';
import type { NotebookPage } from './notebook-page';

/** A cell that prints the id of the kernel's process, for `kernelPid`. */
export const PID_CELL: SourceCell = {
  type: 'code',
  id: 'kernel-process',
  tags: [],
  source: "console.log('kernel', process.pid);",
  line: 1,
};

/** The kernel's process id, once `PID_CELL` has run. */
export async function kernelPid(page: NotebookPage): Promise<number> {
  const printed = (await page.outputs(PID_CELL.id)).getByText(/kernel \d+/);
  // its text as it is, and not as it is seen: JupyterLab hides what the notebook has scrolled past
  return Number((await printed.textContent())!.match(/\d+/)![0]);
}

/** Resident memory of a process, in MB. */
export function residentMb(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) / 1024;
}

/**
 * Growth from the first third of the samples to the last one. Memory rises until garbage is collected and
 * falls by up to 200 MB then, so the lows are compared: a leak shows in them.
 */
export function growthOf(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  return Math.min(...samples.slice(-third)) - Math.min(...samples.slice(0, third));
}
