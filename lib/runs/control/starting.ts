/**
 * Notes that a run is being started: until its process answers on its socket, nothing else says so.
 *
 * A note is a file `control/starting-PID`, of whoever starts the run or of the run's new process, with that
 * process's mark. It counts while that process lives, and for a minute only: by then the process answers.
 */
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, makeFolder, withFile } from '../../files/disk';
import { readText } from '../../files/json';
import type { RunPaths } from '../record/folder';
import { markProcess } from '../record/process-mark';

const NOTE = /^starting-(\d+)$/;
const VALID_MS = 60_000;

/** Makes the folder of a run's sockets, the owner's alone. */
export async function makeControlFolder({ control }: RunPaths): Promise<void> {
  await makeFolder(control, 0o700);
}

/** @param pid a process that lives until the run's process answers */
export async function noteStart(paths: RunPaths, pid = process.pid): Promise<void> {
  await makeControlFolder(paths);
  const path = noteOf(paths, pid);
  const mark = (await markProcess(paths, pid)) ?? '';
  await withFile(path, 'written', () => writeFile(path, mark));
}

export async function removeNote(paths: RunPaths, pid = process.pid): Promise<void> {
  await rm(noteOf(paths, pid), { force: true });
}

/** A process that is starting the run; undefined when there is none. */
export async function findStarter(paths: RunPaths): Promise<number | undefined> {
  const names = await readdir(paths.control).catch((): string[] => []); // another user's, or not there
  for (const name of names) {
    const pid = Number(NOTE.exec(name)?.[1]);
    if (pid > 0 && (await isValid(paths, pid))) return pid;
  }
  return undefined;
}

async function isValid(paths: RunPaths, pid: number): Promise<boolean> {
  const path = noteOf(paths, pid);
  try {
    if (Math.abs(Date.now() - (await stat(path)).mtimeMs) >= VALID_MS) return false;
    return (await readText(path)) === (await markProcess(paths, pid)); // else it comes from a copy
  } catch (error) {
    if (isMissing(error)) return false; // the run has just started
    throw error;
  }
}

function noteOf({ control }: RunPaths, pid: number): string {
  return join(control, `starting-${pid}`);
}
