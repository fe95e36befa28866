/** The kernel passes jupyter_kernel_test, and nbconvert and Jupyter's kernel manager run it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plain, ROOT } from './client';

/** Jupyter's Python client, with this repository's kernel and nothing of the user's. */
const PYTHON = path.join(ROOT, '.venv/bin/python');
const TIMEOUT = 180_000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'jupyter-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runPython(args: string[]): Promise<{ code: number; output: string }> {
  const env = {
    ...process.env,
    JUPYTER_PATH: path.join(ROOT, 'lib/jupyter'),
    JUPYTER_CONFIG_DIR: path.join(folder, 'config'),
    JUPYTER_RUNTIME_DIR: path.join(folder, 'runtime'),
    IPYTHONDIR: path.join(folder, 'ipython'),
    PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
  };
  return new Promise((resolve) => {
    const cwd = path.join(ROOT, 'notebooks');
    execFile(PYTHON, args, { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

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

describe('jupyter_kernel_test', () => {
  it('passes and skips nothing', {
    timeout: TIMEOUT,
  }, async () => {
    const file = path.join(ROOT, 'test/kernel/jupyter_kernel_test_breakout.py');
    const { code, output } = await runPython([file, '-v']);
    expect(output).toMatch(/^Ran 13 tests in/m);
    expect(output).toMatch(/^OK$/m);
    expect(code).toBe(0);
  });
});

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
