/** Small programs leave the chips, memory and pictures that ale-py recorded of them, frame by frame. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../lib/conformance/fixture';
import { assembleProgram, getBytes, IN_MEMORY } from '../helpers/programs';
import { replayPrograms } from '../helpers/replay-programs';

const PATH = fileURLToPath(new URL('recordings/programs.bin.gz', import.meta.url));

/** Programs of test/atari/programs that have been recorded. */
const NAMES = [
  ...['players', 'missiles', 'strobes', 'hmove', 'playfield', 'collisions', 'timer', 'decimal'],
];

describe('programs that ale-py has run', () => {
  const fixture = readFixture(PATH);
  const recorded = fixture.get<{ name: string }[]>('programs').map(({ name }) => name);

  it.each(NAMES)('%s is recorded as its source says', (name) => {
    const assembly = assembleProgram(name, IN_MEMORY);
    const bytes = getBytes(assembly, { from: IN_MEMORY, length: 128 });
    const at = 128 * recorded.indexOf(name);
    expect(fixture.array('program').subarray(at, at + 128)).toEqual(bytes);
  });

  it('and 400 random ones go as there, chips, memory and picture, interpreted and translated', () => {
    expect(recorded.length).toBeGreaterThanOrEqual(NAMES.length + 390);
    expect(replayPrograms(fixture)).toEqual([]);
  });

  it('show where they differ', () => {
    const altered = readFixture(PATH);
    altered.array('ram')[128 * 3 + 0x60]! ^= 1;
    const [difference, ...others] = replayPrograms(altered, 'players');
    expect(difference).toMatch(/^players, interpreted, frame 3: RAM\[96\] expected \d+, got \d+$/);
    expect(others).toHaveLength(1); // and translated
  });
});
