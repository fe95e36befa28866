/** Completion, inspection, is_complete and history are answered by a real kernel process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestKernel } from './client';

let kernel: TestKernel;
const folder = mkdtempSync(join(tmpdir(), 'notebook-'));
const notebook = join(folder, 'lesson.ipynb');
beforeAll(async () => {
  const source = [
    '/** Doubles a rate. */\nfunction hallo(rate: number): number { return 2 * rate; }\n',
    'const rate = 9; type Hall = 1; const höhe = 2;',
  ];
  const cells = [{ id: 'later', cell_type: 'code', execution_count: null, source }];
  writeFileSync(notebook, JSON.stringify({ cells }));
  kernel = await TestKernel.start({ notebook });
  await kernel.execute(
    '/** Halves a rate. */\nfunction halve(rate: number, floor = 0) { return Math.max(rate / 2, floor); }\nconst rate = 8;',
  );
});
afterAll(async () => {
  await kernel.stop();
  rmSync(folder, { recursive: true });
});

/** Asks with the cursor at `|`. */
async function complete(marked: string) {
  const code = marked.replace('|', '');
  const cursor_pos = Array.from(marked.slice(0, marked.indexOf('|'))).length;
  const reply = await kernel.request('complete_request', { code, cursor_pos });
  return reply as unknown as {
    matches: string[];
    cursor_start: number;
    cursor_end: number;
    metadata: { _jupyter_types_experimental: { text: string; type: string; start: number }[] };
  };
}

async function inspect(marked: string) {
  const code = marked.replace('|', '');
  const cursor_pos = marked.indexOf('|');
  const reply = await kernel.request('inspect_request', { code, cursor_pos, detail_level: 0 });
  return reply as unknown as { found: boolean; data: Record<string, string> };
}

async function isComplete(code: string): Promise<unknown> {
  return kernel.request('is_complete_request', { code });
}

describe('help', () => {
  it.each(['größe?', 'größe??', '? größe'])('is what %s asks for', async (code) => {
    await kernel.execute('/** Mass. */ const größe = 4;');
    const { reply } = await kernel.execute(code);
    expect(reply.payload).toEqual([
      { source: 'page', start: 0, data: { 'text/plain': 'const größe: 4\n\nMass.' } },
    ]);
  });

  it('names the cell that has not run of a name with any letters', async () => {
    const { payload } = (await kernel.execute('höhe?')).reply as { payload: { data: object }[] };
    expect(JSON.stringify(payload[0]?.data)).toContain('höhe is declared in the cell [1] `later`');
  });
});

describe('completion', () => {
  it('lists the members of a value with their kinds', async () => {
    const { matches, metadata, cursor_start, cursor_end } = await complete('[1].fla|');
    expect(matches.slice(0, 2)).toEqual(['flat', 'flatMap']);
    expect([cursor_start, cursor_end]).toEqual([4, 7]);
    expect(metadata._jupyter_types_experimental[0]).toEqual({
      text: 'flat',
      type: 'method',
      start: 4,
      end: 7,
    });
  });

  it('knows names of earlier cells', async () => {
    expect((await complete('hal|')).matches[0]).toBe('halve');
    const { matches } = await complete('rate.toF|');
    expect(matches).toEqual(['toFixed']);
  });

  it('offers names of cells that have not run, after those that have', async () => {
    const { matches, metadata } = await complete('hal|');
    expect(matches).toEqual(['halve', 'hallo']);
    expect(metadata._jupyter_types_experimental.map(({ type }) => type)).toEqual([
      'function',
      'cell not run',
    ]);
    expect((await complete('rate.hal|')).matches).toEqual([]);
  });

  it("offers the words of a config, whose fields take a variable's text, too", async () => {
    const { traceback } = await kernel.execute(
      "import { createConfig } from 'breakout-dqn';\nconst change = { loss: 'mse' };\ncreateConfig('quick', change).loss",
    );
    expect(traceback).toBe('');
    const { matches } = await complete("createConfig('quick', { loss: '|' })");
    expect(matches).toEqual(['huber', 'mse']);
    const wrong = await kernel.execute("createConfig('quick', { loss: 'msee' })");
    expect(wrong.reply).toMatchObject({ ename: 'ConfigError' });
  });

  it('counts the cursor in code points', async () => {
    const { cursor_start, cursor_end, matches } = await complete('"🎮🎮"; rate.toF|');
    expect(matches).toEqual(['toFixed']);
    expect([cursor_start, cursor_end]).toEqual([11, 14]);
  });

  it('replaces the word around the cursor', async () => {
    const { cursor_start, cursor_end } = await complete('rate.toF|ixe(2)');
    expect([cursor_start, cursor_end]).toEqual([5, 11]);
  });

  it('does not change what the next cell sees', async () => {
    await complete('const ghost = 1; gho|');
    const { reply } = await kernel.execute('ghost');
    expect(reply.evalue).toContain("Cannot find name 'ghost'");
  });

  it('is answered while a cell waits', async () => {
    const id = await kernel.send('execute_request', {
      code: 'console.log("on"); await new Promise((done) => setTimeout(done, 1500)); "slept"',
    });
    await kernel.waitForText(id, 'on');
    expect((await complete('[1].fla|')).matches).toContain('flat');
    expect(kernel.replies.some(({ parent }) => parent.msg_id === id)).toBe(false);
    expect((await kernel.finish(id)).result).toBe("'slept'");
    // Idle ended the completion; the kernel itself is shown as busy again.
    const states = kernel.published
      .filter(({ header }) => header.msg_type === 'status')
      .slice(-4)
      .map(({ content, parent }) => [content.execution_state, parent.msg_type]);
    expect(states).toEqual([
      ['busy', 'complete_request'],
      ['idle', 'complete_request'],
      ['busy', 'execute_request'],
      ['idle', 'execute_request'],
    ]);
  });
});

describe('inspection', () => {
  it('shows signature and documentation', async () => {
    const { found, data } = await inspect('hal|ve(2)');
    expect(found).toBe(true);
    expect(data['text/plain']).toContain(
      'function halve(rate: number, floor?: number | undefined): number',
    );
    expect(data['text/plain']).toContain('Halves a rate.');
  });

  it('shows how a name is declared whose cell has not run', async () => {
    const { data } = await inspect('hallo|(2)');
    expect(data['text/plain']).toBe(
      '/** Doubles a rate. */\nfunction hallo(rate: number): number\n\n' +
        'hallo is declared in the cell [1] `later`, which has not run yet.',
    );
    expect((await inspect('rate.hallo|')).found).toBe(false);
  });

  it('finds the function from within its arguments', async () => {
    for (const marked of ['halve(|', 'halve(2, |)', 'halve(Math.abs(2), 1|)', 'halve|']) {
      const { data } = await inspect(marked);
      expect(data['text/plain'], marked).toContain('function halve');
    }
  });

  it('finds nothing in a comment, nor of a name that nobody knows', async () => {
    for (const marked of ['// no|thing', 'halv|', 'Mathh|.abs', 'unknownName|', 'rate.unknown|']) {
      expect((await inspect(marked)).found, marked).toBe(false);
    }
    await kernel.execute('const anything: any = 1;');
    expect((await inspect('anything|')).data['text/plain']).toBe('const anything: any');
  });
});

describe('is_complete', () => {
  it('tells complete, incomplete and invalid code apart', async () => {
    for (const code of ['1 + 1', 'function f() { return 1; }', 'await Promise.resolve(1)', '']) {
      expect(await isComplete(code), code).toEqual({ status: 'complete' });
    }
    for (const code of [
      'function f() {',
      'f(1,',
      'const x =',
      '`text',
      '/* open',
      '[1, 2',
      'a +',
    ]) {
      expect(await isComplete(code), code).toMatchObject({ status: 'incomplete' });
    }
    for (const code of ['const 1x = 2', ')', 'let = = 3', 'if (1 { }']) {
      expect(await isComplete(code), code).toEqual({ status: 'invalid' });
    }
  });

  it('proposes the indent of the next line', async () => {
    expect(await isComplete('if (true) {')).toEqual({ status: 'incomplete', indent: '  ' });
    expect(await isComplete('if (true) {\n  call(')).toEqual({
      status: 'incomplete',
      indent: '    ',
    });
    expect(await isComplete('if (true) {\n  call();')).toEqual({
      status: 'incomplete',
      indent: '  ',
    });
  });
});

describe('history', () => {
  const ask = async (content: Record<string, unknown>) => {
    const reply = await kernel.request('history_request', { raw: true, output: false, ...content });
    return reply.history as unknown as unknown[][];
  };

  it('gives the last inputs, with outputs when asked', async () => {
    await kernel.execute('rate * 2');
    const [[session, line, input] = []] = await ask({ hist_access_type: 'tail', n: 1 });
    expect(input).toBe('rate * 2');
    const range = { hist_access_type: 'range', session, start: line, stop: Number(line) + 1 };
    expect(await ask({ ...range, output: true })).toEqual([[session, line, ['rate * 2', '16']]]);
  });

  it('searches by pattern', async () => {
    await kernel.execute('rate * 2');
    const search = { hist_access_type: 'search', pattern: 'rate ? *' };
    expect((await ask({ ...search, n: 1 })).length).toBe(1);
    expect((await ask({ ...search, unique: true })).map(([, , input]) => input)).toEqual([
      'rate * 2',
    ]);
  });
});

describe('a request that the kernel does not know', () => {
  it('gets an error, and the kernel goes on', async () => {
    const reply = await kernel.request('debug_request', { command: 'initialize' }, 'control');
    expect(reply).toMatchObject({ status: 'error', ename: 'NotImplementedError' });
    expect((await kernel.execute('rate')).result).toBe('8');
  });
});
