/** A relative path in BREAKOUT_ROM is taken from the folder where the user called npm. */
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { readRom } from '../../lib/env/rom';

afterEach(() => vi.unstubAllEnvs());

it('a relative BREAKOUT_ROM is one from where the user stands', () => {
  vi.stubEnv('BREAKOUT_ROM', 'breakout.bin');
  vi.stubEnv('INIT_CWD', fileURLToPath(new URL('../../roms', import.meta.url)));
  expect(readRom().md5).toBe('f34f08e5eb96e500e851a80be3277a56');
  vi.stubEnv('INIT_CWD', fileURLToPath(new URL('.', import.meta.url)));
  expect(() => readRom()).toThrow(/expected the Breakout ROM at .*\/env\/breakout\.bin, got/);
});
