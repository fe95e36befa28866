import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { courseModule } from '../../lib/notebook/course-module';
import { listSources, moduleOf } from '../../lib/notebook/files';
import { parsePercent } from '../../lib/notebook/percent';

const moduleFrom = (text: string) =>
  courseModule(parsePercent(text, { file: 'a.ts' }), { source: 'a.ts' });

describe('courseModule', () => {
  it('exports what shared cells declare, with the imports that they use', () => {
    const text = moduleFrom(`// %% id="a" tags=["shared"]
import { used, unused } from 'breakout-dqn';

/** Three. */
const three = used(1) + 2; // two

// %% id="b"
import type { Two } from 'node:two';
const two = three;

// %% id="c" tags=["core", "shared"]
interface Three extends Two {}
class Four {}
async function five() {}
three + 1;
`);
    expect(
      text,
    ).toBe(`/** The cells of notebooks/a.ts that other notebooks use. Made by npm run notebooks:build. */
import { used } from '../index';
import type { Two } from 'node:two';

/** Three. */
export const three = used(1) + 2; // two

export interface Three extends Two {}
export class Four {}
export async function five() {}
three + 1;
`);
  });

  it('makes none of a notebook without shared cells', () => {
    expect(moduleFrom('// %% id="a"\n1;')).toBeUndefined();
  });
});

const modules = listSources()
  .map((source) => [basename(source), moduleOf(source)] as const)
  .filter(([, { text }]) => text !== undefined);

it.each(modules)('the module of %s is the one of its cells', (_, { file, text }) => {
  expect(readFileSync(file, 'utf8')).toBe(text);
});
