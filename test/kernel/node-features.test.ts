/** The checker of cells knows what the running Node offers: every global name, and all of ECMAScript. */
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { CellCompiler } from '../../lib/kernel/cells/compiler';
import { CellCompileError } from '../../lib/kernel/cells/diagnostics';
import { ROOT } from './client';

/** What the standard keeps for old web pages, and TypeScript leaves out on purpose. */
const LEGACY = [
  ...['__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__', '__proto__'],
  ...['toGMTString', 'getYear', 'setYear'],
];
/** The exceptions of WebAssembly, which TypeScript declares for no page either. */
const UNDECLARED = ['Tag', 'Exception'];
const OF_FUNCTIONS = ['length', 'name', 'prototype', 'arguments', 'caller'];

it('has a type for each name of Node and each member of ECMAScript', () => {
  const global = globalThis as unknown as Record<string, object & { prototype?: object }>;
  const standard: string[] = runInNewContext('Object.getOwnPropertyNames(globalThis)');
  const membersOf = (owner: object | undefined, without: readonly string[]) =>
    Object.getOwnPropertyNames(owner ?? {}).filter((name) => !without.includes(name));
  const names = Object.getOwnPropertyNames(global).filter((name) => !/^__|^VITEST/.test(name));
  const members = standard
    .filter((name) => Object(global[name]) === global[name] && name !== 'globalThis')
    .flatMap((name) => [
      ...membersOf(global[name], [...OF_FUNCTIONS, ...UNDECLARED]).map(
        (member) => `${name}.${member}`,
      ),
      ...membersOf(global[name]!.prototype, [...LEGACY, 'constructor']).map(
        (member) => `${name}.prototype.${member}`,
      ),
    ]);
  const all = [...names, ...members].filter((each) => /^\w+(\.[a-zA-Z]\w*)*$/.test(each));
  expect(all.length).toBeGreaterThan(500);
  expect(unknownOf(all)).toEqual([]);
});

/** The expressions for which the checker has no type. */
function unknownOf(expressions: readonly string[]): string[] {
  const compiler = new CellCompiler({ root: ROOT, folder: path.join(ROOT, 'notebooks') });
  try {
    const source = expressions.map((each) => `void ${each};`).join('\n');
    compiler.compile({ label: 'cell [1]', source, cellId: undefined });
    return [];
  } catch (error) {
    if (!(error instanceof CellCompileError)) throw error;
    return error.diagnostics.map(({ position }) => expressions[position.line - 1]!);
  } finally {
    compiler.close();
  }
}
