/**
 * Remembers over restarts of the kernel which states of the library had no type errors: checking it
 * takes seconds, and a reader of the notebook never changes it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** How many states are kept: notebooks may import different parts of the library. */
const MAX_STATES = 16;

export class CheckCache {
  private readonly file: string;
  private readonly context: string;

  /** `context` is all that decides about errors beside the files: compiler and packages. */
  constructor(options: { readonly folder: string; readonly context: string }) {
    this.file = path.join(options.folder, 'checked-library.json');
    this.context = options.context;
  }

  /** Whether these files, each as `name:version`, were once found to be without errors. */
  has(files: readonly string[]): boolean {
    return this.read().includes(this.digest(files));
  }

  add(files: readonly string[]): void {
    const digest = this.digest(files);
    const states = [digest, ...this.read().filter((state) => state !== digest)];
    const temporary = `${this.file}.${process.pid}.tmp`;
    try {
      mkdirSync(path.dirname(this.file), { recursive: true });
      writeFileSync(temporary, JSON.stringify(states.slice(0, MAX_STATES)));
      renameSync(temporary, this.file); // another kernel may read at this moment
    } catch {
      // A folder that cannot be written to costs time only.
    }
  }

  private read(): string[] {
    try {
      const states: unknown = JSON.parse(readFileSync(this.file, 'utf8'));
      return Array.isArray(states) ? states.filter((state) => typeof state === 'string') : [];
    } catch {
      return [];
    }
  }

  private digest(files: readonly string[]): string {
    const text = [this.context, ...[...files].sort()].join('\n');
    return createHash('sha256').update(text).digest('hex');
  }
}
