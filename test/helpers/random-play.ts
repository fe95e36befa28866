/** Random episodes that go into replay memories and their reference alike. */
import type { Replay, SavedReplay } from '../../lib/dqn/replay/replay';
import { headOf } from '../../lib/dqn/replay/saved-memory';
import type { Mt19937 } from '../../lib/random';
import type { ReplayReference } from './replay-reference';

/** How one picture follows from another. */
export type PictureKind = 'moves' | 'noise' | 'still';

/** A whole number in [0, n). */
export function pick(random: Mt19937, n: number): number {
  return Math.floor(random.nextDouble() * n);
}

/** Changes a picture in place: a few spots, everything, or nothing. */
export function changePicture({
  picture,
  kind,
  random,
}: {
  picture: Uint8Array;
  kind: PictureKind;
  random: Mt19937;
}): void {
  if (kind === 'noise') {
    for (let i = 0; i < picture.length; i++) picture[i] = random.nextUint32();
  } else if (kind === 'moves') {
    for (let spots = pick(random, 4); spots > 0; spots--) {
      const start = pick(random, picture.length);
      const end = start + 1 + pick(random, 6);
      picture.fill(pick(random, 256), start, end);
    }
  }
}

/** Plays the same random episodes into memories and a reference. */
export class RandomPlay {
  private readonly random: Mt19937;
  private readonly reference: ReplayReference;
  private readonly picture: Uint8Array;
  private readonly episodeLength: number;
  private fresh = true;

  constructor({
    random,
    reference,
    pictureSize,
    episodeLength,
  }: {
    random: Mt19937;
    reference: ReplayReference;
    pictureSize: number;
    /** The mean. */
    episodeLength: number;
  }) {
    this.random = random;
    this.reference = reference;
    this.picture = new Uint8Array(pictureSize);
    this.episodeLength = episodeLength;
  }

  /** One picture: the start of an episode or a transition, with every way of ending one. */
  step({ memories, kind }: { memories: readonly Replay[]; kind: PictureKind }): void {
    const { random, reference, picture } = this;
    changePicture({ picture, kind, random });
    if (this.fresh) {
      const observation = reference.startEpisode(picture);
      for (const memory of memories) memory.startEpisode(observation);
      this.fresh = false;
      return;
    }
    const ends = pick(random, this.episodeLength) === 0;
    const outcome = {
      action: reference.nextAction,
      reward: pick(random, 9) - 4,
      terminated: ends && pick(random, 2) === 0,
      truncated: ends && pick(random, 3) === 0,
    };
    const nextObservation = reference.add({ ...outcome, picture });
    for (const memory of memories) memory.add({ ...outcome, nextObservation });
    // a life lost may end the learner's episode only, and play may be broken off without an end
    const goesOn = ends && !outcome.truncated && pick(random, 3) === 0;
    this.fresh = ends ? !goesOn : pick(random, 10 * this.episodeLength) === 0;
  }
}

/** Copies a memory's state into another one, as saving and loading do. */
export function copyState({ from, to }: { from: SavedReplay; to: SavedReplay }): void {
  const state = from.state();
  const copies = to.restore(headOf(state)).arrays;
  for (const [name, values] of Object.entries(state.arrays)) copies[name]!.set(values);
  to.verify();
}
