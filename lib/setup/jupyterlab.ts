/** The stage "JupyterLab": a Python environment of the project's own, in .venv. */
import type { Site, Stage } from './stage';
import { venvStage } from './venv';

export function jupyterLabStage(site: Site): Stage {
  return venvStage(site, {
    name: 'JupyterLab',
    folder: '.venv',
    requirements: 'lib/setup/requirements.txt',
    module: 'jupyterlab',
    bytes: 0.5e9,
  });
}
