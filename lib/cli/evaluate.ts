/**
 * npm run evaluate -- RUN|CHECKPOINT|AGENT: plays whole games with a trained network. The last line is JSON.
 * Exit codes: 0 done, 1 it cannot play, 2 wrong arguments.
 */
import { constants, existsSync, statSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Picture } from '../display/picture';
import { requireEnding, saveGif } from '../display/save';
import { loadCheckpointNetwork } from '../dqn/checkpoint/load-network';
import { type CheckpointInfo, readCheckpoint } from '../dqn/checkpoint/read-checkpoint';
import type { TrainingConfig } from '../dqn/config/config';
import { supportOf } from '../dqn/equations/categorical';
import { compileQValues } from '../dqn/learner/compile-q-values';
import { evaluate } from '../dqn/training/evaluate';
import type { tf } from '../engine/tensorflow';
import { makeBreakout } from '../env/breakout';
import { requireUsable } from '../runs/record/checkpoints';
import { RunError } from '../runs/record/folder';
import { loadAgentNetwork, PRETRAINED, readAgent } from '../runs/results/agent';
import { PROTOCOLS, type ProtocolName } from '../runs/results/protocols';
import { userPath } from '../setup/user-path.mjs';
import { messageOf, printable } from '../text';
import { readProbability, readWholeNumber, runCommand, UsageError } from './arguments';
import { findRun } from './find-run';

const USAGE = `usage: npm run evaluate -- RUN|CHECKPOINT|AGENT [options]
  RUN|CHECKPOINT|AGENT a run's name or folder (its newest checkpoint), a checkpoint's or an exported agent's
                      folder, or "pretrained", the agent that comes with the project
  --episodes EPISODES whole games (100)
  --epsilon EPSILON   share of random actions (0.05)
  --seed SEED         fixes games and random actions (0)
  --protocol PROTOCOL classic (as is usual since 2015) or machado (sticky actions)
  --gif FILE.gif      writes a minute of the first game as an animation
  --gif-from STEP     agent step at which that minute begins (0)
`;

/** Pictures of the animation: a minute of play. */
const GIF_PICTURES = 900;

type Arguments = ReturnType<typeof readArguments>;

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      episodes: { type: 'string', default: '100' },
      epsilon: { type: 'string', default: '0.05' },
      seed: { type: 'string', default: '0' },
      protocol: { type: 'string', default: 'classic' },
      gif: { type: 'string' },
      'gif-from': { type: 'string', default: '0' },
    },
  });
  if (positionals.length !== 1) throw new UsageError('name one run, checkpoint or agent');
  const { episodes, epsilon, seed, protocol, gif } = values;
  return {
    subject: positionals[0]!,
    episodes: readWholeNumber({ option: '--episodes', text: episodes, min: 1 }),
    epsilon: readProbability({ option: '--epsilon', text: epsilon }),
    seed: readWholeNumber({ option: '--seed', text: seed, min: 0 }),
    protocol: readProtocol(protocol),
    gif: gif === undefined ? undefined : readGif(gif),
    gifFrom: readWholeNumber({ option: '--gif-from', text: values['gif-from'], min: 0 }),
  };
}

function readGif(file: string): string {
  try {
    requireEnding(file, ['.gif']);
  } catch (error) {
    throw new UsageError(`--gif: ${messageOf(error)}`);
  }
  return userPath(file);
}

function readProtocol(name: string): ProtocolName {
  if (Object.hasOwn(PROTOCOLS, name)) return name as ProtocolName;
  const names = Object.keys(PROTOCOLS).join(' or ');
  throw new UsageError(`--protocol must be ${names}, got ${name || 'nothing'}`);
}

/** A network of verified files, and the config that it was trained with. */
interface Trained {
  /** The path as messages show it. */
  readonly path: string;
  readonly network: tf.LayersModel;
  readonly config: TrainingConfig;
}

/** @throws Error when there is nothing trained under this name. */
async function findTrained(subject: string): Promise<Trained> {
  const folder = subject === 'pretrained' ? PRETRAINED : userPath(subject);
  if (existsSync(join(folder, 'agent.json'))) {
    const info = await readAgent(folder);
    return { path: folder, network: await loadAgentNetwork(folder, info), config: info.config };
  }
  const checkpoint = async (path: string, info: CheckpointInfo): Promise<Trained> => {
    return { path, network: await loadCheckpointNetwork({ path, info }), config: info.config };
  };
  if (existsSync(join(folder, 'state.json'))) {
    return checkpoint(folder, await readCheckpoint(folder));
  }
  const run = await findRun(subject, ', no checkpoint (state.json), no agent (agent.json)');
  const usable = await requireUsable(run.paths, subject);
  for (const damage of usable.damages) console.error(printable(damage));
  return checkpoint(usable.path, usable.info);
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
      `--gif cannot write ${gif} (${messageOf(error)}): name a file in a folder that is there`,
    );
  }
}

/** @throws RunError when it is not a network for these observations. */
function checkInput({ path, network }: Trained, [stack, height, width]: readonly number[]): void {
  const expected = [height, width, stack].join(', ');
  const got = network.inputs[0]!.shape.slice(1).join(', ');
  if (got !== expected) {
    throw new RunError(`a network for Breakout takes [${expected}], the one of ${path} [${got}]`);
  }
}

async function run(options: Arguments): Promise<void> {
  const { subject, episodes, epsilon, seed, protocol, gif, gifFrom } = options;
  if (gif !== undefined) await checkWritable(gif);
  const { environment, meaning } = PROTOCOLS[protocol];
  const env = makeBreakout(environment);
  const trained = await findTrained(subject);
  const { network } = trained;
  checkInput(trained, env.observationSpace.shape);
  const pictures: Picture[] = [];
  let seen = 0;
  const keep = () => {
    if (seen++ < gifFrom || pictures.length === GIF_PICTURES) return;
    pictures.push({ data: env.render(), shape: [210, 160, 3] });
  };
  const support = supportOf(trained.config);
  const { qValues, engine, dispose } = compileQValues(network, { support });
  console.log(
    `${trained.path}: ${episodes} episodes, epsilon ${epsilon}, seed ${seed} (${engine})`,
  );
  console.log(`protocol ${protocol}: ${meaning}`);
  let played = 0;
  const { returns, meanReturn, standardDeviation, medianReturn } = await evaluate({
    env,
    episodes,
    epsilon,
    seed,
    qValues,
    onEpisode: (episodeReturn) => console.log(`episode ${++played}: ${episodeReturn}`),
    ...(gif === undefined ? {} : { picture: keep }),
  }).finally(dispose);
  const [mean, std, median] = [meanReturn, standardDeviation, medianReturn]; // NaN is null in JSON
  const best = Math.max(...returns);
  console.log(JSON.stringify({ mean, std, median, best, episodes, epsilon }));
  // last, as the disk may be full by now
  if (gif === undefined) return;
  if (pictures.length === 0) {
    throw new RunError(
      `the first game had ${seen} pictures, none from step ${gifFrom} on: lower --gif-from`,
    );
  }
  await saveGif(gif, pictures);
}

async function main(args: string[]): Promise<number> {
  await run(readArguments(args));
  return 0;
}

runCommand(main, { usage: USAGE });
