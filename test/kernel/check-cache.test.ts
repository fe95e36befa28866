/** The record of checked files knows equal states again in any process, and survives damage. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CheckCache } from '../../lib/kernel/cells/check-cache';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'check-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('knows a state again in another process, in any order of its files', () => {
  new CheckCache({ folder, context: 'c' }).add(['a:1', 'b:1']);
  const other = new CheckCache({ folder, context: 'c' });
  expect(other.has(['b:1', 'a:1'])).toBe(true);
});

it('takes any difference for a new state', () => {
  new CheckCache({ folder, context: 'c' }).add(['a:1', 'b:1']);
  const other = new CheckCache({ folder, context: 'c' });
  expect(other.has(['a:1', 'b:2'])).toBe(false);
  expect(other.has(['a:1'])).toBe(false);
  expect(new CheckCache({ folder, context: 'd' }).has(['a:1', 'b:1'])).toBe(false);
});

it('keeps several states', () => {
  const cache = new CheckCache({ folder, context: 'c' });
  cache.add(['a:1']);
  cache.add(['b:1']);
  expect([cache.has(['a:1']), cache.has(['b:1'])]).toEqual([true, true]);
});

it('starts anew from a file that is no list', () => {
  writeFileSync(path.join(folder, 'checked-library.json'), '{"half');
  const cache = new CheckCache({ folder, context: 'c' });
  expect(cache.has(['a:1'])).toBe(false);
  cache.add(['a:1']);
  expect(cache.has(['a:1'])).toBe(true);
});

it('does without a folder that cannot be made', () => {
  writeFileSync(path.join(folder, 'file'), '');
  const cache = new CheckCache({ folder: path.join(folder, 'file', 'inside'), context: 'c' });
  cache.add(['a:1']);
  expect(cache.has(['a:1'])).toBe(false);
});
