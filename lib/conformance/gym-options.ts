/** Translates the arguments that a recorded environment was made with into ours. */

import type { BreakoutOptions } from '../env/breakout';
import { type Fixture, FixtureError } from './fixture';

/** Our names of the arguments of `gym.make`. */
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

/** Our names of the arguments of AtariPreprocessing. */
const WRAPPERS: Readonly<Record<string, keyof BreakoutOptions>> = {
  noop_max: 'noopMax',
  frame_skip: 'frameSkip',
  screen_size: 'screenSize',
  terminal_on_life_loss: 'terminalOnLifeLoss',
  grayscale_obs: 'grayscaleObs',
  grayscale_newaxis: 'grayscaleNewaxis',
  scale_obs: 'scaleObs',
};

/** @throws FixtureError when a name is unknown, because ignoring it would compare another environment. */
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
  // None stands for no limit here: it overrides the default that the ids are registered with.
  if (kwargs.max_num_frames_per_episode === null) options.maxNumFramesPerEpisode = 0;
  // Gymnasium ignores the axis where there are three channels anyway.
  if (options.grayscaleObs === false) delete options.grayscaleNewaxis;
  return options as BreakoutOptions;
}
