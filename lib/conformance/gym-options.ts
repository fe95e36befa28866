/** Translates Gymnasium's arguments and wrappers in a recording into our options. */
import type { BreakoutOptions } from '../env/breakout';
import { type Fixture, FixtureError } from './fixture';

/** Arguments of `gym.make` by Gymnasium's names, and ours. */
const KWARGS: Readonly<Record<string, keyof BreakoutOptions>> = {
  obs_type: 'obsType',
  frameskip: 'frameskip',
  max_num_frames_per_episode: 'maxNumFramesPerEpisode',
  repeat_action_probability: 'repeatActionProbability',
  full_action_space: 'fullActionSpace',
  mode: 'mode',
  difficulty: 'difficulty',
  continuous: 'continuous',
  continuous_action_threshold: 'continuousActionThreshold',
  sound_obs: 'soundObs',
  render_mode: 'renderMode',
};

/** Arguments of AtariPreprocessing. */
const WRAPPERS: Readonly<Record<string, keyof BreakoutOptions>> = {
  noop_max: 'noopMax',
  frame_skip: 'frameSkip',
  screen_size: 'screenSize',
  terminal_on_life_loss: 'terminalOnLifeLoss',
  grayscale_obs: 'grayscaleObs',
  grayscale_newaxis: 'grayscaleNewaxis',
  scale_obs: 'scaleObs',
};

/** @throws FixtureError when a name is unknown: without it, another environment would be compared. */
function rename(
  place: string,
  given: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, keyof BreakoutOptions>>,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(names, name)) {
      const known = Object.keys(names).join(', ');
      throw new FixtureError(`expected ${place} among ${known}, got '${name}'`);
    }
    if (value !== null) options[names[name]!] = value; // Python's None: the default
  }
  return options;
}

/**
 * The environment that a fixture of kind 'gym' was recorded from.
 *
 * @throws FixtureError when it was made with an argument that is not known here.
 */
export function getOptions(fixture: Fixture): BreakoutOptions {
  const kwargs = fixture.get<Record<string, unknown>>('kwargs');
  const wrappers = fixture.get<Record<string, unknown> | null>('wrappers');
  const stackSize = fixture.get<number>('frameStack');
  const options: Record<string, unknown> = {
    id: fixture.get<string>('envId'),
    ...rename('kwargs', kwargs, KWARGS),
    ...(wrappers === null ? { preprocess: false } : rename('wrappers', wrappers, WRAPPERS)),
    ...(stackSize > 0 ? { stack: true, stackSize } : { stack: false }),
  };
  // No limit: the ids' default comes from their registration, which None overrides.
  if (kwargs.max_num_frames_per_episode === null) options.maxNumFramesPerEpisode = 0;
  // Gymnasium ignores the axis where there are three channels anyway.
  if (options.grayscaleObs === false) delete options.grayscaleNewaxis;
  return options as BreakoutOptions;
}
