/** Still charts, drawn by sharp, have their lines where the values are and no text over another. */
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeFigure, figureOutput } from '../../lib/display/bundle';
import { niceTicks } from '../../lib/display/chart-axis';
import { chartSvg } from '../../lib/display/chart-svg';
import { learningCurve } from '../../lib/display/curves';
import { COLOURS, type Figure, lineFigure } from '../../lib/display/figure';
import { svgText, textWidth } from '../../lib/display/font';
import { ROOT } from '../../lib/files/root';

/** The texts of a picture with the rectangles they take: left, top, right, bottom. */
async function textBoxes(svg: string) {
  const place =
    / x="([^"]*)" y="([^"]*)".* font-size="(.*?)" .* text-anchor="(.*?)" transform="rotate\((\S+)/;
  const elements = [...svg.matchAll(/<text([^>]*)>([^<]*)</g)];
  return Promise.all(
    elements.map(async ([, attributes, text]) => {
      const [, x, y, size, anchor, turn] = place.exec(attributes!)!;
      const width = await textWidth(text!, Number(size));
      const from = { start: 0, middle: -width / 2, end: -width }[anchor!]!;
      const [along, up, down] = [[from, from + width], 0.76 * Number(size), 0.24 * Number(size)];
      const box =
        turn === '0'
          ? [Number(x) + along[0]!, Number(y) - up, Number(x) + along[1]!, Number(y) + down]
          : [Number(x) - up, Number(y) - along[1]!, Number(x) + down, Number(y) - along[0]!];
      return { text: text!, box: box as [number, number, number, number] };
    }),
  );
}

function pixelsOf(content: string): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">${content}</svg>`;
  return sharp(Buffer.from(svg)).raw().toBuffer();
}

const titles = { title: 'Title', xTitle: 'agent steps', yTitle: 'return (points)' };

/** Where a figure's PNG shows a colour: the box around it and the number of pixels. */
async function find(figure: Figure, colour: string) {
  const { data } = await encodeFigure(figure);
  const { data: rgb, info } = await sharp(data)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const wanted = [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16));
  const box = { left: info.width, right: -1, top: info.height, bottom: -1, count: 0 };
  for (let y = 0; y < info.height; y++) {
    for (let x = 0; x < info.width; x++) {
      const at = (y * info.width + x) * 3;
      if (wanted.some((v, i) => Math.abs(rgb[at + i]! - v) > 12)) continue;
      box.count++;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  return box;
}

describe('the still picture of a figure', () => {
  it('is a PNG of 800 x 440 pixels and a few kilobytes', async () => {
    const image = await encodeFigure(lineFigure([{ name: 'a', x: [0, 1], y: [0, 1] }], titles));
    const metadata = await sharp(image.data).metadata();
    expect(metadata).toMatchObject({ format: 'png', width: 800, height: 440 });
    expect(image.data.length).toBeLessThan(20_000);
  });

  it('draws a rising line across the whole plot', async () => {
    const box = await find(lineFigure([{ name: 'a', x: [0, 100], y: [0, 7] }], titles), COLOURS[0]);
    expect(box.right - box.left).toBeGreaterThan(600);
    expect(box.bottom - box.top).toBeGreaterThan(250);
  });

  it('draws a line where its values are', async () => {
    const lines = [
      { name: 'low', x: [0, 10], y: [2, 2] },
      { name: 'high', x: [0, 10], y: [8, 8] },
      { name: 'ends', x: [0, 10], y: [0, 10] },
    ];
    const figure = lineFigure(lines, { ...titles, yRange: [0, 10] });
    const plain: Figure = { ...figure, layout: { ...figure.layout, showlegend: false } };
    const [low, high, ends] = await Promise.all(COLOURS.slice(0, 3).map((c) => find(plain, c)));
    const height = ends!.bottom - ends!.top;
    expect((ends!.bottom - low!.top) / height).toBeCloseTo(0.2, 1);
    expect((ends!.bottom - high!.top) / height).toBeCloseTo(0.8, 1);
  });

  it('leaves a gap where a value is missing', async () => {
    const x = [0, 1, 2, 3];
    const svg = await chartSvg(lineFigure([{ name: 'a', x, y: [1, Number.NaN, 3, 4] }], titles));
    const line = svg.match(new RegExp(`stroke="${COLOURS[0]}"[^>]* d="([^"]*)"`))![1]!;
    expect(line.replace(/[^ML]/g, '')).toBe('MML');
  });

  it('names the lines in a legend when there are several, and else leaves it out', async () => {
    const legends = async (count: number) => {
      const lines = ['a', 'b'].slice(0, count).map((name) => ({ name, x: [0, 1], y: [0, 1] }));
      const svg = await chartSvg(lineFigure(lines, titles));
      return svg.split(`stroke="${COLOURS[0]}"`).length - 1;
    };
    expect(await legends(1)).toBe(1);
    expect(await legends(2)).toBe(2);
  });

  const many = Array.from({ length: 9 }, (_, i) => ({
    name: `learning rate 2.5e-${i} with a name that a reader typed, longer than there is room for it`,
    agentSteps: i === 0 ? [] : [0, 5_000_000],
    values: i === 0 ? [] : [0, -100_000 * i],
  }));
  const long = { title: 'A long title '.repeat(9), yTitle: 'a long name of an axis '.repeat(9) };
  it.each([
    ['many runs with long names', learningCurve(many, long)],
    ['small numbers', lineFigure([{ name: 'a', x: [0, 7e-5], y: [0, 1.2e-4] }], titles)],
    ['no data', learningCurve([])],
  ])('writes within its edges and no text over another with %s', async (_title, figure) => {
    const boxes = await textBoxes(await chartSvg(figure));
    expect(boxes.length).toBeGreaterThan(6);
    expect(
      boxes.filter(
        ({ box: [left, top, right, bottom] }) =>
          !(left >= 0 && top >= 0 && right <= 800 && bottom <= 440),
      ),
    ).toEqual([]);
    const overlaps = boxes.flatMap(({ text, box: a }, i) =>
      boxes
        .slice(i + 1)
        .filter(({ box: b }) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3])
        .map((other) => [text, other.text]),
    );
    expect(overlaps).toEqual([]);
    expect((await encodeFigure(figure)).data.length).toBeGreaterThan(500);
  });

  it('writes the signs of titles, and not the box that stands for a missing one', async () => {
    const write = (text: string) =>
      pixelsOf(svgText(text, { x: 4, y: 20, size: 15, colour: '#000' }));
    const box = await write('\u{10ffff}');
    for (const sign of 'Aε±→≤≥×…−²') expect((await write(sign)).equals(box), sign).toBe(false);
    expect(process.env.FONTCONFIG_FILE).toBe(join(ROOT, '.cache/fontconfig/fonts.conf'));
  });

  it('fills areas in a pale colour', async () => {
    const area = { name: 'a', x: [0, 1], y: [0, 1], areaTo: [2, 3] };
    expect(await chartSvg(lineFigure([area], titles))).toMatch(
      /<path fill="#0072b2" fill-opacity="0.2" d="M[\d.]+ [\d.]+(L[\d.]+ [\d.]+){3}"\/>/,
    );
  });

  it.each(['<b>', '"/>', '&', 'a\u0000b\n', '\u200b', '\uffff'])(
    'takes the name %j',
    async (name) => {
      const lines = [name, 'b'].map((line) => ({ name: line, x: [0, 1], y: [0, 1] }));
      const { data } = await encodeFigure(lineFigure(lines, titles));
      expect((await sharp(data).metadata()).width).toBe(800);
    },
  );
});

describe('niceTicks', () => {
  it.each([
    [[0, 10], 5, [0, 2, 4, 6, 8, 10]],
    [[0, 1.05], 6, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [[3, 27_000], 6, [5000, 10_000, 15_000, 20_000, 25_000]],
    [[-3, 4], 7, [-3, -2, -1, 0, 1, 2, 3, 4]],
  ] as const)('of %j about %d are round numbers', (limits, count, ticks) => {
    expect(niceTicks(limits, count)).toEqual(ticks);
  });
});

describe('figureOutput', () => {
  it('offers the figure, a still picture and text', async () => {
    const figure = learningCurve({ name: 'run', agentSteps: [10, 20], values: [1, 3] });
    const { bundle } = await figureOutput(figure);
    expect(Object.keys(bundle)).toEqual([
      'application/vnd.plotly.v1+json',
      'image/png',
      'text/plain',
    ]);
    expect(bundle['application/vnd.plotly.v1+json']).toEqual(figure);
    expect(bundle['text/plain']).toContain('run: 2 points, last 2');
    const still = Buffer.from(String(bundle['image/png']), 'base64');
    expect((await sharp(still).metadata()).width).toBe(800);
  });

  it('keeps a saved notebook small: under 100 KB for 3 runs of 5,000 episodes', async () => {
    const runs = ['a', 'b', 'c'].map((name) => ({
      name,
      agentSteps: Array.from({ length: 5000 }, (_, i) => 200 * i),
      values: Array.from({ length: 5000 }, (_, i) => i % 11),
    }));
    const { bundle } = await figureOutput(learningCurve(runs));
    expect(JSON.stringify(bundle).length).toBeLessThan(100_000);
  });
});
