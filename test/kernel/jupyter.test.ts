/** nbconvert and Jupyter's kernel manager run the kernel. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { plain } from './client';
import { folder, runPython, TIMEOUT } from './python';

/** Executes a notebook of these cells as `jupyter nbconvert --execute` does. */
async function executeNotebook(cells: readonly string[]) {
  const file = path.join(folder, 'test.ipynb');
  const notebook = {
    cells: cells.map((source, index) => ({
      ...{ cell_type: 'code', execution_count: null, id: `cell-${index}`, metadata: {} },
      ...{ outputs: [], source },
    })),
    metadata: { kernelspec: { name: 'breakout-dqn', display_name: 'x', language: 'typescript' } },
    nbformat: 4,
    nbformat_minor: 5,
  };
  writeFileSync(file, JSON.stringify(notebook));
  const convert = ['-m', 'nbconvert', '--to', 'notebook', '--execute', '--output', 'done.ipynb'];
  return runPython([...convert, file]);
}

describe('nbconvert --execute', () => {
  it('stores the outputs of a good notebook', { timeout: TIMEOUT }, async () => {
    const run = await executeNotebook([
      'for (let i = 0; i < 3000; i++) console.log(i);',
      'const answer = 42;\nanswer',
    ]);
    expect(run.output).not.toContain('Traceback');
    expect(run.code).toBe(0);
    const { cells } = JSON.parse(readFileSync(path.join(folder, 'done.ipynb'), 'utf8'));
    const lines = Array.from({ length: 3000 }, (_, i) => `${i}\n`);
    const texts = cells[0].outputs.flatMap((output: { text: string[] }) => output.text);
    expect(texts.join('')).toBe(lines.join(''));
    expect(cells[1].outputs[0].data['text/plain']).toEqual(['42']);
    expect(cells[1].execution_count).toBe(2);
  });

  // other ways to fail are tried over the wire
  it('fails on a type error', { timeout: TIMEOUT }, async () => {
    const cells = ['1 + 1', 'const n: number = "text";', '"never"'];
    const { code, output } = await executeNotebook(cells);
    expect(code).not.toBe(0);
    expect(plain(output)).toContain('TS2322');
  });
});

const RESTART = `
import os, sys
from jupyter_client.manager import start_new_kernel

def pid_of(client):
    shown = []
    client.execute_interactive("process.pid", timeout=60, output_hook=shown.append)
    return int([m for m in shown if m["msg_type"] == "execute_result"][0]["content"]["data"]["text/plain"])

def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

manager, client = start_new_kernel(kernel_name="breakout-dqn")
client.execute_interactive("const kept = 1; setInterval(() => {}, 1000);", timeout=60, allow_stdin=False)
first = pid_of(client)
manager.restart_kernel()
client.wait_for_ready(timeout=60)
second = pid_of(client)
reply = client.execute_interactive("kept", timeout=60, output_hook=lambda m: None)
print("forgotten", reply["content"]["ename"])
manager.shutdown_kernel()
print("alive", [alive(first), alive(second)], first != second)
`;

describe("Jupyter's kernel manager", () => {
  it('restarts and shuts down without leaving a process', { timeout: TIMEOUT }, async () => {
    const { code, output } = await runPython(['-c', RESTART]);
    expect(output).toContain('forgotten TypeScriptError');
    expect(output).toContain('alive [False, False] True');
    expect(code).toBe(0);
  });
});
