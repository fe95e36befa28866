import sharp from 'sharp';
import { expect, it } from 'vitest';
import { gifToPng } from '../../lib/display/animated-png';
import { encodeGif } from '../../lib/display/gif';
import { addPngs } from '../../lib/notebook/animations';
import { buildNotebook, type Output } from '../../lib/notebook/ipynb';
import { parsePercent } from '../../lib/notebook/percent';

it('puts a PNG of the same size beside a GIF, and nothing beside other outputs', async () => {
  const frames = [0, 200].map((gray) => ({ data: new Uint8Array(64).fill(gray), shape: [8, 8] }));
  const gif = (await encodeGif(frames, { scale: 2 })).data.toString('base64');
  const display = (data: Record<string, unknown>): Output => ({
    output_type: 'display_data',
    data,
    metadata: {},
  });
  const built = buildNotebook(parsePercent('// %% id="c"\n1;', { file: 'a.ts' }));
  const outputs = [display({ 'image/gif': gif }), display({ 'text/plain': '1' })];
  const notebook = { ...built, cells: [{ ...built.cells[0]!, outputs }] };

  const [animated, plain] = (await addPngs(notebook, { gifToPng })).cells[0]!.outputs!;
  expect(plain).toEqual(outputs[1]);
  expect(animated!.data!['image/gif']).toBe(gif);
  const png = Buffer.from(animated!.data!['image/png'] as string, 'base64');
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 16, height: 16 });
  expect(png.includes('acTL')).toBe(true); // animated
});
