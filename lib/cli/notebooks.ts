/**
 * npm run notebooks [-- FILES] [--timeout SECONDS] [--whole] [--store]: executes notebooks through the real
 * kernel, by default in a quick profile with shorter trainings.
 * Exit codes: 0 all passed, 1 a notebook failed, 2 wrong arguments, 130 stopped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { replaceFile } from '../files/atomic';
import { ROOT } from '../files/root';
import { checkNotebook, limitsOf } from '../notebook/check';
import { type ExecutionEvent, executeNotebook } from '../notebook/execute';
import { listSources, notebookOf } from '../notebook/files';
import { formatNotebook, joinLines, readNotebook, storeOutputs } from '../notebook/ipynb';
import { userPath } from '../setup/user-path.mjs';
import { runCommand, UsageError } from './arguments';

const USAGE = `usage: npm run notebooks -- [FILES] [options]
  FILES             notebooks to run; all of notebooks/ without any
  --timeout SECONDS most time one cell may take (600)
  --whole           train as long as a reader would: minutes in some cells
  --store           write the outputs into the notebooks that passed
`;

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      timeout: { type: 'string', default: '600' },
      whole: { type: 'boolean', default: false },
      store: { type: 'boolean', default: false },
    },
  });
  const timeout = Number(values.timeout);
  if (!(timeout > 0)) throw new UsageError(`--timeout must be above 0 s, got ${values.timeout}`);
  const files =
    positionals.length > 0
      ? positionals.map((file) => userPath(file))
      : listSources().map(notebookOf);
  if (files.length === 0) throw new UsageError('expected notebooks in notebooks/, found none');
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new UsageError(`no such notebook: ${missing.join(', ')}`);
  return { files, timeout, whole: values.whole, store: values.store };
}

/** Runs one notebook and says how it went; true when every cell passed. */
async function run(
  file: string,
  options: Omit<ReturnType<typeof readArguments>, 'files'> & { readonly signal: AbortSignal },
): Promise<boolean> {
  const notebook = readNotebook(readFileSync(file, 'utf8'), { file });
  const name = relative(ROOT, file);
  const total = notebook.cells.filter(
    (cell) => cell.cell_type === 'code' && joinLines(cell.source).trim() !== '',
  ).length;
  console.log(`${name}: ${total} cells`);
  const begin = performance.now();
  let done = 0;
  const onEvent = (event: ExecutionEvent): void => {
    if (event.event === 'cell') {
      done++;
      const count = `[${done}/${total}]`.padStart(9);
      console.log(`${count} ${event.id.padEnd(32)} ${event.seconds.toFixed(1).padStart(7)} s`);
    } else if (event.event === 'failed') {
      console.error(`\n${name}: ${event.kind} in cell ${event.id}\n${event.message.trim()}\n`);
    }
  };
  const result = await executeNotebook(file, {
    timeout: options.timeout,
    env: options.whole ? {} : { BREAKOUT_PROFILE: 'quick' },
    onEvent,
    signal: options.signal,
  });
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${name}: ${result.passed ? 'passed' : 'FAILED'} in ${seconds} s\n`);
  if (!result.passed || !options.store) return result.passed;
  const stored = storeOutputs(notebook, result.notebook!);
  const text = formatNotebook(stored);
  const problems = checkNotebook(readNotebook(text, { file }), {
    bytes: Buffer.byteLength(text),
    limits: limitsOf(file),
  });
  if (problems.length > 0) {
    console.error(`${name}: not stored:\n- ${problems.join('\n- ')}`);
    return false;
  }
  await replaceFile(file, text);
  console.log(`${name}: outputs stored, ${(Buffer.byteLength(text) / 1e6).toFixed(2)} MB`);
  return true;
}

async function main(args: string[]): Promise<number> {
  const { files, ...options } = readArguments(args);
  const abort = new AbortController();
  // A second Ctrl-C must not end us before the kernel has ended.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort());
  }
  let failures = 0;
  for (const file of files) {
    const passed = await run(file, { ...options, signal: abort.signal }).catch((error) => {
      if (!abort.signal.aborted) throw error;
    });
    if (abort.signal.aborted) {
      console.error(`\nstopped in ${relative(ROOT, file)}`);
      return 130;
    }
    if (!passed) failures++;
  }
  console.log(`${files.length - failures} of ${files.length} notebooks passed`);
  return failures === 0 ? 0 : 1;
}

runCommand(main, { usage: USAGE });
