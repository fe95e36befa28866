/**
 * Gives each ES module of the project an address that changes with its file and with those that it
 * imports: Node keeps modules by their addresses. A TypeScript file that awaits at its top level, or
 * imports one that does, is an ES module here, too. Runs in Node's thread for such hooks.
 * @see https://nodejs.org/api/module.html#customization-hooks
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** tsx's own: this thread has one translator of TypeScript. */
const esbuild = createRequire(createRequire(import.meta.url).resolve('tsx'))('esbuild');

/** `from './x.mjs'`, `import './x.mjs'` and `import('./x.mjs')`; a wrong find only costs a look at the disk. */
const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;
const ENDINGS = ['', '.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];
/** What tsx puts behind the name of a file that is to be CommonJS. */
const TSX_QUERY = /\?tsx-.*$/;
/** What the translator fails with once its process is gone: an Interrupt ends it. */
const TRANSLATOR_GONE = /The service (?:is no longer running|was stopped)/;

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (!found.url.startsWith('file:') || found.url.includes('/node_modules/')) return found;
  const file = fileURLToPath(found.url).replace(TSX_QUERY, '');
  const files = withImports(file);
  const isModule = found.format === 'module' || (await someAwaits(files));
  const url = isModule ? pathToFileURL(file) : new URL(found.url);
  url.searchParams.set('state', stateOf(files));
  return { ...found, url: url.href, ...(isModule && { format: 'module' }) };
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  return withTranslator(() => next(url, context));
}

/**
 * @param {string} entry
 * @returns {Set<string>} the file and all that it imports by relative names
 */
function withImports(entry) {
  const files = new Set([entry]);
  for (const file of files) {
    const base = pathToFileURL(file);
    for (const [, specifier = ''] of read(file).matchAll(RELATIVE_IMPORT)) {
      const found = ENDINGS.map((ending) => fileURLToPath(new URL(specifier + ending, base)));
      const target = found.find((each) => statSync(each, { throwIfNoEntry: false })?.isFile());
      if (target) files.add(target); // a Set's iteration also meets what is added
    }
  }
  return files;
}

/** @param {Set<string>} files */
function stateOf(files) {
  const state = createHash('sha256');
  for (const file of files) {
    state.update(`${file} ${statSync(file, { throwIfNoEntry: false })?.mtimeMs}\n`);
  }
  return state.digest('hex').slice(0, 16);
}

/** @param {Set<string>} files */
async function someAwaits(files) {
  for (const file of files) {
    const text = read(file);
    if (/\bawait\b/.test(text) && (await awaits(text))) return true;
  }
  return false;
}

/**
 * Whether a program awaits at its top level, for which CommonJS has no form.
 * @param {string} text
 */
async function awaits(text) {
  try {
    const options = { loader: 'ts', format: 'cjs', logLevel: 'silent' };
    await withTranslator(() => esbuild.transform(text, options));
    return false;
  } catch (error) {
    return /** @type {Error} */ (error).message.includes('Top-level await');
  }
}

/**
 * @template Value
 * @param {() => Value | Promise<Value>} use
 */
async function withTranslator(use) {
  try {
    return await use();
  } catch (error) {
    if (!TRANSLATOR_GONE.test(String(/** @type {Error} */ (error)?.message))) throw error;
    await esbuild.stop(); // it starts anew when it is needed
    return use();
  }
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
