/** Figures of plotly get a still picture with each mark in its place, or a text where none is drawn. */
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { figureOutput, PLOTLY_MIME } from '../../lib/display/bundle';
import { chartSvg } from '../../lib/display/chart-svg';
import type { PlotlyFigure, PlotlyTrace } from '../../lib/display/plotly-figure';

const figure = (data: readonly PlotlyTrace[], layout = {}): PlotlyFigure => ({ data, layout });

/** Bars of a still picture: left, top, width, height in pixels, and colour. */
async function bars(of: PlotlyFigure) {
  const plot = (await chartSvg(of)).split('<g clip-path')[1]!.split('</g>')[0]!;
  const rects = [
    ...plot.matchAll(/<rect x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)" fill="(.*?)"/g),
  ];
  return rects.map(([, x, y, width, height, fill]) => ({
    ...{ x: Number(x), y: Number(y), width: Number(width), height: Number(height), fill },
  }));
}
const texts = async (of: PlotlyFigure) =>
  [...(await chartSvg(of)).matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);

/** The colours of a still picture's heat map, at shares of its width and height from the lower left. */
async function heatAt(of: PlotlyFigure, places: readonly (readonly [number, number])[]) {
  const href = /href="data:image\/png;base64,([^"]*)"/.exec(await chartSvg(of))![1]!;
  const { data, info } = await sharp(Buffer.from(href, 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return places.map(([x, y]) => {
    const at = 4 * (Math.floor((1 - y) * info.height) * info.width + Math.floor(x * info.width));
    return [...data.subarray(at, at + 4)];
  });
}

describe('what plotly draws and SVG does not know', () => {
  it('is no colour of a bar', async () => {
    const marker = { color: ['"/><x', 'red', 5] };
    const of = figure([{ type: 'bar', x: ['a', 'b', 'c'], y: [1, 2, 3], marker }]);
    const fills = (await bars(of)).map(({ fill }) => fill);
    expect(fills).toEqual([fills[2], 'red', fills[2]]);
    expect((await figureOutput(of)).bundle).toHaveProperty('image/png');
  });

  it('is no layout', async () => {
    const of = { data: [{ type: 'bar', x: ['a'], y: [1] }], layout: null };
    const { bundle } = await figureOutput(of as unknown as PlotlyFigure);
    expect(bundle).toMatchObject({
      [PLOTLY_MIME]: { layout: {} },
      'image/png': expect.any(String),
    });
  });

  it('is shown without a picture', async () => {
    const drawing = vi.spyOn(Object.getPrototypeOf(sharp({ text: { text: 'a' } })), 'toBuffer');
    drawing.mockRejectedValueOnce(new Error('no memory'));
    const { bundle } = await figureOutput(figure([{ type: 'bar', x: ['a'], y: [1] }]));
    expect(bundle).not.toHaveProperty('image/png');
    expect(bundle['text/plain']).toBe(
      'a figure without a still picture (no memory), shown where Plotly is available',
    );
  });

  it('is drawn in a moment, however many categories it has', async () => {
    const x = Array.from({ length: 20_000 }, (_, i) => `k${i}`);
    const begin = performance.now();
    const labels = await texts(figure([{ type: 'bar', x, y: x.map((_, i) => i) }]));
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(labels).toContain('k0');
  });
});

describe('a figure of plotly', () => {
  it.each<[string, PlotlyFigure, string[]]>([
    [
      'bars of categories',
      figure([{ type: 'bar', x: ['a', 'b'], y: [1, 2] }]),
      ['0', '2', 'a', 'b'],
    ],
    ['a line without x', figure([{ y: [5, 7] }]), ['5', '7', '0', '1']],
    ['a line without y', figure([{ x: [5, 7] }]), ['5', '7', '0', '1']],
    [
      'dates',
      figure([{ x: ['2024-01-01', new Date('2024-06-30')], y: [1, 2] }]),
      ['2024-01', '2024-04'],
    ],
    [
      'hours',
      figure([{ x: ['2024-01-01 10:00', '2024-01-01 13:00'], y: [1, 2] }]),
      ['10:00', '13:00'],
    ],
    ['years', figure([{ x: ['1950-01-01', '2024-05-01'], y: [1, 2] }]), ['1960', '2020']],
    [
      'names and numbers',
      figure([{ x: ['cat', 1, true, null], y: [1, 2, 3, 4] }]),
      ['cat', '1', 'true'],
    ],
    ['numbers as text', figure([{ x: ['1', '2'], y: ['3', '5'] }]), ['3', '5']],
    [
      'categories of two levels',
      figure([
        {
          type: 'bar',
          x: [
            ['23', '24'],
            ['a', 'a'],
          ],
          y: [1, 2],
        },
      ]),
      ['23 a', '24 a'],
    ],
    [
      'typed arrays',
      figure([{ x: Float32Array.of(0, 1), y: BigInt64Array.of(3n, 4n) }]),
      ['3', '4'],
    ],
    [
      'a title as text',
      figure([{ y: [1] }], { title: '<b>Loss</b>', xaxis: { title: 'step' } }),
      ['Loss', 'step'],
    ],
    [
      'a logarithmic axis',
      figure([{ y: [1e-3, 1e6] }], { yaxis: { type: 'log' } }),
      ['0.01', '1e6'],
    ],
    [
      'two y axes',
      figure(
        [
          { y: [1, 2], name: 'l' },
          { y: [1000, 50_000], name: 'r', yaxis: 'y2' },
        ],
        { yaxis2: { overlaying: 'y', side: 'right', title: { text: 'R' } } },
      ),
      ['1', '2', '50k', 'R', 'l', 'r'],
    ],
    ['no traces', figure([]), ['0', '1']],
    [
      'empty traces',
      figure([
        {},
        { type: 'bar', x: [], y: [] },
        { type: 'histogram' },
        { type: 'heatmap', z: [] },
      ]),
      ['trace 0', 'trace 1'],
    ],
    ['no layout', { data: [{ type: 'histogram', x: [1, 2] }] }, ['1', '2']],
  ])('has a still picture with its labels: %s', async (_title, of, labels) => {
    expect(await texts(of)).toEqual(expect.arrayContaining(labels));
    const { bundle } = await figureOutput(of);
    const png = Buffer.from(String(bundle['image/png']), 'base64');
    expect(await sharp(png).metadata()).toMatchObject({ width: 800, height: 440 });
  });

  it('shows lines and points as its mode says, gaps where nothing can be drawn', async () => {
    const paths = async (mode: string) => {
      const y = [1, Number.NaN, 3, 4, Number.POSITIVE_INFINITY];
      const svg = await chartSvg(
        figure([
          {
            mode,
            y,
            line: { color: '#010203', dash: 'dot' },
            marker: { color: '#040506', size: 9 },
          },
        ]),
      );
      return ['#010203" stroke-width="2" stroke-dasharray="3 5', '#040506" stroke-width="9'].map(
        (style) =>
          svg
            .split(`stroke="${style}"`)[1]
            ?.match(/ d="([^"]*)"/)?.[1]
            ?.replace(/[^MLh]/g, ''),
      );
    };
    expect(await paths('lines')).toEqual(['MML', undefined]);
    expect(await paths('markers')).toEqual([undefined, 'MhMhMh']);
    expect(await paths('lines+markers')).toEqual(['MML', 'MhMhMh']);
    expect(await paths('none')).toEqual([undefined, undefined]);
  });

  const two = [
    { type: 'bar', x: ['a', 'b'], y: [1, 2] },
    { type: 'bar', x: ['a', 'b'], y: [3, -1] },
  ];
  it('stacks bars, those below zero downwards', async () => {
    const [a1, b1, a2, b2] = await bars(figure(two, { barmode: 'stack' }));
    expect(a2).toMatchObject({ x: a1!.x, width: a1!.width });
    expect(a2!.y + a2!.height).toBeCloseTo(a1!.y, 0);
    expect(a2!.height / a1!.height).toBeCloseTo(3, 1);
    expect(b2!.y).toBeCloseTo(b1!.y + b1!.height, 0);
  });

  it('sets bars side by side, each in its colour, and lays them down', async () => {
    const [a1, b1, a2] = await bars(figure(two));
    expect(a2!.x).toBeCloseTo(a1!.x + a1!.width, 0);
    expect(a1!.fill).toBe(b1!.fill);
    expect(a2!.fill).not.toBe(a1!.fill);
    const down = {
      type: 'bar',
      orientation: 'h',
      y: ['a', 'b'],
      x: [1, 2],
      marker: { color: ['red', 'lime'] },
    };
    const [first, second] = await bars(figure([down]));
    expect(second!.width / first!.width).toBeCloseTo(2, 1);
    expect(second!.y).toBeLessThan(first!.y);
    expect([first!.fill, second!.fill]).toEqual(['red', 'lime']);
  });

  const ramp = Array.from({ length: 100 }, (_, i) => i / 10);
  it.each<[string, PlotlyTrace, number[]]>([
    ['nbinsx', { x: ramp, nbinsx: 5 }, [20, 20, 20, 20, 20]],
    ['xbins', { x: ramp, xbins: { start: 0, end: 10, size: 2.5 } }, [25, 25, 25, 25]],
    ['whole numbers', { x: Uint8Array.of(1, 2, 2, 3, 3, 3) }, [1, 2, 3]],
    ['categories', { x: ['a', 'b', 'a'] }, [2, 1]],
    ['no numbers', { x: [Number.NaN, null] }, []],
    ['nearly nothing, over too many bins', { x: [0, 1e300], nbinsx: 1e9 }, [1, 1]],
  ])('counts what a histogram shows: %s', async (_title, trace, counts) => {
    const drawn = await bars(figure([{ type: 'histogram', ...trace }]));
    const unit = (drawn[0]?.height ?? 1) / (counts[0] ?? 1);
    expect(drawn.map(({ height }) => Math.round(height / unit))).toEqual(counts);
  });

  it('colours a heat map with and without x and y, and leaves out what is missing', async () => {
    const z = [Float32Array.of(0, 1), [Number.NaN, 2]];
    const scale = {
      colorscale: [
        [0, 'rgb(0, 0, 0)'],
        [1, '#fff'],
      ],
      type: 'heatmap',
      z,
    };
    const corners = [
      [0.2, 0.2],
      [0.8, 0.2],
      [0.2, 0.8],
      [0.8, 0.8],
    ] as const;
    const colours = [
      [0, 0, 0, 255],
      [128, 128, 128, 255],
      [0, 0, 0, 0],
      [255, 255, 255, 255],
    ];
    expect(await heatAt(figure([scale]), corners)).toEqual(colours);
    expect(await heatAt(figure([{ ...scale, x: ['a', 'b'], y: [10, 20] }]), corners)).toEqual(
      colours,
    );
    const listed = { ...scale, x: [1, 2, 2], y: [1, 1, 2], z: [0, 1, 2] };
    expect(await heatAt(figure([listed]), corners)).toEqual(colours);
    const [low] = await heatAt(
      figure([{ type: 'heatmap', z: [[1, 2]] }], { yaxis: { autorange: 'reversed' } }),
      corners,
    );
    expect(low).toEqual([68, 1, 84, 255]); // viridis
  });

  it('draws traces of mixed kinds over each other', async () => {
    const svg = await chartSvg(
      figure([
        { type: 'heatmap', z: [[1]] },
        { type: 'bar', y: [1] },
        { y: [1, 2], mode: 'lines' },
      ]),
    );
    const order = ['<image', '<rect x=', 'stroke-linejoin'].map((part) =>
      svg.indexOf(part, svg.indexOf('<g ')),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(Math.min(...order)).toBeGreaterThan(0);
  });

  it.each<[string, PlotlyFigure]>([
    [
      'Cake\na pie chart',
      figure([{ type: 'pie', labels: ['a'], values: [1] }], { title: { text: 'Cake' } }),
    ],
    [
      'a pie chart',
      figure([
        { type: 'bar', y: [1] },
        { type: 'pie', values: [1] },
      ]),
    ],
    ['a surface', figure([{ type: 'surface', z: [[1, 2]] }])],
    ["a figure of type 'sankey'", figure([{ type: 'sankey' }])],
    ['a figure of several plots', figure([{ y: [1] }, { y: [1], xaxis: 'x2', yaxis: 'y2' }])],
  ])('without a still picture says what it is: %s', async (what, of) => {
    const { bundle } = await figureOutput(of);
    expect(bundle['text/plain']).toBe(`${what}, shown where Plotly is available`);
    expect(Object.keys(bundle)).toEqual([PLOTLY_MIME, 'text/plain']);
  });

  it('is given to plotly as JSON can say it', async () => {
    const z = [Float32Array.of(1, 2)];
    const of = figure([
      { type: 'heatmap', z, x: BigInt64Array.of(1n), y: [Number.NaN, new Date(0), 5n] },
    ]);
    const { bundle } = await figureOutput(of);
    const y = [null, '1970-01-01T00:00:00.000Z', 5];
    expect(bundle[PLOTLY_MIME]).toEqual({
      data: [{ type: 'heatmap', z: [[1, 2]], x: [1], y }],
      layout: {},
    });
  });

  it.each<[string, unknown]>([
    [
      'markup',
      figure(
        [{ y: [1, 2], line: { color: '"/><a' }, marker: { color: '"', size: '"' }, name: '"><b' }],
        { title: '<&' },
      ),
    ],
    [
      'fields of other types',
      {
        data: [
          { x: 5, y: 'abc', line: 3 },
          { y: [{}, []] },
          { type: 'heatmap', z: [[1], 'x', null] },
        ],
        layout: { xaxis: null, title: 7, barmode: 3 },
      },
    ],
    ['numbers beyond all', figure([{ y: [1.7e308, -1.7e308] }, { y: [1e16, 1e16 + 2] }])],
    [
      'a range without extent',
      figure([{ y: [5, 5] }], { yaxis: { range: [5, 5] }, xaxis: { range: ['a', null] } }),
    ],
  ])('with %s is drawn all the same', async (_title, of) => {
    const { bundle } = await figureOutput(of as PlotlyFigure);
    expect(bundle['image/png']).toBeDefined();
  });

  it.each([null, [], { data: 3 }, { data: [1] }, { layout: {} }])('is not %j', async (of) => {
    await expect(figureOutput(of as never)).rejects.toThrow(/a figure must be \{ data: \[traces\]/);
  });
});
