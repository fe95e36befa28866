/**
 * What every npm script runs first: makes a fresh clone complete, or returns at once when it is.
 *
 * Only built-ins of Node, because nothing is installed yet, and only syntax that an old Node can
 * parse, because an old Node is the first thing to report.
 */
const required = [20, 19];
const found = process.versions.node.split('.').map(Number);

if (found[0] > required[0] || (found[0] === required[0] && found[1] >= required[1])) {
  import('./prepare.mjs')
    .then((module) => module.prepare())
    .then((exitCode) => {
      process.exitCode = exitCode;
    });
} else {
  console.error(
    'Set-up stopped: Node ' +
      required.join('.') +
      ' or newer is needed, this is ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\n  To mend it: install Node 22 from https://nodejs.org, or run: nvm install 22',
  );
  process.exitCode = 1;
}
