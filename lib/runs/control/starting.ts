/**
 * Notes that a run is being started: until its process answers on its socket, nothing else says so.
 *
 * A note is an empty file `control/starting-PID`, of whoever starts the run or of the run's new process. It
 * counts while that process lives, and for a minute only: by then the process answers, and later the number
 * may be another process's.
 */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, withFile } from '../../files/disk';
import type { RunPaths } from '../record/folder';

const NOTE = /^starting-(\d+)$/;
const VALID_MS = 60_000;

/** Makes the folder of a run's sockets, the owner's alone. */
export async function makeControlFolder({ control }: RunPaths): Promise<void> {
  await withFile(control, 'written', () => mkdir(control, { recursive: true, mode: 0o700 }));
}

/** @param pid a process that lives until the run's process answers */
export async function noteStart(paths: RunPaths, pid = process.pid): Promise<void> {
  await makeControlFolder(paths);
  const path = noteOf(paths, pid);
  await withFile(path, 'written', () => writeFile(path, ''));
}

export async function removeNote(paths: RunPaths, pid = process.pid): Promise<void> {
  await rm(noteOf(paths, pid), { force: true });
}

/** A process that is starting the run; undefined when there is none. */
export async function findStarter(paths: RunPaths): Promise<number | undefined> {
  const names = await readdir(paths.control).catch((): string[] => []); // another user's, or not there
  for (const name of names) {
    const pid = Number(NOTE.exec(name)?.[1]);
    if (isAlive(pid) && (await isValid(noteOf(paths, pid)))) return pid;
  }
  return undefined;
}

async function isValid(path: string): Promise<boolean> {
  try {
    return Math.abs(Date.now() - (await stat(path)).mtimeMs) < VALID_MS;
  } catch (error) {
    if (isMissing(error)) return false; // the run has just started
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}

function noteOf({ control }: RunPaths, pid: number): string {
  return join(control, `starting-${pid}`);
}
