import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeFigure, figureOutput } from '../../lib/display/bundle';
import { chartSvg, niceTicks } from '../../lib/display/chart-svg';
import { learningCurve } from '../../lib/display/curves';
import { COLOURS, type Figure, lineFigure } from '../../lib/display/figure';

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

  it('leaves a gap where a value is missing', () => {
    const x = [0, 1, 2, 3];
    const svg = chartSvg(lineFigure([{ name: 'a', x, y: [1, Number.NaN, 3, 4] }], titles));
    const line = svg.match(new RegExp(`stroke="${COLOURS[0]}"[^>]* d="([^"]*)"`))![1]!;
    expect(line.replace(/[^ML]/g, '')).toBe('MML');
  });

  it('names the lines in a legend when there are several, and else leaves it out', () => {
    const legends = (count: number) => {
      const lines = ['a', 'b'].slice(0, count).map((name) => ({ name, x: [0, 1], y: [0, 1] }));
      const svg = chartSvg(lineFigure(lines, titles));
      return svg.split(`stroke="${COLOURS[0]}"`).length - 1;
    };
    expect(legends(1)).toBe(1);
    expect(legends(2)).toBe(2);
  });

  it('stays within its edges with long names, many runs and no data', async () => {
    const many = Array.from({ length: 9 }, (_, i) => ({
      name: `learning rate 2.5e-${i} with a name that a reader typed`,
      agentSteps: i === 0 ? [] : [0, 5_000_000],
      values: i === 0 ? [] : [0, i],
    }));
    const svg = chartSvg(learningCurve(many));
    const numbers = [...svg.matchAll(/M(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    for (const [x, y] of numbers) {
      expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true);
      expect(x).toBeLessThan(800);
      expect(y).toBeLessThan(440);
    }
    expect((await encodeFigure(learningCurve([]))).data.length).toBeGreaterThan(500);
  });

  it('fills areas in a pale colour', () => {
    const area = { name: 'a', x: [0, 1], y: [0, 1], areaTo: [2, 3] };
    expect(chartSvg(lineFigure([area], titles))).toMatch(
      /<path fill="#0072b2" fill-opacity="0.2" d="M[\d.]+ [\d.]+(L[\d.]+ [\d.]+){3}"\/>/,
    );
  });

  it('does not let markup in a name reach the SVG', () => {
    const lines = ['<b>', '"/>'].map((name) => ({ name, x: [0, 1], y: [0, 1] }));
    expect(chartSvg(lineFigure(lines, titles))).not.toContain('<b>');
  });
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
