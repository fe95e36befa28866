/** Tells files of installed packages, which do not change under a kernel, from the project's and the reader's. */

export function isPackageFile(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}
