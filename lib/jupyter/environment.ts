/** The surroundings in which JupyterLab runs: the project's own, so that the user's stay untouched. */
import { delimiter, join } from 'node:path';
import { userPath } from '../setup/user-path.mjs';

/** Variables by which settings of another Jupyter or Python would come in. */
const FOREIGN = [
  'JUPYTER_CONFIG_PATH',
  'JUPYTER_NO_CONFIG',
  'JUPYTER_PLATFORM_DIRS',
  'JUPYTER_PREFER_ENV_PATH',
  'JUPYTERLAB_DIR',
  'JUPYTERLAB_SETTINGS_DIR',
  'JUPYTERLAB_WORKSPACES_DIR',
  'PYTHONHOME',
  'PYTHONPATH',
];

/**
 * Environment of the server. What Jupyter writes (settings, workspaces, the signatures of trusted
 * notebooks, kernel connections) goes to `.cache/jupyter`, or to BREAKOUT_JUPYTER_DIR.
 * @param root the project's folder, absolute
 */
export function jupyterEnvironment(
  root: string,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv & { JUPYTER_CONFIG_DIR: string; JUPYTER_RUNTIME_DIR: string } {
  const { BREAKOUT_JUPYTER_DIR: own } = env;
  const home = own ? userPath(own, env) : join(root, '.cache/jupyter');
  const kept = Object.entries(env).filter(([name]) => !FOREIGN.includes(name));
  return {
    ...Object.fromEntries(kept),
    PATH: [join(root, '.venv/bin'), env.PATH].join(delimiter),
    JUPYTER_PATH: join(root, 'lib/jupyter'), // its kernels/ and labextensions/
    JUPYTER_CONFIG_DIR: join(home, 'config'),
    JUPYTER_DATA_DIR: join(home, 'data'),
    JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
    IPYTHONDIR: join(home, 'ipython'),
  };
}
