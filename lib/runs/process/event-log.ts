/** Writes a run's events.log, what happened in lines for people: time, agent step, sentence. */
import { appendFile } from 'node:fs/promises';
import { isDiskFull, withFile } from '../../files/disk';

/** Lines for which the disk has no room are kept and written with a later one. */
export class EventLog {
  private readonly path: string;
  private readonly now: () => Date;
  private readonly check: () => Promise<void>;
  private unwritten = '';
  private writing: Promise<void> = Promise.resolve();

  /** @param check throws when the file may not be written any more */
  constructor(options: { path: string; now: () => Date; check?: () => Promise<void> }) {
    this.path = options.path;
    this.now = options.now;
    this.check = options.check ?? (async () => {});
  }

  /** Adds a line; lines appear in the order of the calls. */
  async add(agentStep: number, text: string): Promise<void> {
    this.unwritten += `${this.now().toISOString()} step ${agentStep}: ${text}\n`;
    this.writing = this.writing.then(() => this.write());
    await this.writing;
  }

  private async write(): Promise<void> {
    const text = this.unwritten;
    if (text === '') return;
    await this.check();
    try {
      await withFile(this.path, 'written', () => appendFile(this.path, text));
      this.unwritten = this.unwritten.slice(text.length);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }
}
