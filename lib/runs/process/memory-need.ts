/** Whether a run's memory will fit, before it is half filled. */
import { freemem } from 'node:os';
import type { TrainingConfig } from '../../dqn/config/config';
import { DEFAULT_MAX_BYTES } from '../../dqn/replay/compressed-pictures';
import { maxPlainPictures } from '../../dqn/replay/plain-pictures';
import { RunError } from '../record/folder';
import type { RunSettings } from '../record/run-config';

/** Bytes resident with TensorFlow, both networks, the optimizer and a batch of 32: measured 0.7 GB. */
const BASE_BYTES = 800e6;
/** What a transition takes beside its picture: action, reward, flags, and where a compressed picture is. */
const TRANSITION_BYTES = 20;

export interface MemoryNeed {
  readonly config: TrainingConfig;
  readonly replay: RunSettings['replay'];
  /** [stack, height, width] uint8 */
  readonly observationShape: readonly number[];
  /** Bytes that this machine, or the container's limit, has left; default: asked of the system. */
  readonly freeBytes?: number;
  /** Bytes that the longest array can hold; default: Node's limit. */
  readonly arrayBytes?: number;
}

/** Most bytes that the memory takes. */
export function replayBytes({ config, replay, observationShape }: MemoryNeed): number {
  const [stack, height, width] = observationShape as [number, number, number];
  if (config.method === 'pqn') {
    return config.numEnvs * (config.rolloutSteps + 1) * stack * height * width;
  }
  const pictures = config.bufferSize * height * width;
  const kept = replay === 'compressed' ? Math.min(pictures, DEFAULT_MAX_BYTES) : pictures;
  return kept + config.bufferSize * TRANSITION_BYTES;
}

/** Most bytes that the whole process takes. */
export function neededBytes(need: MemoryNeed): number {
  return replayBytes(need) + BASE_BYTES;
}

/** @throws RunError with needed and free figures, or what one array can hold, when it would not fit. */
export function checkMemory(need: MemoryNeed): void {
  const { config, replay, freeBytes = availableBytes() } = need;
  const forReplay = replayBytes(need);
  const needed = neededBytes(need);
  if (needed <= freeBytes) {
    if (config.method === 'dqn' && replay === 'plain') checkArray(config.bufferSize, need);
    return;
  }
  if (config.method === 'pqn') {
    throw new RunError(
      `${config.numEnvs} games of ${config.rolloutSteps} steps need ${gigabytes(needed)} of memory, ` +
        `${gigabytes(freeBytes)} are free: choose a smaller numEnvs or end other programs`,
    );
  }
  const instead = replay === 'plain' ? "replay: 'compressed', a smaller bufferSize," : '';
  throw new RunError(
    `a replay memory of ${config.bufferSize} pictures needs ${gigabytes(needed)} of memory ` +
      `(${gigabytes(forReplay)} for itself), ${gigabytes(freeBytes)} are free: choose ` +
      `${instead || 'a smaller bufferSize'} or end other programs`,
  );
}

function checkArray(bufferSize: number, { observationShape, arrayBytes }: MemoryNeed): void {
  const [, height, width] = observationShape as [number, number, number];
  const most = maxPlainPictures(height * width, arrayBytes);
  if (bufferSize <= most) return;
  throw new RunError(
    `bufferSize must be at most the ${most} plain pictures that one array can hold, got ${bufferSize}: ` +
      "choose replay: 'compressed' or a smaller bufferSize",
  );
}

/** Bytes free for new use without swapping, within a container's limit. */
export function availableBytes(): number {
  return process.availableMemory?.() ?? freemem();
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
