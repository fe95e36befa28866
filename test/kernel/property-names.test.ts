import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestKernel } from './client';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  await kernel.execute("import { sep } from 'node:path';\nlet seed = 1;\nconst actions = 4;");
  await kernel.execute('interface Agent { seed: number }\nconst agent: Agent = { seed: 8 };');
});
afterAll(() => kernel.stop());

it.each([
  ['a name of an earlier cell', '({ seed }).seed', '1'],
  ['an imported name', '({ sep }).sep', "'/'"],
  ['several, in a function', '(() => ({ seed, b: { actions } }))().b.actions', '4'],
  ['a local name of the same spelling', '[7].map((seed) => ({ seed }))[0]!.seed', '7'],
  ['the target of an assignment', '({ seed } = { seed: 5 }); seed', '5'],
  ['a target with a default', '({ seed = 6 } = {} as { seed?: number }); seed', '6'],
])('a shorthand property may be %s', async (_, code, expected) => {
  const { result, traceback } = await kernel.execute(code);
  expect(traceback).toBe('');
  expect(result).toBe(expected);
});

it.each([
  ['in a declaration', 'const { seed: own } = agent; own', '8'],
  ['with a default, in a parameter', '(({ seed: s = 2 }: Partial<Agent>) => s)({})', '2'],
  ['in an assignment', 'let target = 0; ({ seed: target } = agent); target', '8'],
  ['in a literal', '({ seed: 3 } as Agent).seed', '3'],
])(
  'a property may be called like a property of an earlier interface %s',
  async (_, code, expected) => {
    const { result, traceback } = await kernel.execute(code);
    expect(traceback).toBe('');
    expect(result).toBe(expected);
  },
);

it('an error in a line with a shorthand property is found in its line', async () => {
  const { traceback } = await kernel.execute(
    "1;\n((x: object) => { throw new Error('a'); })({ seed });",
  );
  expect(traceback).toContain('line 2');
});
