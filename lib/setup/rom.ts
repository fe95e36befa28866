/** The stage "Breakout ROM": out of the ale-py wheel, or the user's own file. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { SetupError } from './errors.mjs';
import { makeWorkFolder, type Site, type Stage } from './stage';
import { userPath } from './user-path.mjs';
import { fetchWheels } from './wheels';

const ROM_PATH = 'roms/breakout.bin';
const ROM_SIZE = 2048;
/** The cartridge that the Arcade Learning Environment plays. */
const ROM_MD5 = 'f34f08e5eb96e500e851a80be3277a56';

export function romStage(site: Site): Stage {
  const target = join(site.root, ROM_PATH);
  const own = site.env.BREAKOUT_ROM && userPath(site.env.BREAKOUT_ROM, site.env);
  return {
    name: 'Breakout ROM',
    bytes: 10e6,
    products: [ROM_PATH],
    isDone: () => isRom(target) && (!own || isRom(own)),
    check() {
      if (own)
        requireRom(
          own,
          'set BREAKOUT_ROM to the right file, or unset it: the ROM is then downloaded',
        );
      else if (existsSync(target))
        requireRom(target, `rm -r ${relative(process.cwd(), target)}, then run the command again`);
    },
    async run(progress) {
      const folder = makeWorkFolder(site, 'rom');
      const copy = join(folder, 'ale_py/roms/breakout.bin');
      if (own) {
        mkdirSync(join(folder, 'ale_py/roms'), { recursive: true });
        copyFileSync(own, copy);
      } else {
        const platforms = ['manylinux_2_27_x86_64'];
        const keep = ['ale_py/roms/breakout.bin'];
        await fetchWheels({ site, list: 'ale-py', platforms, keep, target: folder, progress });
      }
      requireRom(copy, 'run the command again');
      mkdirSync(join(site.root, 'roms'), { recursive: true });
      renameSync(copy, target);
    },
  };
}

function isRom(path: string): boolean {
  return existsSync(path) && explainWrongRom(path) === undefined;
}

function requireRom(path: string, mend: string): void {
  if (!existsSync(path)) throw new SetupError(`The ROM file ${path} does not exist.`, mend);
  const wrong = explainWrongRom(path);
  if (wrong) throw new SetupError(wrong, mend);
}

/** One sentence when a file is not the ROM, undefined when it is. */
function explainWrongRom(path: string): string | undefined {
  const found = describeFile(path);
  const wanted = `${ROM_SIZE} bytes with MD5 ${ROM_MD5}`;
  return found === wanted
    ? undefined
    : `${path} is not the Breakout ROM: expected ${wanted}, got ${found}.`;
}

/** Size and, where the size is right, MD5: what is named may be a film, a folder or a device. */
function describeFile(path: string): string {
  const found = statSync(path);
  if (found.isDirectory()) return 'a folder';
  if (!found.isFile()) return 'no regular file';
  if (found.size !== ROM_SIZE) return `${found.size} bytes`;
  return `${ROM_SIZE} bytes with MD5 ${createHash('md5').update(readFileSync(path)).digest('hex')}`;
}
