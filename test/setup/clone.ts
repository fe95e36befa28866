/** Copies of the project in which the set-up really runs, made in a second by hard links. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../lib/files/root';

export { ROOT };

/** Where clones are made: on the disk of the project. */
export const PARENT = join(ROOT, '.cache/test-setup');

/** What git would bring, as far as the set-up reads it. */
const SOURCES = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'lib'];
/** What a set-up makes. */
const ENGINES = ['.cache/native-engine', '.cache/graph-engine'];
const PRODUCTS = ['node_modules', '.venv', '.tensorflow', ...ENGINES, 'roms'];

/** No package index answers, and nothing is cached. */
export function offline(clone: Clone): NodeJS.ProcessEnv {
  return {
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_fetch_retries: '0',
    npm_config_cache: clone.path('caches/npm'),
    PIP_INDEX_URL: 'http://127.0.0.1:9/',
    PIP_FIND_LINKS: '',
    PIP_RETRIES: '0',
    PIP_CACHE_DIR: clone.path('caches/pip'),
  };
}

export interface Result {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  /** All it printed. */
  readonly output: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly result: Promise<Result>;
}

export interface Clone {
  /** Absolute path of something inside. */
  path(name: string): string;
  /** Removes something, never what it is linked with. */
  remove(name: string): void;
  /** Replaces a file by a new one; the linked original stays as it is. */
  write(name: string, content: string): void;
  /** Puts back what is there in the project itself. */
  restore(name: string): void;
  /** Starts the set-up in a process group of its own. */
  start(env?: NodeJS.ProcessEnv, nodeOptions?: readonly string[]): Running;
  run(env?: NodeJS.ProcessEnv, nodeOptions?: readonly string[]): Promise<Result>;
  delete(): void;
}

/**
 * @param options.sources what it has besides what the set-up reads
 * @param options.products whether it has what a set-up makes; else it is as fresh from git
 * @param options.parent folder to put it in; by default one on the disk of the project
 */
export function makeClone({
  products,
  sources = [],
  parent = PARENT,
}: {
  products: boolean;
  sources?: readonly string[];
  parent?: string;
}): Clone {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'clone-'));
  chmodSync(folder, 0o755);
  for (const name of [...SOURCES, ...sources]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  if (products) for (const name of PRODUCTS) linkTree(join(ROOT, name), join(folder, name));
  const start: Clone['start'] = (env = {}, nodeOptions = []) => {
    const script = join(folder, 'lib/setup/bootstrap.mjs');
    const child = spawn(process.execPath, [...nodeOptions, script], {
      cwd: folder,
      env: { ...process.env, npm_lifecycle_event: 'setup', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    return { process: child, result: resultOf(child) };
  };
  return {
    path: (name) => join(folder, name),
    remove: (name) => rmSync(join(folder, name), { recursive: true, force: true }),
    write(name, content) {
      rmSync(join(folder, name), { force: true });
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    },
    restore(name) {
      rmSync(join(folder, name), { force: true });
      linkFile(join(ROOT, name), join(folder, name));
    },
    start,
    run: (env, nodeOptions) => start(env, nodeOptions).result,
    delete: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A folder for PATH with exactly the named programs: links to real ones, or scripts for the shell. */
export function makeBin(clone: Clone, programs: Record<string, string>): string {
  const folder = clone.path('bin-of-test');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, content] of Object.entries(programs)) {
    if (content.startsWith('/')) symlinkSync(content, join(folder, name));
    else writeFileSync(join(folder, name), `#!/bin/sh\n${content}\n`, { mode: 0o755 });
  }
  return folder;
}

function resultOf(child: ChildProcess): Promise<Result> {
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
  });
}

function linkTree(from: string, to: string): void {
  if (!existsSync(from)) throw new Error(`${from} is missing: run "npm run setup" first`);
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else linkFile(source, target);
  }
}

function linkFile(from: string, to: string): void {
  if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else linkSync(from, to);
}
