/** The set-up after the npm packages; run by prepare.mjs, which holds the lock. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { addonStage } from './addon';
import { requireSpace } from './disk.mjs';
import { graphEngineStage, nativeEngineStage } from './engines';
import { requireAll, Stopped } from './errors.mjs';
import { jupyterLabStage } from './jupyterlab';
import { npmProducts } from './npm.mjs';
import { plotlyStage } from './plotly';
import { writeRecord } from './record.mjs';
import { reportFailure } from './report.mjs';
import { romStage } from './rom';
import { stopWithSignals } from './run.mjs';
import { makeSite, runStage, type Site, type Stage, workFolder } from './stage';
import { tensorflowStage } from './tensorflow';

const STAGES = [
  jupyterLabStage, // first: the pip of its environment fetches the wheels of the others
  tensorflowStage,
  addonStage,
  nativeEngineStage,
  graphEngineStage,
  romStage,
  plotlyStage,
];

/** Makes what is missing, each stage in turn; what is there stays untouched. */
async function setUp(site: Site): Promise<void> {
  const stages = STAGES.map((make) => make(site));
  const pending = stages.filter((stage) => !isComplete(site, stage));
  checkMachine(site, pending);
  // Asked again one by one: a new TensorFlow makes the addon of the old one invalid.
  for (const stage of stages) if (!isComplete(site, stage)) await runStage(stage);
  const packages = npmProducts(site.root).map((file) => join('node_modules', file));
  writeRecord(site.root, [...packages, ...stages.flatMap((stage) => stage.products)]);
  console.error('Set-up: everything is there.');
}

/** Whether nothing of a stage is to be done: its own look, and that all it made is still there. */
function isComplete({ root }: Site, stage: Stage): boolean {
  return stage.isDone() && stage.products.every((path) => existsSync(join(root, path)));
}

/** Looks at all that the pending stages need before the first of them downloads anything. */
function checkMachine(site: Site, pending: readonly Stage[]): void {
  requireAll(pending.map((stage) => () => stage.check?.()));
  const bytes = pending.reduce((sum, stage) => sum + stage.bytes, 0);
  requireSpace({ folder: site.root, bytes, what: 'The set-up' });
}

async function main(root: string): Promise<void> {
  const site = makeSite(root);
  stopWithSignals();
  try {
    await setUp(site);
  } catch (error) {
    if (error instanceof Stopped)
      process.exitCode = 130; // prepare.mjs says so
    else process.exitCode = reportFailure(error);
  } finally {
    rmSync(workFolder(site), { recursive: true, force: true });
  }
}

main(process.argv[2] ?? process.cwd());
