import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { showRun } from '../../lib/play/run-panel';
import { pathsIn } from '../../lib/runs/record/folder';
import { emptyStatus } from '../../lib/runs/record/status';
import { ButtonHost, FakeClock } from '../display/fake-host';
import { folderOfTest } from '../helpers/folder';
import { describeToy } from '../runs/toy';

it('a panel offers to watch a run, and says that one without a checkpoint cannot be watched', async () => {
  const paths = pathsIn(`${folderOfTest()}/one`, 'one');
  mkdirSync(paths.folder, { recursive: true });
  writeFileSync(paths.config, JSON.stringify(await describeToy({ name: 'one' })));
  writeFileSync(paths.status, JSON.stringify({ ...emptyStatus('one'), state: 'stopped' }));
  writeFileSync(paths.metrics, '');
  const host = new ButtonHost();
  const runsFolder = paths.folder.replace(/.one$/, '');
  const panel = await showRun('one', { runsFolder, host, clock: new FakeClock() });
  expect(host.enabled()).toEqual(['resume', 'watch']);
  await host.press('watch');
  expect(host.replies).toMatchObject([
    { error: expect.stringContaining('the run one has no checkpoint yet') },
  ]);
  panel.close();
});
