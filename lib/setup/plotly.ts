/** The stage "plot library": plotly.js where JupyterLab serves it to the display extension. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeWorkFolder, type Site, type Stage } from './stage';

const TARGET = 'lib/jupyter/labextensions/breakout-display/static/plotly.js';

export function plotlyStage(site: Site): Stage {
  const source = join(site.root, 'node_modules/plotly.js-dist/plotly.js');
  const target = join(site.root, TARGET);
  return {
    name: 'plot library',
    bytes: 20e6,
    products: [TARGET],
    isDone: () => existsSync(target) && readFileSync(target).equals(readFileSync(source)),
    async run() {
      const copy = join(makeWorkFolder(site, 'plotly'), 'plotly.js');
      copyFileSync(source, copy);
      mkdirSync(dirname(target), { recursive: true });
      renameSync(copy, target);
    },
  };
}
