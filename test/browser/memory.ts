/** How much memory processes take, and whether it grows. */
import { execFileSync } from 'node:child_process';

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
