/** A plain replay memory, written from the definitions, with which tests compare the real one. */
import type { Outcome, SpanBatch } from '../../lib/dqn/replay/replay';

export interface ReplayReferenceOptions {
  readonly stack: number;
  readonly pictureSize: number;
  readonly nSteps: number;
  readonly gamma: number;
}

interface Moment {
  readonly picture: Uint8Array;
  /** Moments since the episode's start. */
  readonly age: number;
  /** What followed; missing at an episode's last picture and at the newest one. */
  outcome?: Omit<Outcome, 'nextObservation'>;
}

/**
 * A replay memory that forgets nothing and is written from the definitions: every picture is kept whole
 * in a list, and a row of a batch is worked out anew. Give each outcome its moment's number as action.
 */
export class ReplayReference {
  readonly moments: Moment[] = [];
  private readonly options: ReplayReferenceOptions;

  constructor(options: ReplayReferenceOptions) {
    this.options = options;
  }

  /** The action that names the transition from the newest picture. */
  get nextAction(): number {
    return this.moments.length - 1;
  }

  startEpisode(picture: Uint8Array): Uint8Array {
    this.moments.push({ picture: picture.slice(), age: 0 });
    return this.stackAt(this.moments.length - 1);
  }

  /** @returns the observation after it, [stack, pictureSize] */
  add({
    picture,
    ...outcome
  }: Omit<Outcome, 'nextObservation'> & { picture: Uint8Array }): Uint8Array {
    const newest = this.moments.at(-1)!;
    newest.outcome = outcome;
    this.moments.push({ picture: picture.slice(), age: newest.age + 1 });
    return this.stackAt(this.moments.length - 1);
  }

  /** Actions of the transitions whose pictures are all among the newest `kept` ones. */
  alive(kept: number): number[] {
    const oldest = this.moments.length - kept;
    const alive: number[] = [];
    this.moments.forEach(({ outcome, age }, i) => {
      const reach = Math.min(this.options.stack - 1, age);
      if (outcome !== undefined && i - reach >= oldest) alive.push(i);
    });
    return alive;
  }

  /** What a row must hold, worked out from the action that names its transition. */
  row(action: number): Row {
    const { nSteps, gamma } = this.options;
    let reward = 0;
    let end = { terminated: false, truncated: false };
    let steps = 0;
    for (; steps < nSteps; steps++) {
      const outcome = this.moments[action + steps]!.outcome;
      if (outcome === undefined || end.terminated || end.truncated) break;
      reward += gamma ** steps * outcome.reward;
      end = outcome;
    }
    return {
      observation: this.stackAt(action),
      nextObservation: this.stackAt(action + steps),
      reward,
      steps,
      terminated: end.terminated ? 1 : 0,
      truncated: end.truncated ? 1 : 0,
    };
  }

  private stackAt(index: number): Uint8Array {
    const { stack, pictureSize } = this.options;
    const observation = new Uint8Array(stack * pictureSize);
    for (let channel = 0; channel < stack; channel++) {
      const back = Math.min(stack - 1 - channel, this.moments[index]!.age);
      observation.set(this.moments[index - back]!.picture, channel * pictureSize);
    }
    return observation;
  }
}

export interface Row {
  readonly observation: Uint8Array;
  readonly nextObservation: Uint8Array;
  readonly reward: number;
  readonly steps: number;
  readonly terminated: number;
  readonly truncated: number;
}

/** A row of a batch in the same form. */
export function rowOf({ batch, row }: { batch: SpanBatch; row: number }): Row {
  const size = batch.observations.length / batch.size;
  return {
    observation: batch.observations.slice(row * size, (row + 1) * size),
    nextObservation: batch.nextObservations.slice(row * size, (row + 1) * size),
    reward: batch.rewards[row]!,
    steps: batch.steps[row]!,
    terminated: batch.terminateds[row]!,
    truncated: batch.truncateds[row]!,
  };
}
