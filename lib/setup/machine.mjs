/** What this machine is. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where an NVIDIA driver shows: its own files, or under WSL 2 and in containers its tool alone. */
const NVIDIA_DRIVER = [
  'proc/driver/nvidia/version',
  'usr/lib/wsl/lib/nvidia-smi',
  'usr/bin/nvidia-smi',
];

/**
 * Whether an NVIDIA driver is installed, seen without running a program.
 * @param {string} top folder in which to look instead of /
 */
export function hasNvidiaDriver(top = '/') {
  return NVIDIA_DRIVER.some((path) => existsSync(join(top, path)));
}

/** @type {string | undefined} */
let glibc;

/**
 * Version of the GNU C library that runs this process, as "2.36"; empty where there is none.
 * @returns {string}
 */
export function glibcVersion() {
  if (glibc === undefined) {
    // The report would look up host names of every network interface, seconds long at times.
    Object.assign(process.report, { excludeNetwork: true });
    const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
      process.report.getReport()
    );
    glibc = report.header.glibcVersionRuntime ?? '';
  }
  return glibc;
}
