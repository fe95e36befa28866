import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  loopDiagram,
  networkDiagram,
  rewardDiagram,
  transitionDiagram,
  twoNetworksDiagram,
} from '../../lib/display/course-diagrams';
import { type Diagram, encodeDiagram } from '../../lib/display/diagram';

const layer = (name: string, shape: readonly number[], weights: number) => ({
  getClassName: () => name,
  outputShape: [null, ...shape],
  countParams: () => weights,
});
const network = { layers: [layer('Flatten', [98], 0), layer('Dense', [3], 297)] };
const picture = (gray: number) => ({ data: new Uint8Array(49).fill(gray), shape: [7, 7] });

/** Relative luminance of a colour, 0 to 1 (WCAG 2.2). */
function luminance(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((v) =>
    v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

const diagrams: [string, () => Diagram | Promise<Diagram>, RegExp][] = [
  ['the loop', () => loopDiagram(), /agent -- action --> environment/],
  ['o and next o', () => transitionDiagram([0, 90, 200].map(picture)), /o': pictures 2 to 3/],
  [
    'a network',
    () => networkDiagram(network, { input: '2 pictures', outputs: ['A', 'B', 'C'] }),
    /2 pictures -> 98 -> 3 -> A, B, C/,
  ],
  ['two networks', () => twoNetworksDiagram({ every: 'every 200 steps' }), /still copy/],
  [
    'a reward',
    () => rewardDiagram({ steps: 3, gamma: 0.5 }),
    /0\.25 <- 0\.50 <- 1\.00 <- reward 1/,
  ],
];

describe.each(diagrams)('the drawing of %s', (_, draw, text) => {
  it('says in words what it shows', async () => expect((await draw()).text).toMatch(text));

  it('is as large as it says, twice as dense, and leaves its edge empty', async () => {
    const { data, width, height } = await encodeDiagram(await draw());
    const { data: pixels, info } = await sharp(data).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 2 * width, height: 2 * height, channels: 4 });
    const alpha = (x: number, y: number) => pixels[4 * (y * info.width + x) + 3]!;
    for (let x = 0; x < info.width; x++)
      expect([alpha(x, 0), alpha(x, info.height - 1)], `column ${x}`).toEqual([0, 0]);
    for (let y = 0; y < info.height; y++)
      expect([alpha(0, y), alpha(info.width - 1, y)], `row ${y}`).toEqual([0, 0]);
  });

  it('can be read on a light and on a dark ground: ink that is on no box, 3.9 : 1 or more', async () => {
    const { data } = await encodeDiagram(await draw());
    const { data: pixels } = await sharp(data).raw().toBuffer({ resolveWithObject: true });
    let grays = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      const [r, g, b, alpha] = pixels.subarray(i, i + 4) as unknown as number[];
      if (alpha !== 255 || r !== g || g !== b || r === 0 || r! > 190) continue; // boxes and pictures
      if (![0x7c, 0x7d, 0x7e].includes(r!)) continue;
      grays++;
      expect(contrast(luminance([r!, g!, b!]), 1)).toBeGreaterThan(3.9);
      expect(contrast(luminance([r!, g!, b!]), luminance([0x11, 0x11, 0x11]))).toBeGreaterThan(3.9);
    }
    expect(grays).toBeGreaterThan(100);
  });
});
