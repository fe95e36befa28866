/** What a reader writes in the first notebook is what the Breakout notebook uses: to the letter, but for comments. */
import ts from '@tslab/typescript-for-tslab';
import { expect, it } from 'vitest';
import { cellSource } from './cells';

const printer = ts.createPrinter({ removeComments: true });

function functionOf(notebook: string, cell: string, name: string): ts.FunctionDeclaration {
  const source = cellSource(notebook, cell);
  const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ESNext, true);
  const found = file.statements
    .filter(ts.isFunctionDeclaration)
    .find((statement) => statement.name?.text === name);
  if (found === undefined) throw new RangeError(`expected ${name} in cell ${cell} of ${notebook}`);
  return found;
}

/** In one style, without comments. */
const textOf = (node: ts.Node) =>
  printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());

it.each([
  ['define-epsilon', 'epsilonAt'],
  ['define-q-values', 'toInput'],
  ['define-q-values', 'qValues'],
  ['define-select-action', 'selectAction'],
  ['define-td-targets', 'tdTargets'],
  ['define-train-step', 'trainStep'],
])('%s: %s is the same in both notebooks', (cell, name) => {
  const [small, large] = ['01-q-learning', 'breakout-dqn'].map((notebook) =>
    textOf(functionOf(notebook, cell, name)),
  );
  expect(small).toBe(large);
});

it('train has the same parameters, and one more to go on with', () => {
  const [small, large] = ['01-q-learning', 'breakout-dqn'].map((notebook) => {
    const { parameters } = functionOf(notebook, 'training-loop', 'train');
    return parameters.map((parameter) => parameter.getText());
  });
  expect(small!.slice(0, large!.length)).toEqual(large);
  expect(small![3]).toMatch(/^agent: Agent =/);
});
