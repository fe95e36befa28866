/** Outputs of a notebook that nobody has trusted, in a real browser: they fetch nothing, and any shape is drawn or refused. */
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNotebook, NOTEBOOK_METADATA } from '../../lib/notebook/ipynb';
import { launchBrowser } from './browser';
import { type Lab, startLab } from './lab';
import { NotebookPage } from './notebook-page';

const PLOTLY = 'application/vnd.plotly.v1+json';
const BUTTONS = 'application/vnd.breakout-dqn.buttons+json';
const PLAYER = 'application/vnd.breakout-dqn.player+json';
const DATA = [{ type: 'scatter', x: [1, 2], y: [3, 4] }];

type Bundle = Readonly<Record<string, unknown>>;

/** Requests that figures have made. */
const requests: string[] = [];
let server: Server;
let browser: Browser;
let lab: Lab;

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    requests.push(url);
    response.setHeader('access-control-allow-origin', '*').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchBrowser();
  lab = await startLab();
});

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
  server?.close();
});

/** Opens a notebook whose only cell has these outputs, and waits until each shows a figure or a complaint. */
async function open(name: string, outputs: readonly Bundle[]): Promise<NotebookPage> {
  const file = join(lab.folder, `${name}.ipynb`);
  const cell = {
    ...({ cell_type: 'code', id: 'outputs', metadata: {}, source: '' } as const),
    execution_count: null,
    outputs: outputs.map((data) => ({ output_type: 'display_data', data, metadata: {} }) as const),
  };
  const whole = { nbformat: 4, nbformat_minor: 5, metadata: NOTEBOOK_METADATA, cells: [cell] };
  writeFileSync(file, formatNotebook(whole));
  const notebook = await NotebookPage.open(browser, { url: lab.urlOf(file), ids: ['outputs'] });
  const { page } = notebook;
  const shown = page.locator('.js-plotly-plot .main-svg:first-child, .breakout-complaint');
  await expect
    .poll(() => shown.count(), { timeout: 90_000 })
    .toBeGreaterThanOrEqual(outputs.length);
  return notebook;
}

describe('an untrusted notebook', { timeout: 180_000 }, () => {
  it('fetches nothing for its figures', async () => {
    const { port } = server.address() as AddressInfo;
    const url = (path: string) => `http://127.0.0.1:${port}/${path}`;
    const picture = { source: url('image.png'), sizex: 1, sizey: 1, xref: 'paper', yref: 'paper' };
    const map = {
      style: { version: 8, sources: { s: { type: 'vector', url: url('tiles') } }, layers: [] },
    };
    const entity = url('entity.svg');
    const styled = [
      `cursor:url(${url('cursor')}),auto;filter:url(${url('f.svg#a')})`,
      `mask:&#117;rl(${entity}#a)`,
      `clip-path:&#117;rl(${entity}#a)`,
      `mask-image:image-set('${url('set')}' 1x)`,
    ];
    const titles = styled.flatMap((style) => [
      `<span style="${style}">a</span>`,
      `<span style url(="${style}">a</span>`,
      `<b href='x' style = "${style}">a</b>`,
    ]);
    const annotations = [...titles, '%{meta[0]}%{meta[1]}'].map((text, x) => ({ text, x, y: 3 }));
    const figures = [
      { data: [{ type: 'scattergeo', lon: [1], lat: [2] }], config: { topojsonURL: url('topo') } },
      {
        data: [{ type: 'choropleth', locations: ['FRA'], z: [1] }],
        config: { topojsonURL: url('t') },
      },
      { data: DATA, layout: { images: [picture] } },
      { data: DATA, layout: { template: { layout: { images: [picture], geo: {} } } } },
      { data: DATA, frames: [{ layout: { images: [picture] } }] },
      { data: [{ type: 'image', source: url('trace.png') }] },
      { data: [{ type: 'scattermap', lon: [1], lat: [2] }], layout: { map } },
      { data: [{ type: 'densitymapbox', lon: [1], lat: [2], z: [1] }], layout: { mapbox: map } },
      {
        data: DATA,
        layout: {
          font: { family: `x;src:url(${url('font')})` },
          title: { text: titles.join('') },
          annotations,
          meta: titles[1]!.split(' url('),
        },
      },
      {
        data: DATA,
        config: { plotlyServerURL: url('cloud'), showLink: true, mapboxAccessToken: 'x' },
      },
    ];
    const { page, consoleErrors, foreignRequests } = await open(
      'fetching',
      figures.map((figure) => ({ [PLOTLY]: figure })),
    );
    await page.locator('.js-plotly-plot').nth(8).hover();
    await page.waitForTimeout(2000);
    expect([requests, foreignRequests, consoleErrors]).toEqual([[], [], []]);
    await page.close();
  });

  it('draws or refuses outputs of any shape, none larger than a few screens', async () => {
    const layouts = [
      { height: 1e9, width: 1e9 },
      { height: -5, width: 'wide' },
      { template: { layout: { height: 1e9, width: 1e9 } } },
      { xaxis: null, title: [], images: 7, template: 5 },
    ];
    const shapes = [
      null,
      5,
      'text',
      [],
      {},
      { data: null, layout: null, config: null, frames: {} },
    ];
    const figures = [
      ...shapes,
      ...layouts.map((layout) => ({ data: DATA, layout })),
      ...[{}, 'x', [null, 7], [{ type: 'no-such' }]].map((data) => ({ data, layout: [] })),
    ].map((figure) => ({ [PLOTLY]: figure }));
    const others = [null, 7, {}, { id: 'x', buttons: 7 }, { id: 'x', kind: 'other' }].flatMap(
      (value) => [{ [BUTTONS]: value }, { [PLAYER]: value }],
    );
    const { page, consoleErrors } = await open('shapes', [...figures, ...others]);
    const heights = await page
      .locator('.jp-OutputArea-output > *')
      .evaluateAll((all) => all.map((each) => (each as { scrollHeight: number }).scrollHeight));
    expect(Math.max(...heights)).toBeLessThan(4100);
    expect(await page.getByText('Javascript Error').count()).toBe(0);
    expect(consoleErrors).toEqual([]);
    await page.close();
  });
});
