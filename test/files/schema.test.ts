/** What does not fit a schema is named: the file, the field, what was expected and what came. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { replaceFile } from '../../lib/files/atomic';
import { FileError, isDiskFull, withFile } from '../../lib/files/disk';
import { readJson, requireJson } from '../../lib/files/json';
import {
  conform,
  exactly,
  fields,
  listOf,
  number,
  optional,
  orNull,
  recordOf,
  text,
  whole,
} from '../../lib/files/schema';
import { folderOfTest } from '../helpers/folder';

interface Point {
  readonly kind: 'a' | 'b';
  readonly at: readonly number[];
  readonly notes: Readonly<Record<string, string>>;
  readonly step: number | null;
  readonly more?: number;
}

const POINT = fields<Point>({
  kind: exactly('a', 'b'),
  at: listOf(number),
  notes: recordOf(text),
  step: orNull(whole),
  more: optional(number),
});
const point = { kind: 'a', at: [1, 2.5], notes: { x: 'y' }, step: null };

test('what fits is handed back as it is, with fields that are not known', () => {
  const value = { ...point, more: 3, unknown: [] };
  expect(conform(value, POINT, 'it')).toBe(value);
});

test.each([
  [null, 'it must be an object, got null'],
  [[point], 'it must be an object, got'],
  [{ ...point, kind: 'c' }, "it: kind must be one of a, b, got 'c'"],
  [{ ...point, at: 3 }, 'it: at must be a list, got 3'],
  [{ ...point, at: [1, '2'] }, "it: at[1] must be a number, got '2'"],
  [{ ...point, notes: { x: 1 } }, 'it: notes.x must be a text, got 1'],
  [{ ...point, step: 1.5 }, 'it: step must be a whole number of at least 0 or null, got 1.5'],
  [{ ...point, more: null }, 'it: more must be a number, got null'],
  [Object.create(point), 'it: kind must be one of a, b, got undefined'],
])('%j is refused', (value, message) => {
  expect(() => conform(value, POINT, 'it')).toThrow(message);
});

describe('a file', () => {
  test('that is not there is undefined, or an error where it must be there', async () => {
    const path = join(folderOfTest(), 'none.json');
    expect(await readJson(path, text)).toBeUndefined();
    await expect(requireJson(path, text)).rejects.toThrow(`${path} cannot be read (ENOENT): there`);
  });

  test('that is not as the schema says is named', async () => {
    const path = join(folderOfTest(), 'it.json');
    writeFileSync(path, '7');
    await expect(readJson(path, text)).rejects.toThrow(`${path} must be a text, got 7`);
    writeFileSync(path, '{"a":');
    await expect(readJson(path, text)).rejects.toThrow(`${path} must be JSON, and is none (`);
    await expect(readJson(join(path, '..'), text)).rejects.toThrow('must be a file, and is none');
  });

  test('that cannot be read or written says why, and keeps the code', async () => {
    const folder = folderOfTest();
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    const reading = readJson(loop, text);
    await expect(reading).rejects.toBeInstanceOf(FileError);
    await expect(reading).rejects.toMatchObject({ code: 'ELOOP' });
    const missing = join(folder, 'none/it.json');
    const said = `${missing} cannot be written (ENOENT): there is no such file or folder, look at the path`;
    await expect(replaceFile(missing, '')).rejects.toThrow(said);
    const full = async () => {
      throw Object.assign(new Error('write'), { code: 'ENOSPC' });
    };
    const error = await withFile('/x', 'written', full).catch((thrown: unknown) => thrown);
    expect([String(error), isDiskFull(error)]).toEqual([
      'FileError: /x cannot be written (ENOSPC): the disk is full, free some space and try again',
      true,
    ]);
  });
});
