/** Makes the environment of Ray, which only sweeps on a cluster need, in .ray: `node --import tsx ray.ts ROOT`. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireSpace } from './disk.mjs';
import { takeLock } from './lock.mjs';
import { reportFailure } from './report.mjs';
import { stopWithSignals } from './run.mjs';
import { makeSite, runStage, type Site, type Stage, workFolder } from './stage';
import { venvStage } from './venv';

function rayStage(site: Site): Stage {
  return venvStage(site, {
    name: 'Ray',
    folder: '.ray',
    requirements: 'lib/setup/ray-requirements.txt',
    module: 'ray',
    bytes: 1.5e9,
  });
}

async function makeEnvironment(site: Site): Promise<void> {
  const stage = rayStage(site);
  if (stage.isDone()) return;
  stage.check?.();
  requireSpace({ folder: site.root, bytes: stage.bytes, what: 'Ray' });
  await runStage(stage);
}

async function main(root: string): Promise<void> {
  const site = makeSite(root);
  const cache = join(root, '.cache/setup');
  stopWithSignals();
  mkdirSync(cache, { recursive: true });
  process.chdir(cache); // the address of a socket must be short
  try {
    const onWait = () =>
      console.error('Set-up: another one is at work in this folder, waiting ...');
    const lock = await takeLock({ folder: 'lock', onWait });
    try {
      await makeEnvironment(site);
    } finally {
      rmSync(workFolder(site), { recursive: true, force: true });
      lock.release();
    }
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

main(process.argv[2]!);
