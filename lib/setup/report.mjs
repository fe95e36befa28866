/** What the set-up shows: each stage with its time; a bar on a terminal, plain lines elsewhere. */
import { explainFileError, SetupError, Stopped } from './errors.mjs';

const BAR_WIDTH = 24;
const DRAW_MS = 100;

/**
 * @typedef {object} Progress
 * @property {(fraction: number, detail: string) => void} update fraction in [0, 1]
 * @property {() => void} done the stage has ended well
 * @property {() => void} stop the stage has not: leave its line for the error that follows
 */

/**
 * Announces a stage.
 * @param {string} name
 * @param {{ isTTY?: boolean, columns?: number, write: (text: string) => unknown }} stream
 * @returns {Progress}
 */
export function startStage(name, stream = process.stderr) {
  return stream.isTTY ? startBar(name, stream) : startLines(name, stream);
}

/** @type {typeof startStage} */
function startBar(name, stream = process.stderr) {
  const begin = performance.now();
  let drawn = begin;
  let text = '';
  const draw = () => {
    drawn = performance.now();
    const line = `${name}  ${text}${seconds(begin, 0)}`;
    stream.write(`\r\u001b[K${line.slice(0, (stream.columns || 80) - 1)}`);
  };
  draw();
  const timer = setInterval(draw, 500); // keeps the seconds running where a tool is silent
  return {
    update(fraction, detail) {
      const full = Math.round(BAR_WIDTH * Math.min(1, fraction));
      text = `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}  ${detail}  `;
      if (performance.now() - drawn > DRAW_MS) draw();
    },
    done() {
      clearInterval(timer);
      stream.write(`\r\u001b[K${name}: done in ${seconds(begin, 1)}\n`);
    },
    stop() {
      clearInterval(timer);
      stream.write('\n');
    },
  };
}

/** @type {typeof startStage} */
function startLines(name, stream = process.stderr) {
  const begin = performance.now();
  let quarter = 0;
  stream.write(`Set-up: ${name} ...\n`);
  return {
    update(fraction, detail) {
      const reached = Math.floor(fraction * 4);
      if (reached <= quarter || reached >= 4) return;
      quarter = reached;
      stream.write(`Set-up: ${name}: ${quarter * 25} % after ${seconds(begin, 0)} (${detail})\n`);
    },
    done() {
      stream.write(`Set-up: ${name}: done in ${seconds(begin, 1)}\n`);
    },
    stop() {},
  };
}

/**
 * @param {number} begin
 * @param {number} digits
 */
function seconds(begin, digits) {
  return `${((performance.now() - begin) / 1000).toFixed(digits)} s`;
}

/**
 * Says what is wrong and how to mend it.
 * @param {unknown} thrown
 * @returns {number} exit code
 */
export function reportFailure(thrown) {
  if (thrown instanceof Stopped) {
    console.error('Set-up stopped. Run the command again: it goes on where it was.');
    return 130;
  }
  const error = explainFileError(thrown);
  if (!(error instanceof SetupError)) throw error;
  console.error(`Set-up stopped: ${error.message}\n  To mend it: ${error.mend}`);
  return 1;
}
