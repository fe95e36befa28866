/**
 * npm run evaluate -- RUN|CHECKPOINT: plays whole games with a trained network. The last line is JSON.
 * Exit codes: 0 done, 1 it cannot play, 2 wrong arguments.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { attach } from '../runs/start';

const USAGE = `usage: npm run evaluate -- RUN|CHECKPOINT [options]
  RUN|CHECKPOINT      a run's name (its newest checkpoint), or a checkpoint's folder
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
  const [episodes, epsilon, seed] = [values.episodes, values.epsilon, values.seed].map(Number) as [
    number,
    number,
    number,
  ];
  const expect = (holds: boolean, text: string) => {
    if (!holds) throw new TypeError(text);
  };
  expect(positionals.length === 1, 'name one run or one checkpoint');
  expect(Number.isInteger(episodes) && episodes > 0, `--episodes must be a whole number above 0`);
  expect(epsilon >= 0 && epsilon <= 1, `--epsilon must be from 0 to 1, got ${values.epsilon}`);
  expect(
    Number.isSafeInteger(seed) && seed >= 0,
    `--seed must be a whole number, got ${values.seed}`,
  );
  return { subject: positionals[0]!, episodes, epsilon, seed, gif: values.gif };
}

/** The folder of a verified checkpoint, and its config. @throws Error when there is none. */
async function findCheckpoint(subject: string): Promise<{ path: string; config: TrainingConfig }> {
  if (existsSync(join(subject, 'state.json'))) {
    const { config } = await readCheckpoint(subject);
    return { path: subject, config };
  }
  const usable = await findUsable((await attach(subject)).paths);
  if (!usable)
    throw new RunError(`the run ${subject} has no checkpoint yet: run.checkpoint() makes one`);
  for (const damage of usable.damages) console.error(damage);
  return { path: usable.path, config: usable.info.config };
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
  const env = makeBreakout();
  const { path: checkpoint, config } = await findCheckpoint(subject);
  const network = await loadNetwork(checkpoint, env.observationSpace.shape);
  console.log(`${checkpoint}: ${episodes} episodes, epsilon ${epsilon}, seed ${seed}`);
  const pictures: Picture[] = [];
  const { qValues, dispose } = compileQValues(network, { support: supportOf(config) });
  let played = 0;
  const { returns, meanReturn, medianReturn } = await evaluate({
    env,
    episodes,
    epsilon,
    seed,
    qValues,
    onEpisode: (episodeReturn) => console.log(`episode ${++played}: ${episodeReturn}`),
    ...(gif === undefined ? {} : { picture: () => keepPicture(pictures, env.render()) }),
  }).finally(dispose);
  if (gif !== undefined) writeFileSync(gif, (await encodeGif(pictures)).data);
  const squares = returns.reduce((sum, value) => sum + (value - meanReturn) ** 2, 0);
  const std = episodes > 1 ? Math.sqrt(squares / (episodes - 1)) : null;
  const best = Math.max(...returns);
  console.log(
    JSON.stringify({ mean: meanReturn, std, median: medianReturn, best, episodes, epsilon }),
  );
}

function keepPicture(pictures: Picture[], data: Uint8Array): void {
  if (pictures.length < GIF_PICTURES) pictures.push({ data, shape: [210, 160, 3] });
}

async function main(): Promise<number> {
  let args: Arguments;
  try {
    args = readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  await run(args);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
