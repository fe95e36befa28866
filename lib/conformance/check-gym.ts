/** Compares resets and steps with recordings of Gymnasium's environment. */
import { makeBreakout } from '../env/breakout';
import type { Info } from '../env/env';
import type { Pixels } from '../env/wrapper';
import { Comparison, type Report } from './comparison';
import type { Fixture } from './fixture';
import { getOptions } from './gym-options';

const TERMINATED = 1;
const TRUNCATED = 2;

interface RecordedReset {
  readonly step: number;
  readonly seed: number | null;
  readonly lives: number;
  readonly frameNo: number;
  readonly episodeFrameNo: number;
  readonly obsCrc: number;
  readonly stackCrc: number;
  readonly seeds?: readonly [number, number];
}

/** Resets and steps of a Gymnasium environment, with or without wrappers. */
export function checkGym(fixture: Fixture): Report {
  const comparison = new Comparison('steps');
  const env = makeBreakout(getOptions(fixture));
  const stacked = fixture.get<number>('frameStack') > 0;
  const shape = env.observationSpace.shape.slice(stacked ? 1 : 0);
  const size = shape.reduce((a, b) => a * b);
  const resets = new Map(
    fixture.get<RecordedReset[]>('resets').map((reset) => [reset.step, reset]),
  );
  const snapshots = new Map(Array.from(fixture.array('snapStep'), (step, k) => [step, k]));
  const actions = fixture.array('action');

  const compareObservation = (stack: Pixels, obsCrc: number, stackCrc: number): Pixels => {
    const newest = stack.subarray(stack.length - size);
    comparison.checksum('observation', asBytes(newest), obsCrc);
    comparison.checksum('stack', asBytes(stack), stackCrc);
    return newest;
  };
  for (let i = 0; i < actions.length; i++) {
    const reset = resets.get(i);
    if (reset !== undefined) {
      comparison.begin(`reset before step ${i}`);
      const { observation, info } = env.reset(reset.seed === null ? {} : { seed: reset.seed });
      compareObservation(observation, reset.obsCrc, reset.stackCrc);
      compareInfo(comparison, info, reset);
      reset.seeds?.forEach((seed, k) => {
        comparison.number(`seeds[${k}]`, info.seeds?.[k] ?? -1, seed);
      });
    }
    comparison.begin(`step ${i}`);
    const { observation, reward, terminated, truncated, info } = env.step(actions[i]!);
    const newest = compareObservation(
      observation,
      fixture.array('obsCrc')[i]!,
      fixture.array('stackCrc')[i]!,
    );
    comparison.number('reward', reward, fixture.array('reward')[i]!);
    const ended = (terminated ? TERMINATED : 0) | (truncated ? TRUNCATED : 0);
    comparison.number('end flags', ended, fixture.array('flags')[i]!);
    compareInfo(comparison, info, {
      lives: fixture.array('lives')[i]!,
      frameNo: fixture.array('frameNo')[i]!,
      episodeFrameNo: fixture.array('episodeFrameNo')[i]!,
    });
    const k = snapshots.get(i);
    if (k === undefined) continue;
    const expected = fixture.array('snapObs').subarray(k * size, (k + 1) * size);
    // Older generators keep observations in [0, 1] as bytes, without what is behind the point.
    const bytes = expected instanceof Uint8Array;
    comparison.elements(bytes ? Uint8Array.from(newest) : newest, expected, shape);
  }
  return comparison.report();
}

function asBytes({ buffer, byteOffset, byteLength }: Pixels): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function compareInfo(
  comparison: Comparison,
  info: Info,
  expected: Pick<RecordedReset, 'lives' | 'frameNo' | 'episodeFrameNo'>,
): void {
  comparison.number('lives', info.lives, expected.lives);
  comparison.number('frame number', info.frameNumber, expected.frameNo);
  comparison.number('episode frame number', info.episodeFrameNumber, expected.episodeFrameNo);
}

/** The number of no-ops after a reset, for many seeds. */
export function checkNoops(fixture: Fixture): Report {
  const comparison = new Comparison('resets');
  const env = makeBreakout({ stack: false });
  const rows =
    fixture.get<{ seed: number; seeds: number[]; noops: number[]; obsCrc: number[] }[]>('rows');
  for (const { seed, seeds, noops, obsCrc } of rows) {
    noops.forEach((expected, k) => {
      comparison.begin(`seed ${seed}, reset ${k}`);
      const { observation, info } = env.reset(k === 0 ? { seed } : {});
      comparison.number('no-ops', info.episodeFrameNumber, expected);
      comparison.checksum('observation', observation, obsCrc[k]!);
      if (k > 0) return;
      seeds.forEach((word, i) => {
        comparison.number(`seeds[${i}]`, info.seeds?.[i] ?? -1, word);
      });
    });
  }
  return comparison.report();
}
