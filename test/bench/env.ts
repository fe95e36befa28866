/**
 * How fast Breakout is played, one thread each: ours beside ALE, Gymnasium and EnvPool.
 *
 *     npm run bench -- env
 *
 * - frames: actions of a frame each, and the picture of each frame copied
 * - steps: BreakoutNoFrameskip-v4 with AtariPreprocessing and FrameStackObservation(4)
 * - vector: EnvPool's Breakout-v5, which is that with FIRE after a reset, beside `VectorBreakout`; with 1
 *   and with 8 environments, of which the better one of EnvPool counts
 *
 * Actions are random, episodes are reset when they end. All take turns, so that what else the machine does
 * hits all alike; the last line is JSON of medians and their ratios.
 */
import { loadavg } from 'node:os';
import { Ale } from '../../lib/env/ale';
import { makeBreakout } from '../../lib/env/breakout';
import { readRom } from '../../lib/env/rom';
import { VectorBreakout } from '../../lib/env/vector';
import { Mt19937 } from '../../lib/random';
import { median, Peer, printResult, runBench } from './peer';

const ROUNDS = 7;
const SECONDS = 1;
const VECTOR_SIZES = [1, 8] as const;

/** One side of a comparison. */
interface Player {
  /** Plays for so many seconds; returns frames or agent steps per second. */
  readonly measure: (seconds: number) => number | Promise<number>;
  readonly rates: number[];
}

interface Comparison {
  readonly name: string;
  readonly peer: Player;
  readonly ours: Player;
}

/** Random indices below 4, drawn beforehand: a generator's time is not the environment's. */
const random = new Mt19937(1);
const ACTIONS = Uint8Array.from({ length: 100_000 }, () => random.nextUint32() & 3);
let drawn = 0;
function nextAction(): number {
  drawn = drawn + 1 < ACTIONS.length ? drawn + 1 : 0;
  return ACTIONS[drawn]!;
}

function createOurs(play: () => number): Player {
  const measure = (seconds: number) => {
    const start = performance.now();
    let steps = 0;
    let elapsed = 0;
    while (elapsed < seconds) {
      steps += play();
      elapsed = (performance.now() - start) / 1000;
    }
    return steps / elapsed;
  };
  return { measure, rates: [] };
}

/** The peer of a script that answers `play SECONDS`. */
function createPeer(peer: Peer): Player {
  const measure = async (seconds: number) => {
    return (await peer.ask<{ perSecond: number }>(`play ${seconds}`)).perSecond;
  };
  return { measure, rates: [] };
}

function createFramePlayer(): Player {
  const ale = new Ale(readRom(), { randomSeed: 1, repeatActionProbability: 0 });
  const minimalActions = [0, 1, 3, 4] as const;
  const screen = new Uint8Array(210 * 160);
  return createOurs(() => {
    const frames = 200;
    for (let i = 0; i < frames; i++) {
      ale.act(minimalActions[nextAction()]!);
      screen.set(ale.getScreen());
      if (ale.gameOver()) ale.resetGame();
    }
    return frames;
  });
}

function createStepPlayer(): Player {
  const env = makeBreakout({ seed: 1 });
  env.reset();
  return createOurs(() => {
    const steps = 50;
    for (let i = 0; i < steps; i++) {
      const { terminated, truncated } = env.step(nextAction());
      if (terminated || truncated) env.reset();
    }
    return steps;
  });
}

function createVectorPlayer(numEnvs: number): Player {
  const env = new VectorBreakout({ numEnvs, seed: 1, fireReset: true });
  env.reset();
  const actions = new Uint8Array(numEnvs);
  return createOurs(() => {
    const calls = 25;
    for (let i = 0; i < calls; i++) {
      for (let j = 0; j < numEnvs; j++) actions[j] = nextAction();
      env.step(actions);
    }
    return calls * numEnvs;
  });
}

const middle = (player: Player) => median(player.rates);
const getRatio = ({ ours, peer }: Comparison) => middle(ours) / middle(peer);

function printTable(comparisons: readonly Comparison[]): void {
  const row = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(36) : cell.padStart(9))).join('');
  console.log(`\n${row(['medians, per second', 'peer', 'ours', 'ratio'])}`);
  for (const comparison of comparisons) {
    const { name, ours, peer } = comparison;
    const rates = [peer, ours].map((player) => middle(player).toFixed(0));
    console.log(row([name, ...rates, getRatio(comparison).toFixed(2)]));
  }
}

runBench(async () => {
  const peers: Peer[] = [];
  const startPeer = (script: string, args: readonly string[] = []) => {
    const peer = new Peer(script, { args });
    peers.push(peer);
    return createPeer(peer);
  };
  const raw: Comparison = {
    name: 'frames beside ALE',
    peer: startPeer('ale_frames.py'),
    ours: createFramePlayer(),
  };
  const gym: Comparison = {
    name: 'agent steps beside Gymnasium',
    peer: startPeer('gymnasium_steps.py'),
    ours: createStepPlayer(),
  };
  const vectors = VECTOR_SIZES.map((size): Comparison => {
    const environments = size === 1 ? '1 environment' : `${size} environments`;
    return {
      name: `agent steps beside EnvPool, ${environments}`,
      peer: startPeer('envpool_steps.py', [String(size)]),
      ours: createVectorPlayer(size),
    };
  });
  const comparisons = [raw, gym, ...vectors];

  console.log(
    `one thread each, ${ROUNDS} rounds of ${SECONDS} s; load average ${loadavg()[0]!.toFixed(1)}`,
  );
  for (let round = 0; round <= ROUNDS; round++) {
    const cells: string[] = [];
    for (const { name, ...players } of comparisons) {
      const rates = [];
      for (const player of [players.peer, players.ours]) {
        const rate = await player.measure(SECONDS);
        rates.push(rate.toFixed(0));
        if (round > 0) player.rates.push(rate); // the first one compiles
      }
      cells.push(rates.join(' : '));
    }
    const title = round === 0 ? 'warm-up' : `round ${round}`;
    console.log(`${title}, peer : ours  ${cells.join('  ')}  load ${loadavg()[0]!.toFixed(1)}`);
  }
  for (const peer of peers) peer.close();

  printTable(comparisons);
  const fastest = vectors.reduce((a, b) => (middle(b.peer) > middle(a.peer) ? b : a));
  const result = {
    ...{ alePerSecond: middle(raw.peer), ourFramesPerSecond: middle(raw.ours) },
    ...{ rawRatio: getRatio(raw), gymRatio: getRatio(gym), envpoolRatio: getRatio(fastest) },
  };
  printResult(result);
});
