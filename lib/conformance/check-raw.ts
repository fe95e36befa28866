/** Compares frames, rewards and restored states with recordings of ale-py. */
import { Ale, type AleState } from '../env/ale';
import { readRom } from '../env/rom';
import { Comparison, RAM, type Report, SCREEN, WIDTH } from './comparison';
import { type Fixture, FixtureError } from './fixture';

/** ale-py's names; what is left out is 0, frame_skip 1. */
export interface FixtureSettings {
  readonly random_seed?: number;
  readonly repeat_action_probability?: number;
  readonly max_num_frames_per_episode?: number;
  readonly frame_skip?: number;
  readonly mode?: number;
  readonly difficulty?: number;
}

const ENDED = 1;
const TRUNCATED = 2;
const RESET_BEFORE = 4;

/** Loads the ROM and sets mode and difficulty as the generator of the fixtures does. */
export function createAle(settings: FixtureSettings): Ale {
  const ale = new Ale(readRom(), {
    randomSeed: settings.random_seed ?? 0,
    repeatActionProbability: settings.repeat_action_probability ?? 0,
    maxNumFramesPerEpisode: settings.max_num_frames_per_episode ?? 0,
    frameSkip: settings.frame_skip ?? 1,
  });
  const { mode = 0, difficulty = 0 } = settings;
  if (mode !== 0 || difficulty !== 0) {
    ale.setMode(mode);
    ale.setDifficulty(difficulty);
    ale.resetGame();
  }
  return ale;
}

/** One act() after the other: memory, picture, reward, lives, end. */
export function checkRaw(fixture: Fixture): Report {
  const comparison = new Comparison('frames');
  const ale = createAle(fixture.get('settings'));
  const action = fixture.array('action');
  const flags = fixture.array('flags');
  const snapshots = new Map(Array.from(fixture.array('snapFrame'), (frame, k) => [frame, k]));
  comparison.begin('start');
  compareStart(comparison, ale, fixture);
  for (let i = 0; i < action.length; i++) {
    comparison.begin(`frame ${i}`);
    if ((flags[i]! & RESET_BEFORE) !== 0) ale.resetGame();
    act(comparison, ale, fixture, i);
    const k = snapshots.get(i);
    if (k === undefined) continue;
    comparison.ram(ale.getRam(), fixture.array('snapRam').subarray(k * RAM, (k + 1) * RAM));
    const screen = fixture.array('snapScreen').subarray(k * SCREEN, (k + 1) * SCREEN);
    comparison.pixels(ale.getScreen(), screen, WIDTH);
    comparison.number('frame number', ale.getFrameNumber(), fixture.array('snapFrameNo')[k]!);
    const episodeFrameNo = fixture.array('snapEpisodeFrameNo')[k]!;
    comparison.number('episode frame number', ale.getEpisodeFrameNumber(), episodeFrameNo);
  }
  return comparison.report();
}

function compareStart(comparison: Comparison, ale: Ale, fixture: Fixture): void {
  comparison.ram(ale.getRam(), fixture.array('initRam'));
  comparison.pixels(ale.getScreen(), fixture.array('initScreen'), WIDTH);
}

/** Plays entry i and compares what was recorded of it. */
function act(comparison: Comparison, ale: Ale, fixture: Fixture, i: number): void {
  const strength = fixture.has('strength') ? fixture.array('strength')[i]! : 1;
  const reward = ale.act(fixture.array('action')[i]!, strength);
  comparison.checksum('RAM', ale.getRam(), fixture.array('ramCrc')[i]!);
  comparison.checksum('picture', ale.getScreen(), fixture.array('screenCrc')[i]!);
  comparison.number('reward', reward, fixture.array('reward')[i]!);
  comparison.number('lives', ale.getLives(), fixture.array('lives')[i]!);
  const ended = (ale.gameOver(false) ? ENDED : 0) | (ale.gameTruncated() ? TRUNCATED : 0);
  comparison.number('end flags', ended, fixture.array('flags')[i]! & (ENDED | TRUNCATED));
}

type Operation =
  | readonly ['act', number]
  | readonly ['clone', number, boolean]
  | readonly ['restore', number]
  | readonly ['reset']
  | readonly ['fresh', number];

/** States cloned and restored, in the same environment and in others. */
export function checkRestore(fixture: Fixture): Report {
  const comparison = new Comparison('frames');
  const settings = fixture.get<FixtureSettings>('settings');
  const afterOp = fixture.get<readonly (readonly number[])[]>('afterOp');
  const states = new Map<number, AleState>();
  let ale = createAle(settings);
  let frame = 0;
  comparison.begin('start');
  compareStart(comparison, ale, fixture);
  fixture.get<readonly Operation[]>('ops').forEach((operation, k) => {
    switch (operation[0]) {
      case 'act':
        for (let i = 0; i < operation[1]; i++, frame++) {
          comparison.begin(`frame ${frame}`);
          act(comparison, ale, fixture, frame);
          comparison.number('frame number', ale.getFrameNumber(), fixture.array('frameNo')[frame]!);
          const episodeFrameNo = fixture.array('episodeFrameNo')[frame]!;
          comparison.number('episode frame number', ale.getEpisodeFrameNumber(), episodeFrameNo);
        }
        break;
      case 'clone':
        states.set(operation[1], ale.cloneState({ includeRandom: operation[2] }));
        break;
      case 'restore': {
        const state = states.get(operation[1]);
        if (state === undefined)
          throw new FixtureError(`${fixture.path} restores what it did not clone`);
        ale.restoreState(state);
        break;
      }
      case 'reset':
        ale.resetGame();
        break;
      case 'fresh':
        ale = createAle({ ...settings, random_seed: operation[1] });
        break;
    }
    const [frames, ram, screen, lives, frameNo, episodeFrameNo, over] = afterOp[k]!;
    comparison.begin(`operation ${k} (${operation[0]})`);
    comparison.number('frames so far', frame, frames!);
    comparison.checksum('RAM', ale.getRam(), ram!);
    comparison.checksum('picture', ale.getScreen(), screen!);
    comparison.number('lives', ale.getLives(), lives!);
    comparison.number('frame number', ale.getFrameNumber(), frameNo!);
    comparison.number('episode frame number', ale.getEpisodeFrameNumber(), episodeFrameNo!);
    comparison.number('game over', ale.gameOver() ? 1 : 0, over!);
  });
  return comparison.report();
}
