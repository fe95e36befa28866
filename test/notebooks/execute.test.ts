/** Notebooks run cell by cell in a real kernel, and each way to fail is reported with its cell. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ExecutionEvent, executeNotebook } from '../../lib/notebook/execute';
import { buildNotebook, formatNotebook, NOTEBOOK_METADATA } from '../../lib/notebook/ipynb';
import { folderOfAll } from '../helpers/folder';

const folder = folderOfAll();

/** Runs a notebook of these code cells, called a, b, c ... */
async function execute(sources: readonly string[], timeout = 120) {
  const file = join(folder, 'test.ipynb');
  const cells = sources.map((source, index) => ({
    type: 'code' as const,
    id: 'abc'[index]!,
    tags: [],
    source,
    line: 1,
  }));
  const text = formatNotebook(buildNotebook(cells));
  writeFileSync(file, text);
  const events: ExecutionEvent[] = [];
  const env = { BREAKOUT_TEST: 'from the runner' };
  const onEvent = (event: ExecutionEvent) => events.push(event);
  const result = await executeNotebook(file, { timeout, env, onEvent });
  expect(readFileSync(file, 'utf8')).toBe(text); // running leaves the file as it is
  return { ...result, events, last: events.at(-1)! };
}

describe('executeNotebook', { timeout: 180_000 }, () => {
  it('runs the cells in order in the given environment and returns their outputs', async () => {
    const { passed, events, notebook } = await execute([
      'const text: string = process.env.BREAKOUT_TEST!;',
      'console.log(text);',
      'text.length;',
    ]);
    expect(events.map((event) => (event.event === 'cell' ? event.id : event.event))).toEqual([
      'started',
      'a',
      'b',
      'c',
    ]);
    expect(passed).toBe(true);
    expect(notebook!.metadata.language_info).toEqual(NOTEBOOK_METADATA.language_info);
    const outputs = notebook!.cells.map((cell) => cell.outputs);
    expect(outputs[1]).toMatchObject([{ output_type: 'stream', text: ['from the runner\n'] }]);
    expect(outputs[2]).toMatchObject([{ output_type: 'execute_result' }]);
  });

  it.each<[string, readonly string[], { id: string; kind: string; message: RegExp }]>([
    [
      'an exception',
      ["throw new RangeError('too far');", '1;'],
      { id: 'a', kind: 'error', message: /RangeError.*too far/s },
    ],
    [
      'a type error',
      ["const wrong: number = 'text';"],
      { id: 'a', kind: 'error', message: /'string' is not assignable to type 'number'/ },
    ],
    [
      'a rejection that comes after its cell',
      ["setTimeout(() => Promise.reject(new Error('late')), 300);"],
      { id: '(after the last cell)', kind: 'late error', message: /late/ },
    ],
    [
      'a kernel that dies',
      ['setTimeout(() => process.kill(process.pid, "SIGKILL"), 100); await new Promise(() => {});'],
      { id: 'a', kind: 'dead kernel', message: /process ended/ },
    ],
  ])('fails on %s, naming the cell', async (_, sources, expected) => {
    const { passed, last } = await execute(sources);
    expect(passed).toBe(false);
    expect(last).toEqual({
      event: 'failed',
      id: expected.id,
      kind: expected.kind,
      message: expect.stringMatching(expected.message),
    });
  });

  it('fails on a cell that takes longer than the limit', async () => {
    const { passed, last } = await execute(
      ['await new Promise((end) => setTimeout(end, 60_000));'],
      3,
    );
    expect(passed).toBe(false);
    expect(last).toMatchObject({ event: 'failed', id: 'a', kind: 'time-out' });
  });
});
