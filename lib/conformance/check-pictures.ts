/** Compares colours and resized pictures with recordings of ale-py and OpenCV. */
import { PALETTE_GRAY, PALETTE_RGB } from '../atari/palette';
import { toGray } from '../env/atari-env';
import { AreaResizer } from '../env/resize';
import { Mt19937 } from '../random';
import { Comparison, type Report, SCREEN } from './comparison';
import type { Fixture } from './fixture';

const SIZE = 84;
const RESIZED = SIZE * SIZE;

/** The colours of the 128 even palette indices. */
export function checkPalette(fixture: Fixture): Report {
  const comparison = new Comparison('colours');
  const colours = fixture.get<Record<string, readonly number[]>>('even');
  for (const [key, [red, green, blue, gray]] of Object.entries(colours)) {
    const index = Number(key);
    comparison.begin(`colour ${index}`);
    comparison.number('red', PALETTE_RGB[3 * index]!, red!);
    comparison.number('green', PALETTE_RGB[3 * index + 1]!, green!);
    comparison.number('blue', PALETTE_RGB[3 * index + 2]!, blue!);
    comparison.number('gray', PALETTE_GRAY[index]!, gray!);
  }
  return comparison.report();
}

/** 210x160 to 84x84: noise, maxima of noise, maxima of successive frames. */
export function checkResize(fixture: Fixture): Report {
  const comparison = new Comparison('pictures');
  const resizer = new AreaResizer({ from: [210, 160], to: [SIZE, SIZE] });
  const resized = new Uint8Array(RESIZED);
  const compare = (picture: Uint8Array, name: string, k: number) => {
    resizer.resize(picture, resized);
    const expected = fixture.array(name).subarray(k * RESIZED, (k + 1) * RESIZED);
    comparison.pixels(resized, expected, SIZE);
  };

  const random = new Mt19937(fixture.get('mtSeed'));
  const noise = Array.from({ length: fixture.get<number>('images') }, () =>
    Uint8Array.from({ length: SCREEN }, () => random.nextUint32() & 0xff),
  );
  noise.forEach((picture, k) => {
    comparison.begin(`noise ${k}`);
    comparison.checksum('picture', picture, fixture.array('inputCrc')[k]!);
  });
  for (let k = 0; k < noise.length / 2; k++) {
    comparison.begin(`resized noise ${k}`);
    compare(noise[k]!, 'single', k);
    comparison.begin(`resized maximum ${k}`);
    compare(getMaximum(noise[2 * k]!, noise[2 * k + 1]!), 'pooled', k);
  }

  const pairs = fixture.array('framePair') as Uint8Array;
  for (let k = 0; k < pairs.length / (2 * SCREEN); k++) {
    comparison.begin(`frame pair ${k}`);
    const at = 2 * k * SCREEN;
    const earlier = toGray(pairs.subarray(at, at + SCREEN));
    const later = toGray(pairs.subarray(at + SCREEN, at + 2 * SCREEN));
    const pooled = getMaximum(earlier, later);
    comparison.checksum('maximum', pooled, fixture.array('framePooledCrc')[k]!);
    compare(pooled, 'frameOut', k);
  }
  return comparison.report();
}

function getMaximum(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((value, i) => Math.max(value, b[i]!));
}
