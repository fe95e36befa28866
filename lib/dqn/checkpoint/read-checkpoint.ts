/** Reads what a checkpoint says of itself, and verifies every file of it. */
import { join } from 'node:path';
import { FileError, isMissing } from '../../files/disk';
import { digestFile, FILE_RECORD, type FileRecord, sha256 } from '../../files/flushed';
import { readText } from '../../files/json';
import {
  conform,
  fields,
  listOf,
  number,
  object,
  optional,
  orNull,
  recordOf,
  type Schema,
  text,
  truth,
  whole,
} from '../../files/schema';
import { messageOf, show } from '../../text';
import { ConfigError, checkSavedConfig } from '../config/check-config';
import type { TrainingConfig } from '../config/config';
import type { ReplayHead } from '../replay/replay';
import type { GameState } from '../training/game';
import type { TrainingCounters } from '../training/training';

/** This number changes when the files' meaning does. */
export const VERSION = 3;
/** This version does not name its memory's kind: it is left out, and a resumed training fills a new one. */
const VERSION_WITHOUT_KIND = 2;

/** A checkpoint that is incomplete or damaged. */
export class CheckpointError extends Error {
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`the checkpoint ${path} cannot be used: ${reason}. Use an older one.`);
    this.name = 'CheckpointError';
    this.reason = reason;
  }
}

/** A checkpoint that is whole, as far as one can tell, but made by another version of the program. */
export class CheckpointVersionError extends Error {
  constructor(path: string, version: unknown) {
    super(
      `the checkpoint ${path} has the format ${show(version)}, this program reads format ${VERSION}: ` +
        'use the version of the program that made it',
    );
    this.name = 'CheckpointVersionError';
  }
}

/** What state.json holds beside its own checksum. Numbers in .bin files are little-endian. */
export interface CheckpointInfo {
  readonly version: number;
  readonly seed: number;
  /** Id of the run that it belongs to; left out when no run made it. */
  readonly run?: string;
  readonly config: TrainingConfig;
  readonly counters: TrainingCounters;
  readonly games: readonly GameState[];
  readonly adamUpdates: number;
  /** Kind and counters of the memory; null when it was not kept. */
  readonly buffer: ReplayHead | null;
  /** The numbers that the caller of `saveCheckpoint` added. */
  readonly notes: Readonly<Record<string, number>>;
  readonly files: Readonly<Record<string, FileRecord>>;
}

/** The files that every checkpoint has; a kept memory adds replay-NAME.bin for each of its arrays. */
const FILES = [
  ...['network/model.json', 'network/weights.bin', 'network/weights.safetensors'],
  ...['target.bin', 'adam.bin', 'random.bin'],
];
const REPLAY_FILE = /^replay-\w+\.bin$/;

const INFO = fields<CheckpointInfo>({
  version: whole,
  seed: whole,
  run: optional(text),
  config: object as Schema<unknown> as Schema<TrainingConfig>, // `checkSavedConfig` checks it
  counters: fields<TrainingCounters>({
    agentStep: whole,
    episodes: whole,
    updates: whole,
    learningFrom: whole,
    recentReturns: listOf(number),
    solved: truth,
  }),
  games: listOf(fields<GameState>({ episode: whole, seed: whole, actions: listOf(whole) })),
  adamUpdates: whole,
  buffer: orNull(fields<ReplayHead>({ kind: text, counters: recordOf(number) })),
  notes: recordOf(number),
  files: recordOf(FILE_RECORD),
});

/**
 * Reads a checkpoint's state.json and verifies every file of the checkpoint.
 * @throws CheckpointError when one is missing, torn or changed.
 * @throws CheckpointVersionError when this program cannot read it.
 * @throws FileError when a file is there and cannot be read, as by another user: it need not be damaged.
 */
export async function readCheckpoint(path: string): Promise<CheckpointInfo> {
  const damaged = (reason: string) => new CheckpointError(path, reason);
  const orDamaged = (reason: string) => (error: unknown) => {
    if (isMissing(error)) throw damaged(reason);
    throw error instanceof FileError && isOther(error) ? damaged(error.message) : error;
  };
  const content = await readText(join(path, 'state.json')).catch(orDamaged('it has no state.json'));
  const sealed = openSeal(content);
  if (sealed === undefined) throw damaged('its state.json does not match its checksum');
  const { version } = sealed;
  if (version !== VERSION && version !== VERSION_WITHOUT_KIND) {
    throw new CheckpointVersionError(path, version);
  }
  let info: CheckpointInfo;
  try {
    const hasKind = version === VERSION;
    info = conform(hasKind ? sealed : { ...sealed, buffer: null }, INFO, 'its state.json');
    checkNames(info.files);
  } catch (error) {
    throw damaged(messageOf(error));
  }
  for (const [file, { bytes, sha256: expected }] of Object.entries(info.files)) {
    const got = await digestFile(join(path, file), bytes).catch(orDamaged(`${file} is missing`));
    if (got.bytes !== bytes) throw damaged(`${file} must have ${bytes} bytes, it has ${got.bytes}`);
    if (got.sha256 !== expected) throw damaged(`${file} does not match its checksum`);
  }
  try {
    return { ...info, config: checkSavedConfig({ ...info.config }) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.problems, join(path, 'state.json'));
  }
}

/** Whether something else stands in a file's place, or far more than it can have had. */
function isOther({ code }: FileError): boolean {
  return code === undefined || code === 'ELOOP' || code === 'ENXIO'; // a socket has the last
}

/** The content of state.json, or undefined when it is torn or does not match its own checksum. */
function openSeal(content: string): Record<string, unknown> | undefined {
  try {
    const { sha256: expected, info } = JSON.parse(content);
    if (sha256(JSON.stringify(info)) === expected) return object(info, '');
  } catch {} // as when it is torn
  return undefined;
}

/** A checkpoint has its own files, all of them, and none outside of its folder. */
function checkNames(files: CheckpointInfo['files']): void {
  const missing = FILES.find((name) => !Object.hasOwn(files, name));
  if (missing !== undefined) throw new Error(`its state.json must list ${missing}, and does not`);
  const names = Object.keys(files);
  const foreign = names.find((name) => !FILES.includes(name) && !REPLAY_FILE.test(name));
  if (foreign !== undefined) {
    throw new Error(`its state.json lists ${foreign}, which is no file of a checkpoint`);
  }
}
