/** Says which files are of installed packages: these do not change under a kernel. */

export function isPackageFile(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}
