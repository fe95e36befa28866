/**
 * Reports to the compiler which files have changed, when a cell is about to be compiled. The operating
 * system's notices come too late for a file that was saved just before its cell is run, and tslab's
 * converter stops working for good when one comes at the wrong moment.
 */
import { statSync } from 'node:fs';
import { isPackageFile } from './packages';
import type { TypeScript } from './typescript';

interface WatchedFile {
  readonly file: string;
  readonly onChange: TypeScript.FileWatcherCallback;
  modified: number | undefined;
}

function modifiedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

export class FileWatch {
  private readonly files = new Set<WatchedFile>();
  private readonly folders = new Map<string, Set<TypeScript.DirectoryWatcherCallback>>();
  /** FileWatcherEventKind, given by the compiler. */
  private readonly kinds: typeof TypeScript.FileWatcherEventKind;

  constructor(kinds: typeof TypeScript.FileWatcherEventKind) {
    this.kinds = kinds;
  }

  /** The function for `System.watchFile`. Installed packages do not change under a kernel. */
  readonly watchFile = (
    file: string,
    onChange: TypeScript.FileWatcherCallback,
  ): TypeScript.FileWatcher => {
    if (isPackageFile(file)) return { close: () => {} };
    const watched = { file, onChange, modified: modifiedAt(file) };
    this.files.add(watched);
    return { close: () => this.files.delete(watched) };
  };

  /** The function for `System.watchDirectory`, on folders where the compiler missed a module. */
  readonly watchDirectory = (
    folder: string,
    onChange: TypeScript.DirectoryWatcherCallback,
  ): TypeScript.FileWatcher => {
    const callbacks = this.folders.get(folder) ?? new Set();
    this.folders.set(folder, callbacks.add(onChange));
    return { close: () => callbacks.delete(onChange) };
  };

  /** Reports files that have changed since the last call. */
  reportFiles(): void {
    for (const watched of [...this.files]) {
      const modified = modifiedAt(watched.file);
      if (modified === watched.modified) continue;
      const { Changed, Created, Deleted } = this.kinds;
      const kind = modified === undefined ? Deleted : Changed;
      const created = watched.modified === undefined;
      watched.modified = modified;
      watched.onChange(watched.file, created ? Created : kind);
    }
  }

  /** Reports that a file has changed which is not on the disk. */
  report(file: string): void {
    for (const watched of [...this.files]) {
      if (watched.file === file) watched.onChange(file, this.kinds.Changed);
    }
  }

  /** Lets the compiler look again for the modules that it did not find. */
  reportFolders(): void {
    for (const [folder, callbacks] of [...this.folders]) {
      for (const callback of [...callbacks]) callback(folder);
    }
  }
}

/** The part of a host in which the compiler puts off its work. */
type Timers = Pick<TypeScript.System, 'setTimeout' | 'clearTimeout'>;

/**
 * tslab's system has a single timer and throws at a second one. The compiler uses two: one to build
 * the program, one to look for modules again. Joins them: both run when tslab fires its one.
 */
export function joinTimers(system: Timers): Required<Timers> {
  const waiting = new Map<number, () => void>();
  let lastId = 0;
  let handle: unknown;
  let firing = false;
  const fire = () => {
    firing = true;
    handle = undefined;
    try {
      for (const [id, callback] of waiting) {
        waiting.delete(id); // a Map's iteration also meets what a callback adds
        callback();
      }
    } finally {
      firing = false;
    }
  };
  return {
    setTimeout: (callback: (...args: unknown[]) => void, _ms: number, ...args: unknown[]) => {
      lastId += 1;
      waiting.set(lastId, () => callback(...args));
      if (!firing) handle ??= system.setTimeout?.(fire, 0);
      return lastId;
    },
    clearTimeout: (id: number) => {
      waiting.delete(id);
      if (waiting.size > 0 || firing || handle === undefined) return;
      system.clearTimeout?.(handle);
      handle = undefined;
    },
  };
}
