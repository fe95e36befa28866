/** NOTICE.md names all that set-up fetches, each under its licence, and the README's words on set-up are true. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/files/root';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const files = (folder: string) => readdirSync(join(ROOT, folder)).map((name) => join(folder, name));

/** Licence by package, from the lines `- LICENCE: package, package`; npm's packages have no other section. */
function noticesOf(text: string): Map<string, string> {
  const lines = [...text.matchAll(/^- ([^:]+): (.+)$/gm)];
  return new Map(
    lines.flatMap(([, licence, names]) => names!.split(', ').map((n) => [n, licence!])),
  );
}

const [before = '', npm = '', python = ''] = read('NOTICE.md').split(
  /^### (?:npm|Python) packages.*$/m,
);

/** Names in lists of pip's, as PyPI writes them in addresses. */
const normalName = (name: string) => name.toLowerCase().replaceAll(/[-_.]+/g, '-');
const listed = (path: string) =>
  [...read(path).matchAll(/^([\w.-]+)==/gm)].map(([, name]) => normalName(name!));

describe('NOTICE.md', () => {
  it('names each npm package of the lock file, and no other, with the licence that it states', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { license: string }>;
    };
    const stated = Object.entries(packages).filter(([path]) => path !== '');
    const expected = stated.map(([path, { license }]) => [
      path.replace(/.*node_modules\//, ''),
      license,
    ]);
    expect([...noticesOf(npm)].sort()).toEqual([...new Map(expected as [string, string][])].sort());
  });

  it('names each Python package of the lists, and no other', () => {
    const lists = files('lib/setup').concat(files('lib/setup/wheels'));
    const names = lists.filter((path) => path.endsWith('.txt')).flatMap(listed);
    const noted = [...noticesOf(before).keys(), ...noticesOf(python).keys()];
    expect(noted.sort()).toEqual([...new Set(names)].sort());
  });

  it('gives each Python package that is installed the licence that it states', () => {
    const script = join(ROOT, 'test/setup/licences.py');
    const { stdout } = spawnSync(join(ROOT, '.venv/bin/python'), ['-I', script], {
      encoding: 'utf8',
    });
    const stated = JSON.parse(stdout) as Record<string, string>;
    const noted = noticesOf(python);
    expect(Object.keys(stated).length).toBeGreaterThan(80);
    const installed = Object.fromEntries(
      Object.keys(stated).map((name) => [name, noted.get(name)]),
    );
    const unclear = { setuptools: undefined }; // Python's own, where it brings one
    expect({ ...installed, ...unclear }).toEqual({ ...stated, ...unclear });
  });
});

describe('"no package runs code when it is installed", says the README', () => {
  it('and so it is', () => {
    expect(read('README.md')).toContain('no package runs code when it is installed');
  });

  it('npm runs no scripts', () => {
    expect(read('.npmrc')).toContain('ignore-scripts=true');
    expect(read('lib/setup/npm.mjs')).toContain("'ci', '--ignore-scripts'");
  });

  it('pip takes wheels only, whoever calls it', () => {
    const sources = ['lib/setup', 'lib/cli']
      .flatMap(files)
      .filter((path) => /\.m?ts$|mjs$/.test(path));
    const calls = sources.flatMap(
      (path) => read(path).match(/'pip', '(install|download)'.*/g) ?? [],
    );
    expect(calls.length).toBeGreaterThanOrEqual(3);
    expect(calls.filter((call) => !call.includes('--only-binary=:all:'))).toEqual([]);
  });
});
