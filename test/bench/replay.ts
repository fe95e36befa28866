/**
 * A replay buffer full of played Breakout: bytes a transition, times of a sample and of an addition,
 * resident memory.
 *
 *     npm run bench -- replay [TRANSITIONS]
 *
 * A million transitions by default, played for the purpose: about ten minutes. As in a training, actions
 * are random at first and ever more a ball-tracking player's. Then the compressed buffer is overwritten
 * for a while and sampled in turn with a plain one of the same pictures, and its arrays are written and
 * read as a checkpoint's. The last line is JSON.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ReplayBuffer } from '../../lib/dqn/replay/replay-buffer';
import { headOf } from '../../lib/dqn/replay/saved-memory';
import { makeBreakout } from '../../lib/env/breakout';
import { digestFile, readInto, writeFlushed } from '../../lib/files/flushed';
import { Mt19937 } from '../../lib/random';
import { BallPlayer } from '../helpers/ball-player';
import { median, medianMs, printResult, runBench } from './peer';

const TRANSITIONS = Number(process.argv[2] ?? 1_000_000);
/** An episode takes one picture more than transitions; none of Breakout's is shorter than 100. */
const CAPACITY = Math.ceil(1.01 * TRANSITIONS);
const OVERWRITTEN = 20_000;
const ROUNDS = 7;
const BATCHES = 300;
const EPSILON = { start: 1, end: 0.05 };

const env = makeBreakout({ seed: 1 });
const player = new BallPlayer(2);
let fresh = true;

interface PlayOptions {
  readonly memories: readonly ReplayBuffer[];
  readonly epsilon: number;
  /** Receives the time in ms that each memory takes. */
  readonly times?: Map<ReplayBuffer, number[]>;
}

/** One picture more: the start of an episode, or what an action leads to. */
function play({ memories, epsilon, times }: PlayOptions): void {
  if (fresh) {
    const { observation } = env.reset();
    for (const memory of memories) memory.startEpisode(observation);
    fresh = false;
    return;
  }
  const action = player.act(env, epsilon);
  const { observation: nextObservation, ...result } = env.step(action);
  for (const memory of memories) {
    const start = performance.now();
    memory.add({ action, ...result, nextObservation });
    times?.get(memory)?.push(performance.now() - start);
  }
  fresh = result.terminated || result.truncated;
}

function residentMb(collect: () => void): number {
  collect();
  return process.memoryUsage.rss() / 1e6;
}

function fill(memory: ReplayBuffer): void {
  const start = performance.now();
  for (let i = 1; i <= CAPACITY; i++) {
    const progress = i / CAPACITY;
    play({ memories: [memory], epsilon: EPSILON.start + (EPSILON.end - EPSILON.start) * progress });
    if (i % 100_000 > 0) continue;
    const perSecond = (1000 * i) / (performance.now() - start);
    console.log(`${i} pictures played, ${perSecond.toFixed(0)} a second`);
  }
}

/** Writes and flushes, verifies and reads the arrays as `saveCheckpoint` and `loadCheckpoint` do. */
async function timeFiles(memory: ReplayBuffer): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'replay-'));
  try {
    const before = memory.sample(new Mt19937(9)).observations.slice();
    const state = memory.state();
    const start = performance.now();
    let size = 0;
    for (const [name, values] of Object.entries(state.arrays)) {
      size += (await writeFlushed({ path: join(folder, name), parts: [values] })).bytes;
    }
    const saved = performance.now();
    const head = headOf(state);
    memory.clear();
    for (const [name, into] of Object.entries(memory.restore(head).arrays)) {
      const path = join(folder, name);
      await digestFile(path);
      await readInto({ path, into });
    }
    memory.verify();
    const loaded = performance.now();
    const equal = Buffer.compare(before, memory.sample(new Mt19937(9)).observations) === 0;
    if (!equal) throw new Error('a loaded memory must sample what the saved one did');
    console.log(
      `files: ${(size / 1e6).toFixed(0)} MB, saved in ${((saved - start) / 1000).toFixed(1)} s, ` +
        `verified and loaded in ${((loaded - saved) / 1000).toFixed(1)} s`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

runBench(async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const options = { observationShape: env.observationSpace.shape, batchSize: 32 };
  for (let i = 0; i < 3000; i++) play({ memories: [], epsilon: 1 }); // compiles what plays
  while (!fresh) play({ memories: [], epsilon: 1 });
  const empty = residentMb(collect);
  const memory = new ReplayBuffer({ capacity: CAPACITY, compress: true, ...options });
  fill(memory);
  const full = residentMb(collect) - empty;
  for (let i = 0; i < OVERWRITTEN; i++) play({ memories: [memory], epsilon: EPSILON.end });
  const rssMb = residentMb(collect) - empty;
  console.log(
    `${memory.length} transitions: ${full.toFixed(0)} MB resident when full, ` +
      `${rssMb.toFixed(0)} MB when ${OVERWRITTEN} pictures more are played`,
  );

  const plain = new ReplayBuffer({ capacity: OVERWRITTEN, compress: false, ...options });
  const memories = [memory, plain];
  while (!fresh) play({ memories: [memory], epsilon: EPSILON.end });
  const times = new Map(memories.map((each) => [each, [] as number[]]));
  for (let i = 0; i < OVERWRITTEN; i++) play({ memories, epsilon: EPSILON.end }); // touches all pages
  for (let i = 0; i < OVERWRITTEN; i++) play({ memories, epsilon: EPSILON.end, times });
  const [addUs, plainAddUs] = memories.map((each) => 1000 * median(times.get(each)!)) as [
    number,
    number,
  ];
  const random = new Mt19937(3);
  const rounds = Array.from({ length: ROUNDS + 1 }, () => ({
    ours: medianMs(BATCHES, () => memory.sample(random)),
    plain: medianMs(BATCHES, () => plain.sample(random)),
  })).slice(1); // the first compiles
  const sampleMs = median(rounds.map(({ ours }) => ours));
  const plainSampleMs = median(rounds.map((round) => round.plain));
  console.log(
    `batch of 32: ${sampleMs.toFixed(3)} ms; ${plainSampleMs.toFixed(3)} ms from ${OVERWRITTEN} plain ` +
      `pictures; addition: ${addUs.toFixed(1)} us; ${plainAddUs.toFixed(1)} us; load ${loadavg()[0]!.toFixed(1)}`,
  );
  await timeFiles(memory);
  const bytesPerTransition = memory.residentBytes / memory.length;
  const result = { bytesPerTransition, sampleMs, plainSampleMs, addUs, plainAddUs, rssMb };
  printResult(result, { digits: 3 });
});
