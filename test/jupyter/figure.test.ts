/** Of the texts of a figure that nobody has trusted, what plotly.js could fetch for is gone, and the rest stays. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../lib/files/root';

type Draw = (figure: object, options: { trusted: boolean }) => { layout: { title: string } };
const FILE = 'lib/jupyter/labextensions/breakout-display/static/figure.js';
const { drawable } = (await import(join(ROOT, FILE))) as { drawable: Draw };

test.each([
  ['a <b>fat</b><br/>line<BR >x<sub>1</sub>', 'a <b>fat</b><br>line<BR>x<sub>1</sub>'],
  ['<span style="mask:url(x)">a</span>', '<span>a</span>'],
  ['<span style url(="mask:&#117;rl(x)">a</span>', '<span>a</span>'],
  [`<b x='' style = 'mask-image:image-set("x")'>a</b>`, '<b>a</b>'],
  ['<a style="x" href="https://a.org/b?c=%20">a</a>', '<a href="https://a.org/b?c=%20">a</a>'],
  ['<a href="%{meta}" style="x">a</a>', '<a>a</a>'],
  ['<a href="javascript:x">a</a>', '<a>a</a>'],
  ['<img src=x>', '&lt;img src=x>'],
  ['<span style="x', '&lt;span style="x'],
  ['<%{meta}>', '&lt;%{meta}>'],
  ['<<b style=x>', '&lt;<b>'],
  ['1 < 2 > 0', '1 &lt; 2 > 0'],
  ['x;src:url(y)', 'x;src:url y)'],
  ['url(url (y)', 'url url y)'],
])('the text %s', (title, kept) => {
  const figure = { data: [], layout: { title } };
  expect(drawable(figure, { trusted: false }).layout.title).toBe(kept);
  expect(drawable(figure, { trusted: true }).layout.title).toBe(title);
});
