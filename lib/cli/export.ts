/**
 * npm run export -- RUN TARGET: keeps what a run has brought, in files small enough to be committed.
 * Exit codes: 0 done, 1 it cannot be exported, 2 wrong arguments.
 */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import { replaceFile } from '../files/atomic';
import { RunError } from '../runs/record/folder';
import { exportAgent } from '../runs/results/agent';
import { courseOf, encodeCourse, readCourse } from '../runs/results/course';
import { userPath } from '../setup/user-path.mjs';
import { runCommand, UsageError } from './arguments';
import { findRun } from './find-run';

const USAGE = `usage: npm run export -- RUN TARGET [options]
  RUN                     a run's name or folder
  TARGET                  a folder for the agent: network, settings and course; or NAME.json for the course alone
  --checkpoint CHECKPOINT the agent of this checkpoint of the run, in place of the newest
`;

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { checkpoint: { type: 'string' } },
  });
  const [subject, target] = positionals;
  if (subject === undefined || target === undefined || positionals.length > 2) {
    throw new UsageError('name one run and one target');
  }
  const { checkpoint } = values;
  if (checkpoint !== undefined && extname(target) === '.json') {
    throw new UsageError('--checkpoint is for an agent: name a folder as the target');
  }
  return {
    subject,
    target: userPath(target),
    checkpoint: checkpoint === undefined ? undefined : userPath(checkpoint),
  };
}

async function main(args: string[]): Promise<number> {
  const { subject, target, checkpoint } = readArguments(args);
  const run = await findRun(subject);
  if (extname(target) === '.json') {
    // what an export made may be replaced, and nothing else
    if (existsSync(target)) await readCourse(target);
    const course = courseOf(await run.config(), await run.metrics());
    if (course.rows.length === 0) throw new RunError(`the run ${run.name} has ended no game yet`);
    await replaceFile(target, encodeCourse(course));
    console.log(`${target}: ${course.rows.length} rows`);
    return 0;
  }
  const options = { run, folder: target, ...(checkpoint === undefined ? {} : { checkpoint }) };
  const { agentStep } = await exportAgent(options);
  console.log(`${target}: the agent after ${agentStep.toLocaleString('en')} agent steps`);
  return 0;
}

runCommand(main, { usage: USAGE });
