/** Replay memories take over what version 0.1.0 and this one saved, and refuse anything else. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadCheckpoint } from '../../../lib/dqn/checkpoint/checkpoint';
import { readCheckpoint } from '../../../lib/dqn/checkpoint/read-checkpoint';
import type { DqnConfig } from '../../../lib/dqn/config/config';
import { TensorFlowLearner } from '../../../lib/dqn/learner/tensorflow-learner';
import type { SavedHead } from '../../../lib/dqn/replay/replay';
import { ReplayBuffer } from '../../../lib/dqn/replay/replay-buffer';
import { headOf } from '../../../lib/dqn/replay/saved-memory';
import { DqnTraining } from '../../../lib/dqn/training/dqn-training';
import { Mt19937 } from '../../../lib/random';
import { goOn } from '../../fixtures/v0.1.0/replay/go-on';
import { RandomPlay } from '../../helpers/random-play';
import { ReplayReference } from '../../helpers/replay-reference';
import { CatchEnv } from '../../helpers/toy-env';
import { createToyNetwork } from '../../helpers/toy-network';

type Arrays = Record<string, Uint8Array | Int32Array | Float32Array>;

interface Shape {
  readonly compress: boolean;
  readonly capacity?: number;
  readonly stack?: number;
  readonly side?: number;
  readonly maxBytes?: number;
}

/** With 60 steps of play in it: it has wrapped. */
function createPlayed({ capacity = 40, stack = 3, side = 8, ...options }: Shape): ReplayBuffer {
  const observationShape = [stack, side, side];
  const memory = new ReplayBuffer({ capacity, observationShape, batchSize: 8, ...options });
  const pictureSize = side * side;
  const reference = new ReplayReference({ stack, pictureSize, nSteps: 1, gamma: 1 });
  const random = new Mt19937(1);
  const play = new RandomPlay({ random, reference, pictureSize, episodeLength: 20 });
  for (let i = 0; i < 60; i++) play.step({ memories: [memory], kind: 'moves' });
  return memory;
}

/** A checksum of everything that some batches hold. */
function fingerprint(memory: ReplayBuffer): string {
  const random = new Mt19937(11);
  const hash = createHash('sha256').update(`${memory.length}`);
  for (let i = 0; i < 10; i++) {
    const { size, ...arrays } = memory.sample(random);
    for (const array of Object.values(arrays)) hash.update(array as Uint8Array);
  }
  return hash.digest('hex');
}

describe.each([true, false])('with compress %j', (compress) => {
  type Edit = Partial<Record<'counters' | 'bytes', Record<string, number | undefined>>>;
  const refused: [string, Edit & { kind?: string }, string][] = [
    ['another kind', { kind: 'Rollout' }, 'ReplayBuffer, got a Rollout: create one of the saved'],
    [
      'another way',
      { kind: `${compress ? 'plain' : 'compressed'} ReplayBuffer` },
      'blocks must be the saved',
    ],
    ['another capacity', { counters: { capacity: 41 } }, 'capacity must be the saved 41, got 40'],
    ['another stack', { counters: { stack: 5 } }, 'stack must be the saved 5, got 3'],
    ['another size', { counters: { pictureSize: 36 } }, 'pictureSize must be the saved 36, got 64'],
    ['blocks of other options', { counters: { blocks: 1 } }, 'blocks must be the saved 1, got'],
    ['a counter more', { counters: { x: 1 } }, 'must have the whole numbers capacity, stack'],
    ['a counter less', { counters: { next: undefined } }, 'must have the whole numbers capacity'],
    ['half a picture', { counters: { filled: 2.5 } }, 'must have the whole numbers capacity'],
    ...[{ next: 40 }, { next: -1 }, { reach: 41 }, { reach: 39 }, { filled: 41 }].map(ofRing),
    ...[{ length: 41 }, { length: -1 }].map(ofRing),
    ...(compress
      ? [{ block: 3 }, { end: 0 }, { end: 90_000 }, { distance: 16 }, { freeCount: 4 }].map(ofRing)
      : []),
    ...(compress ? [{ touchedBlocks: 4 }].map(ofRing) : []),
    ['an array more', { bytes: { x: 0 } }, 'the saved arrays must have the bytes'],
    ['an array less', { bytes: { ends: undefined } }, 'the saved arrays must have the bytes'],
    ['another length', { bytes: { usable: 39 } }, 'the saved arrays must have the bytes'],
  ];
  function ofRing(counters: Record<string, number>): [string, Edit, string] {
    return [JSON.stringify(counters), { counters }, 'as none can have them: use another file'];
  }

  test.each(refused)('refuses the head of %s, and stays as it is', (_, edit, message) => {
    const memory = createPlayed({ compress });
    const before = fingerprint(memory);
    const { kind, counters, bytes } = headOf(memory.state());
    const defined = (values: object) =>
      Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
    const saved = {
      kind: edit.kind ?? kind,
      counters: defined({ ...counters, ...edit.counters }),
      bytes: defined({ ...bytes, ...edit.bytes }),
    };
    const restore = () => memory.restore(saved as SavedHead);
    expect(restore).toThrow(RangeError);
    expect(restore).toThrow(message);
    expect(fingerprint(memory)).toBe(before);
  });

  const crafts: [string, (arrays: Arrays) => void][] = [
    ['no transition', ({ usable }) => usable!.fill(0)],
    ['transitions everywhere', ({ usable }) => usable!.fill(1)],
    ['an unknown mark', ({ usable }) => usable!.fill(2)],
    ['a history longer than the stack', ({ history }) => history!.fill(3)],
    ['a history that does not grow', ({ history }) => history!.fill(1)],
    ['an unknown end', ({ ends }) => ends!.fill(4)],
  ];
  const craftsOfBlocks: typeof crafts = [
    ['keyframes outside', ({ keyframes }) => keyframes!.fill(2 ** 30, 7, 8)],
    ['keyframes below 0', ({ keyframes }) => keyframes!.fill(-1)],
    ['keyframes in a reference', ({ keyframes }) => keyframes!.fill(0)],
    ['distances without their keyframe', ({ distances }) => distances!.fill(9)],
    ['blocks that never end', ({ blocks }) => blocks!.fill(255)],
    ['blocks with pictures that are too long', ({ blocks }) => blocks!.fill(100)],
    ['counts of other pictures', ({ pictureCounts }) => pictureCounts!.fill(1)],
    ['blocks free twice', ({ freeBlocks }) => freeBlocks!.fill(0)],
    ['free blocks outside', ({ freeBlocks }) => freeBlocks!.fill(127)],
  ];
  const all = compress ? [...crafts, ...craftsOfBlocks] : crafts;
  test.each(all)('refuses arrays with %s', (_, craft) => {
    const memory = createPlayed({ compress });
    memory.verify();
    craft(memory.restore(headOf(memory.state())).arrays as Arrays);
    expect(() => memory.verify()).toThrow(/^a saved memory /);
  });
});

test.each(['plain', 'compressed'] as const)(
  "version 0.1.0's checkpoint with a %s memory goes on to the bit",
  async (name) => {
    const folder = fileURLToPath(new URL('../../fixtures/v0.1.0/replay/', import.meta.url));
    const info = await readCheckpoint(`${folder}${name}`);
    const training = new DqnTraining({
      env: new CatchEnv(),
      config: info.config as DqnConfig,
      seed: info.seed,
      replay: { maxBytes: 2048 }, // as in make.ts; pictures are kept as they were
      createLearner: (options) =>
        new TensorFlowLearner({ ...options, createNetwork: createToyNetwork }),
    });
    await loadCheckpoint({ training, path: `${folder}${name}`, info });
    const expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8'));
    expect(training.agentStep).toBe(995);
    expect(goOn({ training, memory: training.memory, to: 2000 })).toBe(expected[name]);
    training.dispose();
  },
);
