/** Saved GIFs and figures are read by sharp, and notebooks with them by the real nbconvert. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { figureOutput, gifOutput } from '../../lib/display/bundle';
import { encodeGif } from '../../lib/display/gif';
import type { PlotlyFigure } from '../../lib/display/plotly-figure';
import { saveFigure, saveGif } from '../../lib/display/save';
import { ROOT } from '../../lib/files/root';
import { breakoutPicture } from './breakout-picture';

const folder = mkdtempSync(join(tmpdir(), 'save-'));
const at = (name: string) => join(folder, name);
const bar: PlotlyFigure = { data: [{ type: 'bar', x: ['</script>'], y: [1] }] };
const pictures = [breakoutPicture(0), breakoutPicture(60)];
afterAll(() => rmSync(folder, { recursive: true }));

describe('saveGif and saveFigure', () => {
  it('write what the ending says, and leave nothing else behind', async () => {
    writeFileSync(at('a.gif'), 'an older file');
    await saveGif(relative(process.cwd(), at('a.gif')), pictures, { scale: 1, delayMs: 100 });
    await saveGif(at('b.GIF'), await encodeGif(pictures));
    for (const ending of ['png', 'svg', 'html']) await saveFigure(at(`a.${ending}`), bar);
    const { pages, width, delay } = await sharp(at('a.gif'), { animated: true }).metadata();
    expect({ pages, width, delay }).toEqual({ pages: 2, width: 160, delay: [100, 100] });
    expect((await sharp(at('b.GIF')).metadata()).width).toBe(320);
    for (const format of ['png', 'svg']) {
      expect(await sharp(at(`a.${format}`)).metadata()).toMatchObject({ format, width: 800 });
    }
    expect(readdirSync(folder).sort()).toEqual(['a.gif', 'a.html', 'a.png', 'a.svg', 'b.GIF']);
  });

  it('write a page that holds figure and plotly, where no text ends a tag', () => {
    const page = readFileSync(at('a.html'), 'utf8');
    expect(page.split('</script>')).toHaveLength(3);
    const json = /const figure = (.*);\n/.exec(page)![1]!;
    expect(JSON.parse(json).data).toEqual(bar.data);
    expect(page).toContain('plotly.js v');
  });

  const pie: PlotlyFigure = { data: [{ type: 'pie', values: [1] }] };
  it.each<[string, () => Promise<void>, RegExp]>([
    ['a film', () => saveGif(at('x.mp4'), pictures), /must end in \.gif, got '.*x\.mp4'/],
    [
      'a PDF',
      () => saveFigure(at('x.pdf'), bar),
      /must end in \.png or \.svg or \.html, got '.*x\.pdf'/,
    ],
    ['no ending', () => saveFigure(at('x'), bar), /must end in/],
    ['a still pie chart', () => saveFigure(at('x.png'), pie), /got a pie chart: save it as \.html/],
    ['a missing folder', () => saveFigure(at('no/x.svg'), bar), /ENOENT/],
  ])('refuse %s', async (_title, save, message) => {
    await expect(save()).rejects.toThrow(message);
    expect(readdirSync(folder).filter((name) => name.includes('x'))).toEqual([]);
  });

  it('save as a page what has no still picture', async () => {
    await saveFigure(at('pie.html'), pie);
    expect(readFileSync(at('pie.html'), 'utf8')).toContain('"type":"pie"');
  });
});

it('nbconvert exports an animation that moves, a still chart, and a line of text for others', {
  timeout: 60_000,
}, async () => {
  const outputs = await Promise.all([
    gifOutput(await encodeGif(pictures)),
    figureOutput({ data: [{ type: 'bar', x: ['a'], y: [1] }] }),
    figureOutput({ data: [{ type: 'pie', values: [1] }] }),
  ]);
  const cell = {
    ...{ cell_type: 'code', execution_count: 1, id: 'a', metadata: {}, source: '' },
    outputs: outputs.map(({ bundle, metadata = {} }) => ({
      ...{ output_type: 'display_data', data: bundle, metadata },
    })),
  };
  const notebook = { cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  writeFileSync(at('n.ipynb'), JSON.stringify(notebook));
  const python = join(ROOT, '.venv/bin/python');
  execFileSync(python, ['-m', 'nbconvert', '--to', 'html', at('n.ipynb')], { stdio: 'pipe' });
  const html = readFileSync(at('n.html'), 'utf8');
  const images = [...html.matchAll(/<img[^>]*src="data:image\/png;base64,([^"]*)"/g)].map(
    ([, data]) => Buffer.from(data!, 'base64'),
  );
  expect(images.map((image) => image.includes('acTL'))).toEqual([true, false]); // the first one moves
  expect(html).toContain('a pie chart, shown where Plotly is available');
});
