import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createConfig } from '../../lib/dqn/config/presets';
import { supportOf } from '../../lib/dqn/equations/categorical';
import { createQNetwork } from '../../lib/dqn/learner/q-network';
import { playGif } from '../../lib/play/show-play';

const network = createQNetwork({
  observationShape: [4, 84, 84],
  actions: 4,
  width: 0.125,
  seed: 1,
});

describe('playGif', () => {
  it.each([
    [{}, 452],
    [{ q: false }, 320],
    [{ saliency: 'gradient' as const }, 452],
    [{ saliency: 'occlusion' as const, q: false }, 320],
  ])('draws the game with %j, a picture for each agent step', async (options, width) => {
    const gif = await playGif(network, { steps: 3, from: 5, ...options });
    expect(gif).toMatchObject({ width, height: 420, frameCount: 3 });
    expect((await sharp(gif.data, { animated: true }).metadata()).width).toBe(width);
  });

  it('shows the same game again with the same seed, and another one with another', async () => {
    const play = (seed: number) => playGif(network, { steps: 4, from: 30, epsilon: 0.5, seed });
    const [first, again, other] = [await play(1), await play(1), await play(2)];
    expect(again.data.equals(first.data)).toBe(true);
    expect(other.data.equals(first.data)).toBe(false);
  });

  it('plays a network that puts out histograms by the config of its training', async () => {
    const config = createConfig('fast');
    const { atoms } = supportOf(config)!;
    const options = { observationShape: [4, 84, 84], actions: 4 * atoms, width: 0.125, seed: 1 };
    const histograms = createQNetwork(options);
    const gif = await playGif(histograms, { config, steps: 3 });
    expect(gif.frameCount).toBe(3);
    await expect(playGif(histograms)).rejects.toThrow(
      `must have 4 outputs, got ${4 * atoms}: values of 4 actions. If it puts out histograms, give the config`,
    );
    await expect(playGif(network, { config })).rejects.toThrow(
      `must have ${4 * atoms} outputs, got 4: histograms of ${atoms} bins for 4 actions, as its config says`,
    );
    histograms.dispose();
  });

  it.each([
    [{ from: -1 }, 'from must be a whole number of at least 0, got -1'],
    [{ steps: 0 }, 'steps must be a whole number of at least 1, got 0'],
  ])('refuses %j', async (options, message) => {
    await expect(playGif(network, options)).rejects.toThrow(message);
  });
});
