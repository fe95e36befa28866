/** Plays a recording of any kind again and compares it. */
import { RomError } from '../env/errors';
import { checkBoot, checkStart } from './check-chips';
import { checkGym, checkNoops } from './check-gym';
import { checkPalette, checkResize } from './check-pictures';
import { checkRaw, checkRestore } from './check-raw';
import type { Report } from './comparison';
import { type Fixture, FixtureError } from './fixture';

const CHECKS: Readonly<Record<string, (fixture: Fixture) => Report>> = {
  boot: checkBoot,
  start: checkStart,
  raw: checkRaw,
  restore: checkRestore,
  gym: checkGym,
  noops: checkNoops,
  palette: checkPalette,
  resize: checkResize,
};

/**
 * Plays a fixture again and compares.
 * @throws FixtureError when its kind is unknown or its content cannot be played.
 */
export function checkFixture(fixture: Fixture): Report {
  const check = Object.hasOwn(CHECKS, fixture.kind) ? CHECKS[fixture.kind] : undefined;
  if (check === undefined) {
    const kinds = Object.keys(CHECKS).join(', ');
    throw new FixtureError(
      `expected a fixture of kind ${kinds} at ${fixture.path}, got ${fixture.kind}`,
    );
  }
  try {
    requireEntries(fixture);
    const report = check(fixture);
    if (report.compared === 0) throw new FixtureError('expected something to compare, got nothing');
    return report;
  } catch (error) {
    if (error instanceof RomError || !(error instanceof Error)) throw error;
    throw new FixtureError(`${fixture.path} cannot be played: ${error.message}`, { cause: error });
  }
}

/** One entry for each action: reward, checksums and the rest. */
const PER_ACTION = [
  'reward',
  'lives',
  'flags',
  'ramCrc',
  'screenCrc',
  'strength',
  'frameNo',
  'episodeFrameNo',
  'obsCrc',
  'stackCrc',
];

/** @throws FixtureError when there is nothing to compare, or less than the actions ask for. */
function requireEntries(fixture: Fixture): void {
  if (!fixture.has('action')) return;
  const { length } = fixture.array('action');
  if (length === 0) throw new FixtureError('expected at least one action, got none');
  for (const name of PER_ACTION) {
    if (fixture.has(name) && fixture.array(name).length !== length) {
      const got = fixture.array(name).length;
      throw new FixtureError(`expected ${length} entries in '${name}', one per action, got ${got}`);
    }
  }
  for (const name of ['snapFrame', 'snapStep']) {
    if (fixture.has(name) && fixture.array(name).some((at) => at >= length)) {
      throw new FixtureError(`expected '${name}' below the ${length} actions, got a later one`);
    }
  }
}
