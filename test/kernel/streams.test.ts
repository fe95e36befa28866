/** What cells of a real kernel print arrives complete, in order, under its cell, in few messages. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

it('keeps 5,000 lines of one tick, in order and in few messages', async () => {
  const run = await kernel.execute('for (let i = 0; i < 5000; i++) console.log("line", i);');
  const expected = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join('');
  expect(run.text('stdout')).toBe(expected);
  // Jupyter's server drops what exceeds 1,000 messages a second.
  expect(run.contents('stream').length).toBeLessThan(500);
});

it('keeps the order between stdout, stderr and displays', async () => {
  const run = await kernel.execute(`
    import { findKernelHost } from '../lib/kernel/host';
    for (let i = 0; i < 3; i++) {
      console.log('out', i);
      console.error('err', i);
      findKernelHost()!.display({ 'text/plain': 'shown ' + i });
    }`);
  const order = run.published
    .map(({ content }) => content.text ?? (content.data as Record<string, string>)?.['text/plain'])
    .filter((text) => text !== undefined);
  expect(order).toEqual([0, 1, 2].flatMap((i) => [`out ${i}\n`, `err ${i}\n`, `shown ${i}`]));
});

it('joins characters whose bytes come in two writes', async () => {
  const run = await kernel.execute(`
    const bytes = Buffer.from('Zähler 🎮 €');
    for (const byte of bytes) process.stdout.write(Uint8Array.of(byte));
    process.stdout.write('c3a4', 'hex');
    void process.stderr.write(new Uint8Array([0xff, 0x41]));`);
  expect(run.text('stdout')).toBe('Zähler 🎮 €ä');
  expect(run.text('stderr')).toBe('\ufffdA');
});

it('calls back the writer', async () => {
  const run = await kernel.execute(
    'await new Promise<void>((done) => { process.stdout.write("x", () => done()); }); "written"',
  );
  expect(run.result).toBe("'written'");
});

it('captures console.table, console.group and console.error', async () => {
  const run = await kernel.execute(
    'console.table([{ a: 1 }]); console.group("g"); console.log("in"); console.groupEnd(); console.warn("w")',
  );
  expect(run.text('stdout')).toContain('│ (index) │ a │');
  expect(run.text('stdout')).toContain('g\n  in\n');
  expect(run.text('stderr')).toBe('w\n');
});

it('sends output of a thread that stays busy before the cell has ended', async () => {
  const id = await kernel.send('execute_request', {
    code: 'console.log("first"); const t = Date.now() + 1000; while (Date.now() < t) {}; console.log("last");',
  });
  await kernel.waitForText(id, 'first');
  expect(kernel.replies.some(({ parent }) => parent.msg_id === id)).toBe(false);
  expect((await kernel.finish(id)).text('stdout')).toBe('first\nlast\n');
});

it('gives late output to the cell that started it', async () => {
  const first = await kernel.send('execute_request', {
    code: 'setTimeout(() => console.log("from the first"), 400);',
  });
  await kernel.finish(first);
  const second = await kernel.execute(
    'console.log("from the second"); await new Promise((done) => setTimeout(done, 800));',
  );
  expect(second.text('stdout')).toBe('from the second\n');
  expect((await kernel.finish(first)).text('stdout')).toBe('from the first\n');
});

it('shows neither deprecations nor experiments, but other warnings', async () => {
  const run = await kernel.execute(`
    process.emitWarning('old', 'DeprecationWarning', 'DEP0000');
    process.emitWarning('new', 'ExperimentalWarning');
    process.emitWarning('mind this');
    await new Promise((done) => setTimeout(done, 50));`);
  expect(run.text('stderr')).toBe('Warning: mind this\n');
});

it('holds a cell back that prints faster than can be sent, and loses nothing', async () => {
  const code =
    "const line = 'x'.repeat(9_999) + '\\n'; for (let i = 0; i < 3_000; i++) process.stdout.write(line);";
  const run = await kernel.execute(code);
  expect(run.text('stdout').length).toBe(30_000_000);
});
