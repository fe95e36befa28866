/** Says in a sentence which file cannot be read, written or believed, and what to do about it. */
import { mkdir, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname } from 'node:path';

/** What the system's codes mean, and what helps. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not, let its owner allow it or use another folder',
  EDQUOT: "this user's share of the disk is full, free some space and try again",
  EIO: 'the disk reports an error, look after it and try again',
  EISDIR: 'it is a folder, name a file',
  ELOOP: 'its links lead round in a circle, remove them',
  EMFILE: 'too many files are open, close other programs and try again',
  ENAMETOOLONG: 'its name is too long, choose a shorter one',
  ENFILE: 'too many files are open, close other programs and try again',
  ENOENT: 'there is no such file or folder, look at the path',
  ENOSPC: 'the disk is full, free some space and try again',
  ENOTDIR: 'a file stands where a folder must be, look at the path',
  EPERM: 'this user may not, let its owner allow it or use another folder',
  EROFS: 'the disk is read-only, use a folder on another one',
  ESTALE: 'its server no longer knows it, try again',
};

/** A file that cannot be read or written, or whose content is not what it must be. */
export class FileError extends Error {
  override readonly name = 'FileError';
  /** The system's code, as ENOSPC; undefined when the content is wrong. */
  readonly code: string | undefined;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.code = codeOf(cause);
  }
}

/**
 * Does something with a file or folder.
 * @throws FileError that names it, in place of the system's error and of one about a part of it.
 */
export async function withFile<T>(
  path: string,
  verb: 'read' | 'written',
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const cause = error instanceof FileError ? error.cause : error;
    const reason = REASONS[code] ?? `the system says "${(cause as Error).message}"`;
    throw new FileError(`${path} cannot be ${verb} (${code}): ${reason}`, cause);
  }
}

/**
 * Makes a folder, and those above it, unless they are there.
 * @throws FileError with the true reason: Node's own `recursive` says ENOENT where the disk is read-only.
 */
export function makeFolder(path: string, mode = 0o777): Promise<void> {
  return withFile(path, 'written', async () => {
    try {
      await mkdir(path, { mode });
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
      if (code !== 'ENOENT' || dirname(path) === path) throw error;
      await makeFolder(dirname(path), mode);
      await makeFolder(path, mode); // another process may have made it meanwhile
    }
  });
}

/** No room left, or none left for this user. */
export function isDiskFull(error: unknown): boolean {
  return saysDiskFull(codeOf(error) ?? '');
}

/** Whether a message, as of a process that has ended, is about a full disk. */
export function saysDiskFull(message: string): boolean {
  return /\b(ENOSPC|EDQUOT)\b/.test(message) || message.includes(unnamed(constants.errno.EDQUOT));
}

/** Whether a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function codeOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | null | undefined)?.code;
  if (typeof code !== 'string') return undefined;
  const named = Object.entries(constants.errno).find(([, number]) => code === unnamed(number));
  return named?.[0] ?? code;
}

/** What Node calls an error that libuv has no name for, as EDQUOT and ESTALE. */
function unnamed(errno: number): string {
  return `Unknown system error -${errno}`;
}
