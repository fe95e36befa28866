/**
 * What every npm script runs first: makes a fresh clone complete, or returns at once when it is.
 *
 * Only built-ins of Node, because nothing is installed yet, and only syntax that an old Node can
 * parse, because an old Node is the first thing to report.
 */
const found = process.versions.node.split('.').map(Number);

// Not 21: the tests' tools do not start there. package.json says the same.
if (found[0] > 21 || (found[0] === 20 && found[1] >= 19)) {
  import('./prepare.mjs')
    .then((module) => module.prepare())
    .then((exitCode) => {
      process.exitCode = exitCode;
    });
} else {
  console.error(
    'Set-up stopped: Node 20.19 or newer of version 20, or 22 or newer, is needed; this is ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\n  To mend it: install Node 22 from https://nodejs.org, or run: nvm install 22',
  );
  process.exitCode = 1;
}
