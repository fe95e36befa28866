/** The process of a run on Breakout; `startRun` starts it. */
import { runProcess } from './run-process';

runProcess(async (options) => {
  const { createBreakoutProgram } = await import('./breakout-program');
  return createBreakoutProgram(options);
});
