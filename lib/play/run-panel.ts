/** A run's panel with a button that shows its newest network at play. */
import { loadCheckpointNetwork } from '../dqn/checkpoint/load-network';
import { type RunPanel, type ShowRunOptions, showRun as showPanel } from '../runs/panel';
import { requireUsable } from '../runs/record/checkpoints';
import { isLive } from '../runs/record/status';
import type { Run } from '../runs/run';
import { watch } from './watch';

/**
 * Shows a run under the cell and keeps it up to date; cells stay usable meanwhile. After a restart of
 * the kernel it shows the whole run again. A run has one panel: a newer one takes its place. The button
 * Watch saves a checkpoint and shows its network at play below.
 * @param run a run, or its name
 * @throws RunError when there is no such run, Error outside a notebook.
 */
export function showRun(run: Run | string, options: ShowRunOptions = {}): Promise<RunPanel> {
  const { host } = options;
  const watchNewest = async (shown: Run) => {
    await watch(await newestAgent(shown), { disposeNetwork: true, ...(host && { host }) });
  };
  return showPanel(run, {
    buttons: (shown) => ({
      watch: {
        label: 'Watch',
        title: 'Shows the newest network at play',
        onPress: () => watchNewest(shown),
      },
    }),
    ...options,
  });
}

/** The network of now, while the run lives, else that of its last checkpoint. */
async function newestAgent(run: Run) {
  if (isLive((await run.status()).state)) await run.checkpoint();
  const newest = await requireUsable(run.paths, run.name);
  return { network: await loadCheckpointNetwork(newest), info: newest.info };
}
