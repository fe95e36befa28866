/** The process of a run, from its start to its end. */
import type { ConfigEdits } from '../../dqn/config/config';
import { messageOf } from '../../text';
import type { Request } from '../control/exchange';
import { obey, type StartMessage } from '../control/messages';
import { type Control, openControl } from '../control/ownership';
import { pathsIn, RunError } from '../record/folder';
import { startingStatus } from '../record/status';
import type { CreateProgram } from './prepare';
import type { Runner } from './runner';

/**
 * Does all the work of a run's process. A file that calls it can be the `program` of `startRun`, which
 * then starts it as `node FILE FOLDER NAME EDITS`.
 * @param create makes environment, network and memory; for equal config and seed equal ones. What it
 *   imports itself, by `import()`, is loaded when the run answers already
 */
export async function runProcess(create: CreateProgram): Promise<void> {
  const [folder, name, edits] = process.argv.slice(2) as [string, string, string];
  const paths = pathsIn(folder, name);
  process.on('disconnect', () => {}); // whoever started it may go
  process.on('SIGHUP', () => {}); // and so may the terminal
  const report = (message: StartMessage) => {
    if (process.connected) process.send!(message, () => process.disconnect?.());
  };
  let runner: Runner | undefined;
  let control: Control | undefined;
  try {
    const handle = async (request: Request) => {
      if (runner !== undefined) return obey(runner, request);
      if (request.command === 'status') return startingStatus(paths);
      throw new RunError(`the run ${name} is starting: ask again in some seconds`);
    };
    control = await openControl({ paths, handle });
    // TensorFlow takes seconds to load: whoever asks meanwhile is told that the run is starting
    const { prepare } = await import('./prepare');
    runner = await prepare({ paths, create, edits: JSON.parse(edits) as ConfigEdits });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => runner!.stop().catch(() => {})); // run() throws the same
    }
    await runner.run(() => report({ ready: true }));
  } catch (error) {
    console.error(error);
    await runner?.fail(error);
    await control?.close(); // first, so that whoever started it finds nobody else running it
    report({ error: messageOf(error) });
    process.exitCode = 1;
    return;
  }
  await control?.close();
}
