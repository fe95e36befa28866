/**
 * Gives each ES module of the project an address that changes with its file and with those that it
 * imports: Node keeps modules by their addresses. Runs in Node's thread for such hooks.
 * @see https://nodejs.org/api/module.html#customization-hooks
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** `from './x.mjs'`, `import './x.mjs'` and `import('./x.mjs')`; a wrong find only costs a look at the disk. */
const RELATIVE_IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;
const ENDINGS = ['', '.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (!found.url.startsWith('file:') || found.url.includes('/node_modules/')) return found;
  const url = new URL(found.url);
  url.searchParams.set('state', stateOf(url));
  return { ...found, url: url.href };
}

/** @param {URL} entry */
function stateOf(entry) {
  /** @type {Set<string>} */
  const files = new Set([fileURLToPath(entry)]);
  const state = createHash('sha256');
  for (const file of files) {
    const base = pathToFileURL(file);
    state.update(`${file} ${statSync(file, { throwIfNoEntry: false })?.mtimeMs}\n`);
    for (const [, specifier = ''] of read(file).matchAll(RELATIVE_IMPORT)) {
      const found = ENDINGS.map((ending) => fileURLToPath(new URL(specifier + ending, base)));
      const target = found.find((each) => statSync(each, { throwIfNoEntry: false })?.isFile());
      if (target) files.add(target); // a Set's iteration also meets what is added
    }
  }
  return state.digest('hex').slice(0, 16);
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
