/** Reads the Breakout cartridge and checks that it is the right one. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cartridge, createCartridge } from '../atari/cartridge';
import { messageOf } from '../text';
import { RomError } from './errors';

/** The cartridge that ale-py calls Breakout. */
export const BREAKOUT_MD5 = 'f34f08e5eb96e500e851a80be3277a56';
const BREAKOUT_BYTES = 2048;

const INSTALLED = fileURLToPath(new URL('../../roms/breakout.bin', import.meta.url));

/** All environments share one cartridge, and with it its translated program and reset states. */
let breakout: Cartridge | undefined;

/**
 * Reads the Breakout cartridge.
 *
 * @param path a file; default: the environment variable BREAKOUT_ROM, else roms/breakout.bin
 * @throws RomError when it cannot be read or is not the Breakout that ale-py plays.
 */
export function readRom(path = defaultPath()): Cartridge {
  const help = 'run `npm run setup` to fetch it, or set BREAKOUT_ROM=PATH to your own copy';
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new RomError(`expected the Breakout ROM at ${path}, got "${messageOf(error)}": ${help}`);
  }
  if (bytes.length !== BREAKOUT_BYTES) {
    throw new RomError(
      `expected a Breakout ROM of ${BREAKOUT_BYTES} bytes at ${path}, got ${bytes.length}: ${help}`,
    );
  }
  const cartridge = createCartridge(bytes);
  if (cartridge.md5 !== BREAKOUT_MD5) {
    throw new RomError(
      `expected the Breakout ROM with MD5 ${BREAKOUT_MD5} at ${path}, got ${cartridge.md5}: ${help}`,
    );
  }
  breakout ??= cartridge;
  return breakout;
}

/** A relative BREAKOUT_ROM starts from the user's folder, which npm keeps in INIT_CWD. */
function defaultPath(): string {
  const { BREAKOUT_ROM, INIT_CWD = '' } = process.env;
  return BREAKOUT_ROM ? resolve(INIT_CWD, BREAKOUT_ROM) : INSTALLED;
}
