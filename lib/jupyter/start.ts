/** `npm start`: JupyterLab on the start page. Options after `--` go to JupyterLab. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../files/atomic';
import { FileError, withFile } from '../files/disk';
import { ROOT } from '../files/root';
import { venvPython } from '../setup/venv';
import { messageOf } from '../text';
import { jupyterEnvironment } from './environment';
import { makeRuntime } from './runtime';

const KERNEL = 'breakout-dqn';
const NOTEBOOK = 'notebooks/00-start.ipynb';
/** Time for the server to end its kernels before it is ended the hard way. */
const STOP_MS = 30_000;

/**
 * Our defaults, as a configuration file and not as options: options of the user then win over them.
 * @see https://jupyter-server.readthedocs.io/en/latest/other/full-config.html
 */
function serverConfig(transport: 'ipc' | 'tcp'): object {
  const notebook = existsSync(join(ROOT, NOTEBOOK)) ? `/tree/${NOTEBOOK}` : '';
  return {
    Application: { log_level: 'WARN' }, // the address is shown all the same
    ServerApp: {
      ip: '127.0.0.1',
      root_dir: ROOT,
      answer_yes: true, // Ctrl-C ends the server without asking back
      allow_root: process.getuid?.() === 0,
    },
    LabApp: {
      default_url: `/lab${notebook}`,
      // Nothing is asked of the network.
      news_url: null,
      check_for_updates_class: 'jupyterlab.NeverCheckForUpdate',
      extension_manager: 'readonly',
    },
    LabServerApp: { app_settings_dir: join(ROOT, 'lib/jupyter/lab-settings') },
    // Only our kernel: JupyterLab brings one for Python along.
    KernelSpecManager: { ensure_native_kernel: false, allowed_kernelspecs: [KERNEL] },
    KernelManager: { transport },
    MultiKernelManager: { default_kernel_name: KERNEL },
  };
}

/** Passes the signals that mean "end" on to the server, which then ends its kernels. */
function stopWithSignals(server: ChildProcess): void {
  const stop = () => {
    server.kill('SIGTERM');
    setTimeout(() => server.kill('SIGKILL'), STOP_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

async function main(): Promise<void> {
  const env = jupyterEnvironment(ROOT, process.env);
  const runtime = await makeRuntime(env.JUPYTER_RUNTIME_DIR);
  env.JUPYTER_RUNTIME_DIR = runtime.folder;
  if (runtime.transport === 'tcp') {
    console.error(
      'The kernels listen on TCP ports, where other users of this machine can read what cells print: ' +
        `neither ${runtime.folder} nor a temporary folder takes sockets.`,
    );
  }
  const settings = env.JUPYTER_CONFIG_DIR;
  await withFile(settings, 'written', () => mkdir(settings, { recursive: true }));
  const config = JSON.stringify(serverConfig(runtime.transport), null, 2);
  // The file is replaced in one step: another server may be starting in this moment.
  await replaceFile(join(settings, 'jupyter_server_config.json'), config);
  // The interpreter starts it, not its jupyter-lab script, which names a path that moves with the project.
  const args = ['-m', 'jupyterlab', ...process.argv.slice(2)];
  const server = spawn(venvPython(join(ROOT, '.venv')), args, { cwd: ROOT, stdio: 'inherit', env });
  stopWithSignals(server);
  server.on('error', (error) => {
    console.error(`JupyterLab cannot be started: ${error.message}. Run "npm run setup".`);
    process.exitCode = 1;
  });
  server.on('exit', (code, signal) => {
    runtime.close();
    process.exitCode = signal ? 1 : (code ?? 1);
  });
}

main().catch((error: unknown) => {
  console.error(`JupyterLab cannot be started: ${messageOf(error)}.`);
  if (error instanceof FileError) {
    console.error('What it writes goes to the folder that BREAKOUT_JUPYTER_DIR names, if it does.');
  }
  process.exitCode = 1;
});
