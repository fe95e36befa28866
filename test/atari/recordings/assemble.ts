/** This script assembles the programs which record.py runs in ale-py, and prints them as JSON. */
import { assembleProgram, getBytes, IN_MEMORY } from '../../helpers/programs';

/** Prints the programs that are recorded as JSON, [{ name, frames, bytes }], for record.py. */
const PROGRAMS = {
  ...{ players: 8, missiles: 8, strobes: 8, hmove: 16, playfield: 8, collisions: 4, timer: 8 },
  decimal: 160,
};

const programs = Object.entries(PROGRAMS).map(([name, frames]) => {
  const assembly = assembleProgram(name, IN_MEMORY);
  return { name, frames, bytes: [...getBytes(assembly, { from: IN_MEMORY, length: 128 })] };
});
process.stdout.write(JSON.stringify(programs));
