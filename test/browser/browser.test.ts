/** The search for Chromium takes the right program, and its error says how to install one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOfAll } from '../helpers/folder';
import { findChromium } from './chromium';

const folder = folderOfAll();

describe('findChromium', () => {
  it('says how to install the browser where there is none', () => {
    expect(() => findChromium({ PATH: folder })).toThrow(/apt-get install chromium.*CHROMIUM_PATH/);
  });

  it('finds it on the path, and takes the one that is named first', () => {
    const [onPath, named] = ['chromium-browser', 'mine'].map((name) => join(folder, name));
    for (const file of [onPath, named]) writeFileSync(file!, '');
    expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(onPath);
    expect(findChromium({ PATH: folder, CHROMIUM_PATH: named })).toBe(named);
  });

  it('refuses a name that leads nowhere', () => {
    const CHROMIUM_PATH = join(folder, 'gone');
    expect(() => findChromium({ PATH: folder, CHROMIUM_PATH })).toThrow('gone');
  });
});
