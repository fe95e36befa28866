/**
 * npm run evaluate -- RUN|CHECKPOINT: plays whole games with a trained network. The last line is JSON.
 * Exit codes: 0 done, 1 it cannot play, 2 wrong arguments.
 */
import { constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeGif } from '../display/gif';
import type { Picture } from '../display/picture';
import { supportOf } from '../dqn/categorical';
import { readCheckpoint } from '../dqn/checkpoint';
import type { TrainingConfig } from '../dqn/config';
import { evaluate } from '../dqn/evaluate';
import { compileQValues } from '../dqn/q-values';
import { tf } from '../engine/tensorflow';
import { makeBreakout } from '../env/make';
import { findUsable } from '../runs/checkpoints';
import { RunError } from '../runs/folder';
import type { Run } from '../runs/run';
import { attach } from '../runs/start';
import { userPath } from '../setup/user-path.mjs';
import { readProbability, readWholeNumber, runCommand, UsageError } from './arguments';

const USAGE = `usage: npm run evaluate -- RUN|CHECKPOINT [options]
  RUN|CHECKPOINT      a run's name or folder (its newest checkpoint), or a checkpoint's folder
  --episodes EPISODES whole games (100)
  --epsilon EPSILON   share of random actions (0.05)
  --seed SEED         fixes games and random actions (0)
  --gif FILE          writes the first game's beginning as an animation
`;

/** Pictures of the animation: a minute of play. */
const GIF_PICTURES = 900;

interface Arguments {
  readonly subject: string;
  readonly episodes: number;
  readonly epsilon: number;
  readonly seed: number;
  readonly gif: string | undefined;
}

function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      episodes: { type: 'string', default: '100' },
      epsilon: { type: 'string', default: '0.05' },
      seed: { type: 'string', default: '0' },
      gif: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  if (positionals.length !== 1) throw new UsageError('name one run or one checkpoint');
  const { episodes, epsilon, seed, gif } = values;
  return {
    subject: positionals[0]!,
    episodes: readWholeNumber({ option: '--episodes', text: episodes, min: 1 }),
    epsilon: readProbability({ option: '--epsilon', text: epsilon }),
    seed: readWholeNumber({ option: '--seed', text: seed, min: 0 }),
    gif: gif === undefined ? undefined : userPath(gif),
  };
}

/** The folder of a verified checkpoint, and its config. @throws Error when there is none. */
async function findCheckpoint(subject: string): Promise<{ path: string; config: TrainingConfig }> {
  const folder = userPath(subject);
  if (existsSync(join(folder, 'state.json'))) {
    const { config } = await readCheckpoint(folder);
    return { path: folder, config };
  }
  const usable = await findUsable((await findRun(subject)).paths);
  if (!usable)
    throw new RunError(`the run ${subject} has no checkpoint yet: run.checkpoint() makes one`);
  for (const damage of usable.damages) console.error(damage);
  return { path: usable.path, config: usable.info.config };
}

/** A run by its name or its folder. @throws RunError when there is none. */
function findRun(subject: string): Promise<Run> {
  if (!subject.includes('/')) return attach(subject);
  const folder = userPath(subject);
  if (existsSync(join(folder, 'config.json'))) {
    return attach(basename(folder), { runsFolder: dirname(folder) });
  }
  throw new RunError(
    existsSync(folder)
      ? `${subject} is no run, as it has no config.json, and no checkpoint, as it has no state.json: name ` +
          "a run, a run's folder, or a checkpoint-STEP in its folder checkpoints"
      : `there is no folder ${subject}: name a run, its folder, or the folder of a checkpoint`,
  );
}

/** @throws RunError when no file can be written there: better before the games than after them. */
async function checkWritable(gif: string): Promise<void> {
  const folder = dirname(gif);
  try {
    if (!existsSync(gif)) await access(`${folder}/`, constants.W_OK);
    else if (statSync(gif).isDirectory()) throw new Error('it is a folder');
    else await access(gif, constants.W_OK);
  } catch (error) {
    throw new RunError(
      `--gif cannot write ${gif} (${(error as Error).message}): name a file in a folder that is there`,
    );
  }
}

/** @throws RunError when it is not a network for these observations. */
async function loadNetwork(
  checkpoint: string,
  [stack, height, width]: readonly number[],
): Promise<tf.LayersModel> {
  const network = await tf.loadLayersModel(`file://${join(checkpoint, 'network', 'model.json')}`);
  const expected = [height, width, stack].join(', ');
  const got = network.inputs[0]!.shape.slice(1).join(', ');
  if (got !== expected) {
    throw new RunError(
      `a network for Breakout takes [${expected}], the one of ${checkpoint} [${got}]`,
    );
  }
  return network;
}

async function run({ subject, episodes, epsilon, seed, gif }: Arguments): Promise<void> {
  if (gif !== undefined) await checkWritable(gif);
  const env = makeBreakout();
  const { path: checkpoint, config } = await findCheckpoint(subject);
  const network = await loadNetwork(checkpoint, env.observationSpace.shape);
  console.log(`${checkpoint}: ${episodes} episodes, epsilon ${epsilon}, seed ${seed}`);
  const pictures: Picture[] = [];
  const { qValues, dispose } = compileQValues(network, { support: supportOf(config) });
  let played = 0;
  const { returns, meanReturn, standardError, medianReturn } = await evaluate({
    env,
    episodes,
    epsilon,
    seed,
    qValues,
    onEpisode: (episodeReturn) => console.log(`episode ${++played}: ${episodeReturn}`),
    ...(gif === undefined ? {} : { picture: () => keepPicture(pictures, env.render()) }),
  }).finally(dispose);
  const std = episodes > 1 ? standardError * Math.sqrt(episodes) : null;
  const best = Math.max(...returns);
  console.log(
    JSON.stringify({ mean: meanReturn, std, median: medianReturn, best, episodes, epsilon }),
  );
  // last, as the disk may be full by now
  if (gif !== undefined) writeFileSync(gif, (await encodeGif(pictures)).data);
}

function keepPicture(pictures: Picture[], data: Uint8Array): void {
  if (pictures.length < GIF_PICTURES) pictures.push({ data, shape: [210, 160, 3] });
}

async function main(): Promise<number> {
  await run(readArguments(process.argv.slice(2)));
  return 0;
}

runCommand(main, { usage: USAGE });
