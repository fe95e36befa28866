/** Animations for viewers that know no GIF: nbconvert, and with it those of code hosts. */
import { joinLines, type Notebook, type Output } from './ipynb';

export interface AnimationOptions {
  /** The same animation as PNG. */
  readonly gifToPng: (gif: Uint8Array) => Promise<Uint8Array>;
}

/** The notebook with a PNG beside each stored GIF that has none. */
export async function addPngs(notebook: Notebook, options: AnimationOptions): Promise<Notebook> {
  const cells = notebook.cells.map(async (cell) => {
    if (cell.outputs === undefined) return cell;
    const outputs = await Promise.all(cell.outputs.map((output) => addPng(output, options)));
    return { ...cell, outputs };
  });
  return { ...notebook, cells: await Promise.all(cells) };
}

async function addPng(output: Output, { gifToPng }: AnimationOptions): Promise<Output> {
  const { data = {} } = output;
  const gif = data['image/gif'] as string | undefined;
  if (gif === undefined || 'image/png' in data) return output;
  const png = await gifToPng(Buffer.from(joinLines(gif), 'base64'));
  const metadata = (output.metadata ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...output,
    data: { ...data, 'image/png': Buffer.from(png).toString('base64') },
    metadata: { ...metadata, 'image/png': metadata['image/gif'] ?? {} },
  };
}
