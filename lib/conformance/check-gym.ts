import type { BreakoutId, ObsType } from '../env/breakout';
import type { Info } from '../env/env';
import { type Breakout, type BreakoutOptions, makeBreakout } from '../env/make';
import { Comparison, type Report } from './comparison';
import type { Fixture } from './fixture';

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

/** Gymnasium's names of the options that fixtures use. */
interface Kwargs {
  readonly obs_type?: ObsType;
  readonly frameskip?: number;
  readonly max_num_frames_per_episode?: number;
  readonly repeat_action_probability?: number;
  readonly full_action_space?: boolean;
  readonly mode?: number;
  readonly difficulty?: number;
}

interface Wrappers {
  readonly noop_max: number;
  readonly frame_skip: number;
  readonly screen_size: number;
  readonly terminal_on_life_loss: boolean;
  readonly grayscale_obs: boolean;
}

function getOptions(fixture: Fixture): BreakoutOptions {
  const kwargs = fixture.get<Kwargs>('kwargs');
  const wrappers = fixture.header.wrappers as Wrappers | null;
  const options: Record<string, unknown> = {
    id: fixture.get<BreakoutId>('envId'),
    frameskip: kwargs.frameskip,
    maxNumFramesPerEpisode: kwargs.max_num_frames_per_episode,
    repeatActionProbability: kwargs.repeat_action_probability,
    fullActionSpace: kwargs.full_action_space,
    mode: kwargs.mode,
    difficulty: kwargs.difficulty,
    ...(wrappers === null
      ? { preprocess: false, obsType: kwargs.obs_type }
      : {
          noopMax: wrappers.noop_max,
          frameSkip: wrappers.frame_skip,
          screenSize: wrappers.screen_size,
          terminalOnLifeLoss: wrappers.terminal_on_life_loss,
          grayscaleObs: wrappers.grayscale_obs,
          stackSize: fixture.get<number>('frameStack'),
        }),
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as BreakoutOptions;
}

/** Resets and steps of a Gymnasium environment, with or without wrappers. */
export function checkGym(fixture: Fixture): Report {
  const comparison = new Comparison('steps');
  const env = makeBreakout(getOptions(fixture)) as Breakout;
  const stacked = fixture.get<number>('frameStack');
  const [height = 0, width = 0] = env.observationSpace.shape.slice(stacked > 0 ? 1 : 0);
  const resets = new Map(
    fixture.get<RecordedReset[]>('resets').map((reset) => [reset.step, reset]),
  );
  const snapshots = new Map(Array.from(fixture.array('snapStep'), (step, k) => [step, k]));
  const actions = fixture.array('action');

  const compareObservation = (stack: Uint8Array, obsCrc: number, stackCrc: number): Uint8Array => {
    const newest = stack.subarray(stack.length - height * width);
    comparison.checksum('observation', newest, obsCrc);
    comparison.checksum('stack', stack, stackCrc);
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
    const size = height * width;
    comparison.pixels(newest, fixture.array('snapObs').subarray(k * size, (k + 1) * size), width);
  }
  return comparison.report();
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
