/**
 * npm run conformance: plays recordings of ale-py and Gymnasium again and compares every frame.
 * Exit codes: 0 all equal, 1 a mismatch or an unreadable file, 2 wrong arguments.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFixture } from '../conformance/check';
import type { Mismatch, Report } from '../conformance/comparison';
import { FIXTURES, FixtureError, readFixture } from '../conformance/fixture';
import { runCommand } from './arguments';

const USAGE = `usage: npm run conformance [-- FILES_OR_FOLDERS]
  FILES_OR_FOLDERS recordings; all of test/conformance by default
`;

const ENDING = '.bin.gz';

/** @throws FixtureError when the path does not exist or the folder has no fixture. */
function listFixtures(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new FixtureError(`expected a fixture or a folder of fixtures, got no such path: ${path}`);
  }
  if (!stats.isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith(ENDING));
  if (names.length === 0) {
    throw new FixtureError(`expected files named *${ENDING} in ${path}, got none`);
  }
  return names.sort().map((name) => join(path, name));
}

const describe = ({ where, what, expected, actual }: Mismatch) =>
  `${where}: ${what} expected ${expected}, got ${actual}`;

function describeReport(path: string, report: Report): string {
  const { unit, compared, mismatches, first, firstByte, inFull } = report;
  const lines = [
    `${mismatches === 0 ? 'ok  ' : 'FAIL'} ${path}: ${compared} ${unit}, ${mismatches} mismatches`,
  ];
  if (first !== null) lines.push(`     first: ${describe(first)}`);
  if (firstByte !== null && firstByte !== first)
    lines.push(`     first byte: ${describe(firstByte)}`);
  if (first !== null && firstByte === null) {
    const reason = inFull === 0 ? 'nothing was recorded in full' : `all ${inFull} in full agree`;
    lines.push(`     no byte to name: ${reason}`);
  }
  return lines.join('\n');
}

/** Null, and a sentence, when the file cannot be read or played: the others are still compared. */
function tryToCheck(file: string): Report | null {
  try {
    return checkFixture(readFixture(file));
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error;
    console.error(`FAIL ${error.message}`);
    return null;
  }
}

function main(args: string[]): number {
  const { positionals: paths } = parseArgs({ args, allowPositionals: true });
  const files = (paths.length > 0 ? paths : [FIXTURES]).flatMap(listFixtures);
  const totals = new Map<string, number>();
  let mismatches = 0;
  let failedFiles = 0;
  for (const file of files) {
    const report = tryToCheck(file);
    if (report === null) {
      failedFiles++;
      continue;
    }
    console.log(describeReport(relative('', file), report));
    totals.set(report.unit, (totals.get(report.unit) ?? 0) + report.compared);
    mismatches += report.mismatches;
    if (report.mismatches > 0) failedFiles++;
  }
  const compared = [...totals].map(([unit, count]) => `${count} ${unit}`).join(', ');
  const failed = failedFiles > 0 ? `, ${failedFiles} files failed` : '';
  console.log(
    `${files.length} files, ${compared || 'nothing'} compared, ${mismatches} mismatches${failed}`,
  );
  return failedFiles === 0 ? 0 : 1;
}

runCommand(main, { usage: USAGE });
