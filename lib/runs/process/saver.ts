/** Saves checkpoints: takes the state between two steps, and writes it beside the training. */
import { type Snapshot, takeSnapshot, writeSnapshot } from '../../dqn/checkpoint/checkpoint';
import type { Training } from '../../dqn/training/training';
import { prune } from '../record/checkpoints';
import type { RunPaths } from '../record/folder';
import type { MetricsLog } from '../record/metrics';
import { checkOwner, type RunConfig } from '../record/run-config';
import { availableBytes } from './memory-need';
import type { Meter } from './meter';

export interface SaverOptions {
  readonly paths: RunPaths;
  readonly config: RunConfig;
  readonly training: Training;
  readonly metrics: MetricsLog;
  readonly meter: Meter;
  readonly save?: typeof writeSnapshot;
  /** Called when a checkpoint is on the disk. */
  readonly onSaved: (agentStep: number) => Promise<void>;
}

/** What becomes of a checkpoint that is written beside the training. */
export interface Beside {
  /** Its folder, once it is written. */
  readonly written: Promise<string>;
}

/** At most one checkpoint is written at a time, so there is at most one copy of the state. */
export class Saver {
  private readonly options: SaverOptions;
  private saves = 0;
  private beside: Promise<void> | undefined;

  constructor(options: SaverOptions) {
    this.options = options;
  }

  /** Whether a checkpoint is being written. */
  get isSaving(): boolean {
    return this.saves > 0;
  }

  /** Whether one is being written beside the training. */
  get isBeside(): boolean {
    return this.beside !== undefined;
  }

  /** Waits until nothing is written beside the training any more, however that ends. */
  async settle(): Promise<void> {
    while (this.beside) await this.beside;
  }

  /**
   * Saves while the training waits. The rows of metrics must have been written.
   * @returns the checkpoint's folder
   * @throws Error as `saveCheckpoint`, RemovedError as `checkOwner`.
   */
  async save(): Promise<string> {
    await this.settle();
    return this.write(await this.take(0));
  }

  /**
   * Begins to save; the training may go on when this returns.
   * @returns undefined when there is no memory for a copy: nothing has begun then
   * @throws Error as `takeSnapshot`, RemovedError as `checkOwner`.
   */
  async begin(): Promise<Beside | undefined> {
    await this.settle();
    const snapshot = await this.take(availableBytes() / 2);
    if (!snapshot.isCopy) return undefined;
    const written = this.write(snapshot);
    const ended = () => {
      this.beside = undefined;
    };
    this.beside = written.then(ended, ended);
    return { written };
  }

  private async take(copyBytes: number): Promise<Snapshot> {
    const { paths, config, training, meter } = this.options;
    await checkOwner(paths, config);
    return takeSnapshot({
      training,
      folder: paths.checkpoints,
      keepReplay: config.settings.keepReplay,
      notes: meter.state(),
      run: config.id,
      copyBytes,
    });
  }

  private async write(snapshot: Snapshot): Promise<string> {
    const { paths, metrics, save = writeSnapshot, onSaved } = this.options;
    this.saves++;
    try {
      await metrics.sync(); // the rows up to a checkpoint are on the disk before it is
      const path = await save(snapshot);
      await prune(paths);
      await onSaved(snapshot.agentStep);
      return path;
    } finally {
      this.saves--;
    }
  }
}
