/** Paths as the user typed them. */
import { resolve } from 'node:path';

/**
 * A path made absolute from where the user stands: npm runs its scripts in the project's folder, and
 * keeps the user's own in INIT_CWD.
 * @param {string} path
 * @param {NodeJS.ProcessEnv} env
 */
export function userPath(path, env = process.env) {
  return resolve(env.INIT_CWD || process.cwd(), path);
}
