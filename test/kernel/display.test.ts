/** A cell's last value and what it displays reach a client of a real kernel as Jupyter's messages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestKernel } from './client';

const HOST =
  "import { findKernelHost } from '../lib/kernel/host';\nconst host = findKernelHost()!;\n";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

async function resultOf(code: string): Promise<string | undefined> {
  const run = await kernel.execute(code);
  expect(run.traceback).toBe('');
  return run.result;
}

describe('the value of the last line', () => {
  it('is shown as the numbered result', async () => {
    const run = await kernel.execute('const twelve = 12;\ntwelve * 2;');
    expect(run.contents('execute_result')).toEqual([
      { data: { 'text/plain': '24' }, metadata: {}, execution_count: run.reply.execution_count },
    ]);
  });

  it('may be awaited', async () => {
    expect(await resultOf('await Promise.resolve("later")')).toBe("'later'");
  });

  it('is shown for null, false, 0 and NaN, not for undefined', async () => {
    expect(await resultOf('null')).toBe('null');
    expect(await resultOf('false')).toBe('false');
    expect(await resultOf('0')).toBe('0');
    expect(await resultOf('NaN')).toBe('NaN');
    expect(await resultOf('undefined')).toBeUndefined();
    expect(await resultOf('void 5')).toBeUndefined();
  });

  it('is not shown for declarations, assignments and statements', async () => {
    expect(await resultOf('let n = 5;')).toBeUndefined();
    expect(await resultOf('n = 6;')).toBeUndefined();
    expect(await resultOf('n += 6;')).toBeUndefined();
    expect(await resultOf('if (n) { n; }')).toBeUndefined();
    expect(await resultOf('n')).toBe('12');
  });

  it('is short for long arrays and tensors', async () => {
    const array = (await resultOf('new Uint8Array(84 * 84)')) ?? '';
    expect(array).toContain('Uint8Array(7056)');
    expect(array.split('\n').length).toBeLessThan(8);
    const tf = "const tf = require('@tensorflow/tfjs') as typeof import('@tensorflow/tfjs');\n";
    expect(await resultOf(`${tf}tf.tensor2d([[1, 2], [3, 4]])`)).toMatch(
      /^Tensor float32 \[2, 2\]\n\s*\[\[1, 2\],\s*\[3, 4\]\]$/,
    );
    expect(await resultOf('tf.zeros([32, 84, 84, 4], "int32")')).toBe(
      'Tensor int32 [32, 84, 84, 4]',
    );
  });

  it("is the object's own bundle where it has one", async () => {
    const run = await kernel.execute(
      `({
        [Symbol.for('Jupyter.display')]: async () => ({ 'image/png': new Uint8Array([1, 2, 3]) }),
        name: 'picture',
      })`,
    );
    const [{ data } = {}] = run.contents('execute_result');
    expect(data).toMatchObject({ 'image/png': 'AQID' });
    expect((data as Record<string, string>)['text/plain']).toContain("name: 'picture'");
  });
});

describe('display', () => {
  it('shows a bundle, updates it in place, clears', async () => {
    const run = await kernel.execute(`${HOST}
      host.display({ 'text/html': '<b>1</b>', 'text/plain': '1' }, { displayId: 'd', metadata: { m: 1 } });
      host.display({ 'text/plain': '2' }, { displayId: 'd', update: true });
      host.clearOutput();
      host.clearOutput(true);`);
    const outputs = run.published
      .map(({ header, content }) => [header.msg_type, content])
      .filter(([type]) => type !== 'status' && type !== 'execute_input');
    expect(outputs).toEqual([
      [
        'display_data',
        {
          data: { 'text/html': '<b>1</b>', 'text/plain': '1' },
          metadata: { m: 1 },
          transient: { display_id: 'd' },
        },
      ],
      [
        'update_display_data',
        { data: { 'text/plain': '2' }, metadata: {}, transient: { display_id: 'd' } },
      ],
      ['clear_output', { wait: false }],
      ['clear_output', { wait: true }],
    ]);
  });

  it('carries bytes as base64', async () => {
    const run = await kernel.execute(
      `${HOST}host.display({ 'image/png': Buffer.from([0xff, 0x00]), 'image/gif': new Uint8Array([7]) });`,
    );
    expect(run.contents('display_data')[0]?.data).toEqual({
      'image/png': '/wA=',
      'image/gif': 'Bw==',
    });
  });

  it('fails the cell for an update without an id', async () => {
    const { reply } = await kernel.execute(`${HOST}host.display({}, { update: true });`);
    expect(reply.evalue).toContain('needs the displayId');
  });

  it('goes to the cell whose timer calls it', async () => {
    const id = await kernel.send('execute_request', {
      code: `${HOST}setTimeout(() => host.display({ 'text/plain': 'late' }), 300);`,
    });
    await kernel.finish(id);
    await kernel.execute('await new Promise((done) => setTimeout(done, 600));');
    const late = await kernel.finish(id);
    expect(late.contents('display_data')[0]?.data).toEqual({ 'text/plain': 'late' });
  });
});
