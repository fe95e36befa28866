/** What this machine is. */

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
