/** The kernel passes jupyter_kernel_test, Jupyter's own tests of a kernel. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './client';
import { runPython } from './python';

it('passes jupyter_kernel_test and skips nothing', async () => {
  const file = path.join(ROOT, 'test/kernel/jupyter_kernel_test_breakout.py');
  const { code, output } = await runPython([file, '-v']);
  expect(output).toMatch(/^Ran 13 tests in/m);
  expect(output).toMatch(/^OK$/m);
  expect(code).toBe(0);
});
